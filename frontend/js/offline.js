// Without a connection: what the balance was when it was last seen, said as such; and back as soon as there is one.
(() => {
  "use strict";

  let known = null;
  try {
    known = JSON.parse(localStorage.getItem("balance"));
  } catch {
    // Nothing can be kept here, or something else was: then nothing is shown.
  }
  if (known && known.text && known.at) {
    const at = document.querySelector("[data-known-at]");
    document.querySelector("[data-known-points]").textContent = known.text;
    at.dateTime = known.at;
    at.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
      dateStyle: "long",
      timeStyle: "short",
      hourCycle: "h23", // as every other time of ours
    }).format(new Date(known.at));
    document.querySelector("[data-known]").hidden = false;
  }
  window.addEventListener("online", () => location.reload());
})();
