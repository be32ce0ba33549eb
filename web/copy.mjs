// Copies the few files that browsers need out of node_modules into the folder that the pages serve.
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const vendor = join(here, "..", "api", "pages", "static", "vendor");

const files = {
  "@digdir/designsystemet-theme/src/themes/designsystemet.css": "designsystemet/theme.css",
  "@digdir/designsystemet-css/dist/src/index.css": "designsystemet/components.css",
  "@digdir/designsystemet-web/dist/umd/index.js": "designsystemet/components.js",
  "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter/inter-latin.woff2",
  "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter/inter-latin-ext.woff2",
  "htmx.org/dist/htmx.min.js": "htmx/htmx.js",
  "swagger-ui-dist/swagger-ui.css": "swagger/swagger-ui.css",
  "swagger-ui-dist/swagger-ui-bundle.js": "swagger/swagger-ui-bundle.js",
};

await rm(vendor, { recursive: true, force: true });

for (const [from, to] of Object.entries(files)) {
  const target = join(vendor, to);
  await mkdir(dirname(target), { recursive: true });
  await cp(join(packages, from), target);
}

// The licences ask that their text goes along with the files.
for (const name of new Set(Object.keys(files).map(packageOf))) {
  const folder = join(packages, name);
  const texts = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  if (texts.length === 0) throw new Error(`${name} comes without a licence text`);
  for (const text of texts) {
    const target = join(vendor, "licences", name.replace("/", "-"), text);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(folder, text), target);
  }
}

function packageOf(path) {
  return path.split("/").slice(0, path.startsWith("@") ? 2 : 1).join("/");
}
