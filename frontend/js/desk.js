// The console's comforts: the palette over its search, and rows that are chosen.
(() => {
  "use strict";

  // --- The palette: Ctrl or Command with K, or a slash; arrows, Enter, Escape -------------------------------
  const palette = document.getElementById("palette");
  const field = document.getElementById("palette-q");
  const found = document.getElementById("palette-found");
  const opener = document.querySelector("[data-palette-opener] input");
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);

  const options = () => [...found.querySelectorAll('[role="option"]:not([aria-disabled])')];
  const chosen = () => found.querySelector('[role="option"][aria-selected="true"]');

  function choose(option) {
    options().forEach((each) => each.setAttribute("aria-selected", each === option));
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }

  function openPalette(text = "") {
    if (palette.open) return;
    field.value = text;
    palette.showModal();
    field.select();
    field.dispatchEvent(new Event("open"));
  }

  function step(by) {
    const all = options();
    if (!all.length) return;
    const at = all.indexOf(chosen());
    choose(all[(at + by + all.length + (at < 0 && by < 0 ? 1 : 0)) % all.length]);
  }

  const isTyping = (target) => target instanceof Element && Boolean(target.closest("input, textarea, select, [contenteditable]"));

  document.addEventListener("keydown", (event) => {
    const withCommand = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
    if (!withCommand && !slash) return;
    if (document.querySelector("dialog[open]:not(#palette)")) return;
    event.preventDefault();
    openPalette();
  });

  if (palette && opener) {
    const hint = opener.parentElement.querySelector("[data-shortcut]");
    hint.textContent = mac ? "⌘K" : "Ctrl K";
    hint.hidden = false;
    opener.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      openPalette();
    });
    // By keyboard one comes to the box and types: what was typed goes along.
    opener.addEventListener("input", () => {
      openPalette(opener.value);
      opener.value = "";
      field.setSelectionRange(field.value.length, field.value.length);
    });

    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        step(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter" && chosen()) {
        event.preventDefault();
        chosen().click();
      } else if (event.key === "Escape") {
        event.preventDefault(); // or a search field would only be emptied
        palette.close();
      }
    });
    // What is on show answers what was typed before: Enter then asks the page instead.
    field.addEventListener("input", () => choose(null));
    found.addEventListener("pointermove", (event) => {
      const option = event.target.closest('[role="option"]:not([aria-disabled])');
      if (option && option !== chosen()) choose(option);
    });
    palette.addEventListener("click", (event) => event.target === palette && palette.close());
    document.body.addEventListener("htmx:afterSwap", (event) => {
      if (event.target === found) choose(field.value.trim() ? options()[0] : null);
    });
  }

  // --- Chosen rows: all at once, how many, and nothing to press while there are none ----------------------------
  function countChosen() {
    const bulk = document.querySelector("[data-bulk]");
    if (!bulk) return;
    const all = [...document.querySelectorAll("[data-bulk-one]")];
    const count = all.filter((box) => box.checked).length;
    bulk.querySelector("[data-bulk-count]").textContent = count;
    bulk.querySelector("[data-bulk-none]").hidden = count > 0;
    bulk.querySelector("[data-bulk-some]").hidden = count === 0;
    bulk.toggleAttribute("data-some", count > 0);
    bulk.querySelectorAll("[data-bulk-action]").forEach((button) => (button.disabled = count === 0));
    const every = document.querySelector("[data-bulk-all]");
    every.hidden = false;
    every.checked = count > 0 && count === all.length;
    every.indeterminate = count > 0 && count < all.length;
  }

  document.addEventListener("change", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.matches("[data-bulk-all]")) {
      document.querySelectorAll("[data-bulk-one]").forEach((box) => (box.checked = event.target.checked));
    }
    if (event.target.matches("[data-bulk-all], [data-bulk-one]")) countChosen();
  });
  document.body.addEventListener("htmx:load", countChosen);
  window.addEventListener("pageshow", countChosen);
  countChosen();

  // --- The builder of segments: what is chosen says which values there are -----------------------------------
  document.addEventListener("change", (event) => {
    if (!(event.target instanceof Element) || !event.target.matches("[data-subject]")) return;
    const value = event.target.closest("fieldset").querySelector('[data-for="value"] input');
    value.setAttribute("list", `choices-${event.target.value.replace(/^trait:/, "")}`);
  });

  // --- What a hint says goes with Escape, and comes again when one comes back to it ------------------------------
  const shut = (hint, is) => hint?.toggleAttribute("data-shut", is);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll(".hint:is(:hover, :focus-within)").forEach((hint) => shut(hint, true));
  });
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, (event) => {
      const button = event.target instanceof Element && event.target.closest("[data-hint]");
      if (button) shut(button.parentElement, false);
    });
  }

  // --- A question that a form led to: coming back to it asks anew, and sends nothing a second time ----------
  if (document.querySelector('[name="step"]:is([value="confirm"], [value="look"])')) history.replaceState(history.state, "");

  // --- On a low or a narrow screen the places scroll; where one is must be in sight -----------------------
  document
    .querySelectorAll('.console-nav [aria-current="page"], .line-tabs [aria-current="page"]')
    .forEach((place) => place.scrollIntoView({ block: "nearest", inline: "nearest" }));
})();
