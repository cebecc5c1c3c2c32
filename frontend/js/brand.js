// The brand's form: a picker beside each colour, and one press to take a colour that can be read.
(() => {
  "use strict";

  const form = document.querySelector("[data-brand-form]");
  const written = /^#?[0-9a-f]{6}$/i;

  form.querySelectorAll("[data-colour]").forEach((field) => {
    const picker = document.createElement("input");
    const pair = document.createElement("div");
    picker.type = "color";
    picker.className = "colour-picker";
    picker.setAttribute("aria-label", form.querySelector(`label[for="${field.id}"]`).textContent);
    pair.className = "colour-pair";
    field.replaceWith(pair);
    pair.append(picker, field);
    const follow = () => {
      if (written.test(field.value)) picker.value = `#${field.value.replace("#", "").toLowerCase()}`;
    };
    follow();
    field.addEventListener("input", follow);
    // The field's own event goes on to the preview.
    picker.addEventListener("input", (event) => {
      event.stopPropagation();
      field.value = picker.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });

  function showSuggestions() {
    document.querySelectorAll("[data-recolour]").forEach((button) => (button.hidden = false));
  }

  showSuggestions();
  document.body.addEventListener("htmx:afterSwap", showSuggestions);
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-recolour]");
    if (!button) return;
    const field = form.elements[button.dataset.recolour];
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
})();
