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

  // The address that could not be reached stands in the bar, unless somebody opened this page itself.
  const again = document.querySelector("[data-try-again]");
  const wanted = location.pathname + location.search;
  if (location.pathname !== again.dataset.tryAgain) again.href = wanted;

  // "online" is said once, and of the network, not of the shop: so the shop is asked until it answers.
  const ASK_EVERY_MS = 3000;
  const PATIENCE_MS = 10000;
  let asking = false;
  const comeBack = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(again.href, {
        method: "HEAD",
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (answer.status < 500) location.replace(again.href);
    } catch {
      // Not yet.
    }
    asking = false;
  };
  window.addEventListener("online", comeBack);
  setInterval(comeBack, ASK_EVERY_MS);
})();
