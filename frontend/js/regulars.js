// Small comforts on top of pages that work without them. No inline script, no inline style, no eval.
(() => {
  "use strict";

  const toasts = document.getElementById("toasts");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // --- Toasts: what the server or a script has to say ---------------------------------------------
  function readyToast(toast) {
    const close = toast.querySelector("[data-toast-close]");
    close.hidden = false;
    close.addEventListener("click", () => toast.remove());
    let timer = 0;
    const wait = () => (timer = setTimeout(() => toast.remove(), 8000));
    const hold = () => clearTimeout(timer);
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("pointerleave", wait);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("focusout", wait);
    wait();
  }

  function say(text) {
    const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-toast-text]").textContent = text;
    toasts.append(toast);
    readyToast(toast);
  }

  toasts.querySelectorAll("[data-toast]").forEach((toast) => {
    toast.remove(); // put back at once, so that the live region announces it
    toasts.append(toast);
    readyToast(toast);
  });

  // --- The one dialog: opened when a part was fetched into it --------------------------------------
  const dialog = document.getElementById("dialog");

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "dialog-content" && !dialog.open) dialog.showModal();
  });

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target === dialog || (event.target.closest("[data-close-dialog]") && dialog.open)) {
      event.preventDefault();
      dialog.close();
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) copyText(copy);
    const step = event.target.closest("[data-shelf-step]");
    if (step) {
      const row = step.closest("section").querySelector('[role="group"]');
      row.scrollBy({ left: row.clientWidth * 0.8 * step.dataset.shelfStep, behavior: calm ? "auto" : "smooth" });
    }
  });

  // --- A menu that opens below its button closes when one looks elsewhere ------------------------------
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // --- Copy a code ----------------------------------------------------------------------------------
  async function copyText(button) {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // No clipboard without a secure context: select it instead, one key away from copied.
      const code = button.parentElement.querySelector("[data-code]");
      if (code) window.getSelection().selectAllChildren(code);
      return;
    }
    say(toasts.dataset.copied);
  }

  function showScripted(root) {
    root.querySelectorAll("[data-copy][hidden]").forEach((button) => (button.hidden = false));
  }

  // A shelf's buttons: none where all of it is to be seen, and none that leads nowhere.
  function judgeSteps(row) {
    const room = row.scrollWidth - row.clientWidth;
    row.closest("section").querySelectorAll("[data-shelf-step]").forEach((button) => {
      const left = Number(button.dataset.shelfStep) < 0 ? row.scrollLeft : room - row.scrollLeft;
      button.hidden = room < 2;
      button.setAttribute("aria-disabled", left < 2);
    });
  }

  const rows = new ResizeObserver((entries) => entries.forEach((entry) => judgeSteps(entry.target)));
  function watchRows(root) {
    root.querySelectorAll(".shelf-row").forEach((row) => {
      rows.observe(row);
      row.addEventListener("scroll", () => judgeSteps(row), { passive: true });
    });
  }

  showScripted(document);
  watchRows(document);
  document.body.addEventListener("htmx:load", (event) => {
    showScripted(event.target);
    watchRows(event.target);
  });

  // --- A form is sent once; the server would recognise the second one by its key anyway -------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.hasAttribute("data-once")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.querySelectorAll("button").forEach((button) => button.classList.add("is-busy"));
  });

  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
    });
  });

  // --- Light and dark, without a round trip -----------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-theme-switch") || !event.submitter) return;
    event.preventDefault();
    const theme = event.submitter.value;
    document.documentElement.classList.remove("light", "dark");
    if (theme) document.documentElement.classList.add(theme);
    document.cookie = `theme=${theme}; path=/; samesite=lax; max-age=${theme ? 34560000 : 0}`;
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", button === event.submitter));
  });

  // --- In the pocket: installable, and honest where there is no connection ------------------------------
  function remember(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // A browser that keeps nothing shows no last known balance.
    }
  }

  function recall(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function goInThePocket() {
    const visitor = document.querySelector("[data-visitor]");
    if (!visitor) return; // the console, an error, the offline page itself
    const { balance, visitor: who } = visitor.dataset;
    remember("balance", who === "member" ? JSON.stringify({ text: balance, at: new Date().toISOString() }) : null);
    if (!("serviceWorker" in navigator)) return;
    const spoken = document.documentElement.lang;
    navigator.serviceWorker.register("/sw.js").then(
      (registration) => {
        if (registration.active && recall("spoken") !== spoken) registration.active.postMessage("renew");
        remember("spoken", spoken);
      },
      () => {}, // not allowed here: the store works without
    );
  }

  if (document.readyState === "complete") goInThePocket();
  else window.addEventListener("load", goInThePocket);

  // --- When a request fails ---------------------------------------------------------------------------
  document.body.addEventListener("htmx:responseError", () => say(toasts.dataset.failed));
  document.body.addEventListener("htmx:sendError", () => say(toasts.dataset.offline));
})();
