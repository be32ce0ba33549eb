// What the pages gain with JavaScript: a readout that follows pointer and focus on the map, and arrow keys that walk it.
(() => {
  "use strict";

  const readout = document.createElement("div");
  readout.className = "readout";
  readout.setAttribute("aria-hidden", "true");
  readout.hidden = true;
  document.body.append(readout);

  const tileAt = (target) => (target instanceof Element ? target.closest(".tile-map a") : null);

  function show(tile) {
    readout.textContent = tile.dataset.name;
    readout.hidden = false;
    const box = tile.getBoundingClientRect();
    const width = readout.offsetWidth;
    const left = Math.min(Math.max(8, box.left + box.width / 2 - width / 2), document.documentElement.clientWidth - width - 8);
    readout.style.left = `${left + window.scrollX}px`;
    readout.style.top = `${box.top + window.scrollY - readout.offsetHeight - 8}px`;
  }

  const hide = () => {
    readout.hidden = true;
  };

  // With arrow keys the map needs one stop in the tab order instead of 357.
  function prepare(root) {
    for (const map of root.querySelectorAll("svg.tile-map")) {
      map.querySelectorAll("a").forEach((tile, number) => {
        const title = tile.querySelector("title");
        if (!title) return;
        tile.dataset.name = title.textContent;
        tile.setAttribute("aria-label", title.textContent);
        title.remove();
        tile.setAttribute("tabindex", number === 0 ? "0" : "-1");
      });
    }
  }

  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function centre(tile) {
    const place = tile.querySelector("use");
    return [Number(place.getAttribute("x")), Number(place.getAttribute("y"))];
  }

  function walk(tile, [right, down]) {
    const [x, y] = centre(tile);
    let best = null;
    let least = Infinity;
    for (const other of tile.closest("svg").querySelectorAll("a")) {
      const [otherX, otherY] = centre(other);
      const ahead = (otherX - x) * right + (otherY - y) * down;
      const aside = Math.abs((otherX - x) * down) + Math.abs((otherY - y) * right);
      if (ahead > 1 && ahead + 2 * aside < least) {
        least = ahead + 2 * aside;
        best = other;
      }
    }
    return best;
  }

  document.addEventListener("keydown", (event) => {
    const tile = tileAt(event.target);
    if (event.key === "Escape") hide();
    if (!tile || !(event.key in steps)) return;
    event.preventDefault();
    const next = walk(tile, steps[event.key]);
    if (!next) return;
    tile.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });

  // The suggestion box takes Enter to empty itself unless an option matches; here Enter sends what stands in the field,
  // or the option that is chosen with the arrow keys. On the window, as the box listens first on the document.
  window.addEventListener(
    "keydown",
    (event) => {
      const box = event.key === "Enter" && !event.isComposing && event.target instanceof Element && event.target.closest("ds-suggestion");
      const field = box && box.querySelector("input");
      if (!field || event.target !== field) return;
      const option = document.getElementById(field.getAttribute("aria-activedescendant") || "");
      event.preventDefault();
      event.stopImmediatePropagation();
      if (option) field.value = option.value;
      field.form.requestSubmit();
    },
    true,
  );

  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, (event) => {
      const tile = tileAt(event.target);
      if (tile) show(tile);
      else hide();
    });
  }
  document.addEventListener("focusout", hide);

  prepare(document);
  document.addEventListener("htmx:load", (event) => prepare(event.target));
  document.addEventListener("htmx:beforeSwap", hide);
})();
