// Starts the explorer of the JSON interface; a file of its own because the pages allow no script inside HTML.
SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#swagger",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
