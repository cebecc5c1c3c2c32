// What any form of ours may ask for by an attribute. Without scripts the browser and the server do all of it.
//
//   <form data-guard>             asks before one leaves with changes that were not sent. Written by the server as
//                                 data-guard="unsaved" where the form comes back with what was typed (form.is_bound).
//   <a data-discard>              a way out of such a form that means it: leaves without asking.
//   <span data-unsaved hidden>    inside such a form: shown while it holds changes.
//   <form data-validate>          says what is wrong with a field once one leaves it, and takes it back as soon as it is
//                                 right. What is right is said by the field itself (required, type, min, max, minlength,
//                                 maxlength, pattern, step: Django's widgets write them) or by a script through
//                                 setCustomValidity; the sentences stand in console/parts/form_words.html. A field
//                                 stands in a .field, as design/components/field.html writes it. A button with
//                                 formnovalidate sends the form as it is. The server still judges everything.
//
// Both work in parts that htmx fetches. A form that is sent by htmx counts as saved when the answer is good.
(() => {
  "use strict";

  const words = document.getElementById("form-words")?.dataset ?? {};

  // --- Warn before leaving ------------------------------------------------------------------------------
  const began = new WeakMap(); // form → what it held at first
  const sent = new WeakSet();
  let discarding = false;

  const counts = (field) => field.name && !field.disabled && !/^(submit|button|reset|image|fieldset|output)$/.test(field.type);

  function held(field, first) {
    if (field.type === "checkbox" || field.type === "radio") return first ? field.defaultChecked : field.checked;
    if (field.type === "file") return first ? "" : field.value;
    if (field.type === "select-multiple") {
      return [...field.options].map((option) => (first ? option.defaultSelected : option.selected));
    }
    if (field.type === "select-one") {
      const chosen = first ? [...field.options].find((option) => option.defaultSelected) ?? field.options[0] : field.selectedOptions[0];
      return chosen ? chosen.value : "";
    }
    // A browser may bring back what was typed before a reload: the page's own values are what is saved.
    return first ? field.defaultValue : field.value;
  }

  const contents = (form, first) =>
    JSON.stringify([...form.elements].filter(counts).map((field) => [field.name, held(field, first)]));

  const isUnsaved = (form) =>
    !sent.has(form) && (form.dataset.guard === "unsaved" || contents(form, false) !== began.get(form));

  const guarded = () => [...document.querySelectorAll("form[data-guard]")];

  function tell(form) {
    form.querySelectorAll("[data-unsaved]").forEach((note) => (note.hidden = !isUnsaved(form)));
  }

  function begin(root) {
    const forms = [...root.querySelectorAll("form[data-guard]"), ...(root.matches?.("form[data-guard]") ? [root] : [])];
    forms.filter((form) => !began.has(form)).forEach((form) => {
      began.set(form, contents(form, true));
      tell(form);
    });
  }

  function settle(form) {
    form.dataset.guard = "";
    began.set(form, contents(form, false));
    sent.delete(form);
    tell(form);
  }

  window.addEventListener("beforeunload", (event) => {
    if (!discarding && guarded().some(isUnsaved)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    discarding = event.target instanceof Element && Boolean(event.target.closest("[data-discard]"));
  });

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !event.target.hasAttribute("data-guard")) return;
    sent.add(event.target);
    keepTyped(event.target);
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-guard")) return;
    if (event.detail.successful) settle(form);
    else sent.delete(form);
  });

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) guarded().forEach((form) => sent.delete(form));
  });

  ["input", "change"].forEach((kind) =>
    document.addEventListener(kind, (event) => {
      const form = event.target.form;
      if (form && began.has(form)) tell(form);
    }),
  );

  // --- Kept over a signing in --------------------------------------------------------------------------------
  // A form that is sent when the session is over leads to the door. What it held waits in this tab for as long as
  // one stands there, and comes back to the same page and the same operator; anything else drops it.
  const TYPED = "typed";
  const isTyped = (field) => counts(field) && !/^(hidden|password|file)$/.test(field.type);

  function keepTyped(form) {
    const fields = [...form.elements].filter(isTyped).map((field) => [field.name, field.value, held(field, false)]);
    const told = { page: location.pathname, who: words.who, form: guarded().indexOf(form), fields };
    try {
      sessionStorage.setItem(TYPED, JSON.stringify(told));
    } catch {
      // A browser that keeps nothing: it is typed again.
    }
  }

  function takeTyped() {
    try {
      const told = JSON.parse(sessionStorage.getItem(TYPED));
      sessionStorage.removeItem(TYPED);
      return told;
    } catch {
      return null;
    }
  }

  function fill(field, value, was) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = was;
    else if (field.type === "select-multiple") [...field.options].forEach((option, place) => (option.selected = was[place]));
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function bringBack() {
    const told = takeTyped();
    const from = document.referrer ? new URL(document.referrer).pathname : "";
    const form = told && guarded()[told.form];
    if (!form || !from.startsWith(words.door) || told.page !== location.pathname || told.who !== words.who) return;
    const fields = [...form.elements].filter(isTyped);
    told.fields.forEach(([name, value, was], place) => {
      // Several of one name are told apart by their place among those fields.
      const field = fields[place]?.name === name ? fields[place] : fields.find((one) => one.name === name);
      if (field) fill(field, value, was);
    });
    const said = document.createElement("p");
    said.className = "notice";
    said.dataset.variant = "honey";
    said.setAttribute("role", "status");
    said.textContent = words.again;
    form.prepend(said);
  }

  // --- Validate as one goes --------------------------------------------------------------------------------
  const place = (field) => field.closest(".field");

  function sentence(field) {
    const { validity } = field;
    const fill = (text) => text.replace("{min}", field.min).replace("{max}", field.max).replace("{length}", field.minLength).replace("{step}", field.step);
    if (validity.customError) return field.validationMessage;
    if (validity.valueMissing) return words.missing;
    if (validity.typeMismatch) return field.type === "email" ? words.email : field.type === "url" ? words.url : null;
    if (validity.badInput) return field.type === "number" ? words.number : null;
    if (validity.rangeUnderflow && field.type === "number") return fill(words.min);
    if (validity.rangeOverflow && field.type === "number") return fill(words.max);
    if (validity.stepMismatch && field.type === "number") return field.step.includes(".") ? fill(words.decimals) : words.step;
    if (validity.tooShort) return fill(words.short);
    if (validity.patternMismatch && field.title) return field.title;
    return null;
  }

  function boxOf(field) {
    const id = `${field.id || field.name}_error`;
    const there = document.getElementById(id);
    if (there) return there;
    const box = document.createElement("div");
    box.id = id;
    box.setAttribute("role", "alert");
    place(field).append(box);
    return box;
  }

  function describe(field, id, on) {
    const ids = new Set((field.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean));
    if (on) ids.add(id);
    else ids.delete(id);
    if (ids.size) field.setAttribute("aria-describedby", [...ids].join(" "));
    else field.removeAttribute("aria-describedby");
  }

  function judge(field) {
    if (!field.willValidate || !place(field)) return true;
    const box = boxOf(field);
    const right = field.validity.valid;
    if (right) {
      field.removeAttribute("aria-invalid");
      box.remove();
    } else {
      field.setAttribute("aria-invalid", "true");
      const said = sentence(field) ?? field.validationMessage;
      if (box.textContent !== said) box.textContent = said;
    }
    describe(field, box.id, !right);
    return right;
  }

  const judged = (field) => field.form?.hasAttribute("data-validate") && typeof field.checkValidity === "function";

  function takeOver(root) {
    const forms = [...root.querySelectorAll("form[data-validate]"), ...(root.matches?.("form[data-validate]") ? [root] : [])];
    forms.forEach((form) => (form.noValidate = true)); // ours instead of the browser's bubble
  }

  // A field that one passes by untouched is no mistake yet.
  document.addEventListener("change", (event) => judged(event.target) && judge(event.target));
  document.addEventListener("focusout", (event) => {
    if (judged(event.target) && event.target.value) judge(event.target);
  });
  document.addEventListener("input", (event) => {
    if (judged(event.target) && event.target.getAttribute("aria-invalid") === "true") judge(event.target);
  });

  // Before anyone else hears of it: a form that is not sent is not busy either.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.hasAttribute("data-validate") || event.submitter?.formNoValidate) return;
      const wrong = [...form.elements].filter((field) => field.willValidate && !field.validity.valid);
      if (!wrong.length) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      wrong.forEach(judge);
      if (place(wrong[0])) wrong[0].focus();
      else wrong[0].reportValidity();
    },
    true,
  );

  document.body.addEventListener("htmx:load", (event) => {
    begin(event.target);
    takeOver(event.target);
  });
  begin(document);
  takeOver(document);
  bringBack();

  // --- One language of several, chosen by a tab --------------------------------------------------------
  document.querySelectorAll("[data-tongue-tabs]").forEach((tabs) => {
    const tongues = tabs.parentElement.querySelector("[data-tongues]");
    const parts = [...tongues.children];
    const show = (tongue) => {
      tongues.dataset.shown = tongue;
      parts.forEach((part) => part.toggleAttribute("data-on", part.dataset.tongue === tongue));
      [...tabs.children].forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.tongue === tongue)));
    };
    const mark = () => {
      [...tabs.children].forEach((tab) => {
        const part = parts.find((one) => one.dataset.tongue === tab.dataset.tongue);
        tab.toggleAttribute("data-faulty", Boolean(part.querySelector("[role=alert]:not(:empty), [aria-invalid=true]")));
      });
    };
    tabs.addEventListener("click", (event) => {
      const tab = event.target.closest("[data-tongue]");
      if (tab) show(tab.dataset.tongue);
    });
    // A browser cannot point at a field that is not in sight.
    tongues.addEventListener("invalid", (event) => show(event.target.closest("[data-tongue]").dataset.tongue), true);
    mark();
    new MutationObserver(mark).observe(tongues, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-invalid"] });
    const first = [...tabs.children].find((tab) => tab.hasAttribute("data-faulty")) ?? tabs.children[0];
    tabs.hidden = false;
    show(first.dataset.tongue);
  });
})();
