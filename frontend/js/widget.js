// <regulars-widget>: a member's points on a shop's own page. No dependencies, no iframe, no cookies; its style is
// a constructed sheet in a shadow root, so it works under a policy without inline style. See docs/widget.md.
(() => {
  "use strict";

  const script = document.currentScript;
  const WORDS = {
    en: ["Your points", "Loading your points", "Your points could not be loaded.", "Try again", "Open the store"],
    ru: ["Ваши баллы", "Загружаем ваши баллы", "Не удалось загрузить баллы.", "Попробовать снова", "Открыть магазин"],
    zh: ["您的积分", "正在加载您的积分", "无法加载您的积分。", "重试", "打开商店"],
  };
  const TRIES = 2; // a token may run out on its way; a second one in a row is a mistake of the shop's backend
  const TIMEOUT_MS = 10000;

  const base = new CSSStyleSheet();
  base.replaceSync(`
:host{display:block;max-width:26rem;font-family:inherit;
--primary:light-dark(#0e5c39,#6fd39b);--primary-foreground:light-dark(#fcf9f1,#0a1a11);--pass:light-dark(#12512f,#123b26);
--pass-deep:light-dark(#0b3a21,#0d2c1c);--pass-ink-soft:#cfe2d5;--honey:#f7c041;--honey-ink:#2e2306;
--background:light-dark(#fcf9f1,#10150f);--card:light-dark(#fffefc,#171d17);--border:light-dark(#e0dccd,#333b34);--muted:light-dark(#f2efe3,#222922)}
:host([theme=system]){color-scheme:light dark}:host([theme=light]){color-scheme:light}:host([theme=dark]){color-scheme:dark}:host([hidden]){display:none}
*{box-sizing:border-box;margin:0}
.body{display:flex;flex-direction:column;gap:.875rem;padding:1.25rem;border-radius:1rem;line-height:1.4;
background:linear-gradient(150deg,var(--pass),var(--pass-deep));color:#fcf9f1;font-size:1rem;overflow-wrap:anywhere}
.shop{font-size:.875rem;font-weight:600;color:var(--pass-ink-soft)}
.sum{font-size:2.25rem;font-weight:700;line-height:1.1;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.sum small{font-size:1rem;font-weight:500;letter-spacing:0;color:var(--pass-ink-soft)}
.way{display:flex;flex-direction:column;gap:.5rem}.way p,.line{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.125rem .75rem}
.soft{color:var(--pass-ink-soft);font-size:.875rem}
a,button{color:inherit;font:inherit;text-underline-offset:.2em}
a:focus-visible,button:focus-visible{outline:3px solid var(--honey);outline-offset:3px;border-radius:.375rem}
.act{display:inline-flex;align-items:center;justify-content:center;min-height:2.75rem;padding:.5rem 1.125rem;border:0;border-radius:.75rem;
background:var(--honey);color:var(--honey-ink);font-weight:600;text-decoration:none;cursor:pointer}
.act:hover{filter:brightness(1.06)}
.acts{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem 1.125rem}
progress{appearance:none;display:block;width:100%;height:.625rem;border:0;border-radius:1rem;overflow:hidden;background:rgb(255 255 255/.2)}
progress::-webkit-progress-bar{background:rgb(255 255 255/.2)}progress::-webkit-progress-value{background:var(--honey);border-radius:1rem}
progress::-moz-progress-bar{background:var(--honey);border-radius:1rem}
i{display:block;height:1rem;border-radius:.5rem;background:rgb(255 255 255/.16);animation:p 1.4s ease-in-out infinite alternate}
i:nth-of-type(1){width:40%}i:nth-of-type(2){width:55%;height:2.25rem}i:nth-of-type(3){width:100%;height:.625rem}
@keyframes p{to{opacity:.45}}
@media(prefers-reduced-motion:reduce){i{animation:none}}
@media(forced-colors:active){.body{border:1px solid}.act{border:1px solid}}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}`);

  // An element with its attributes and children; text is always text, whatever it holds.
  function make(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  // Links lead to the store and nowhere else, whatever an answer says.
  function link(href, attributes, ...children) {
    const safe = /^https?:$/.test(new URL(href, location.href).protocol) ? href : "#";
    return make("a", { ...attributes, href: safe }, ...children);
  }

  class RegularsWidget extends HTMLElement {
    static observedAttributes = ["lang", "token-url", "sign-up-url", "store"];

    #token = null;
    #getToken = null;
    #asked = 0;
    #expires = 0;
    #brand = new CSSStyleSheet();
    #root = this.attachShadow({ mode: "open" });
    #body = make("div", { class: "body", role: "group" }); // no landmark: those are the page's own
    #says = make("p", { class: "sr", role: "status", "aria-live": "polite" });
    #wake = () => {
      if (!document.hidden && this.#expires && Date.now() > this.#expires) this.refresh();
    };

    constructor() {
      super();
      this.#root.adoptedStyleSheets = [base, this.#brand];
      this.#root.append(this.#body, this.#says);
    }

    connectedCallback() {
      // What the page set before this script came is taken over, and goes through the setters from now on.
      for (const name of ["token", "getToken"]) {
        if (Object.hasOwn(this, name)) {
          const value = this[name];
          delete this[name];
          this[name] = value;
        }
      }
      document.addEventListener("visibilitychange", this.#wake);
      this.#soon();
    }

    disconnectedCallback() {
      document.removeEventListener("visibilitychange", this.#wake);
      this.#asked += 1; // an answer on its way finds nobody
    }

    attributeChangedCallback(_name, before, after) {
      if (this.isConnected && before !== after) this.#soon();
    }

    /** A member token; null signs the member out of the widget. */
    set token(token) {
      this.#token = token || null;
      if (this.isConnected) this.#soon();
    }

    /** Called whenever a token is needed; answers one, or null where nobody is signed in. May be asynchronous. */
    set getToken(callback) {
      this.#getToken = typeof callback === "function" ? callback : null;
      if (this.isConnected) this.#soon();
    }

    /** Ask for a new token where there is a way to, and show what is true now. */
    async refresh() {
      const asked = (this.#asked += 1);
      const focused = this.#root.activeElement; // what it stands on is drawn anew
      this.#showLoading();
      let told;
      try {
        told = await this.#load(asked);
      } catch {
        told = null;
      }
      if (asked !== this.#asked) return; // something newer is under way
      if (!told) this.#showFailure(Boolean(focused));
      else if (told.member) this.#showMember(told);
      else this.#showStranger(told.shop);
      if (focused?.href) [...this.#root.querySelectorAll("a")].find((one) => one.href === focused.href)?.focus();
      const state = !told ? "failed" : told.member ? "member" : "signed-out";
      this.dispatchEvent(new CustomEvent("regulars-state", { detail: { state } }));
    }

    #queued = false;
    #soon() {
      // Several settings at once are one question.
      if (this.#queued) return;
      this.#queued = true;
      queueMicrotask(() => {
        this.#queued = false;
        if (this.isConnected) this.refresh();
      });
    }

    get #language() {
      return this.lang || this.closest("[lang]")?.lang || navigator.language || "en";
    }

    get #words() {
      return WORDS[this.#language.slice(0, 2).toLowerCase()] || WORDS.en;
    }

    get #store() {
      return new URL(this.getAttribute("store") || script?.src || location.href, location.href).origin;
    }

    async #newToken() {
      if (this.#getToken) return this.#getToken();
      const address = this.getAttribute("token-url");
      if (!address) return this.#token;
      const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (answer.status === 204 || answer.status === 401 || answer.status === 403) return null; // nobody is signed in
      if (!answer.ok) throw new Error("no token");
      return (await answer.json()).token || null;
    }

    async #load(asked) {
      for (let tries = 1; ; tries += 1) {
        const token = await this.#newToken();
        if (asked !== this.#asked) return null;
        if (!token) return this.#ask("shop");
        this.#expires = expiryOf(token);
        const answer = await this.#ask("member", token);
        if (answer.shop) return answer;
        if (answer.code === "member_not_found") return this.#ask("shop"); // a customer who has not joined yet
        const renewable = this.#getToken || this.hasAttribute("token-url");
        if (answer.code !== "token_expired" || !renewable || tries === TRIES) return null;
      }
    }

    async #ask(what, token) {
      const address = `${this.#store}/api/v1/widget/${what}?lang=${encodeURIComponent(this.#language)}`;
      const headers = token ? { Authorization: `Bearer ${token}` } : {};
      const options = { headers, mode: "cors", credentials: "omit", signal: AbortSignal.timeout(TIMEOUT_MS) };
      const answer = await fetch(address, options);
      const told = await answer.json();
      if (!answer.ok && what === "shop") throw new Error(told.code);
      return told;
    }

    #show(label, busy, ...children) {
      this.#body.setAttribute("aria-label", label);
      this.#body.setAttribute("aria-busy", String(busy));
      this.#body.replaceChildren(...children.filter(Boolean));
    }

    #say(text) {
      if (this.#says.textContent !== text) this.#says.textContent = text;
    }

    #showLoading() {
      if (this.#body.childElementCount && this.#body.dataset.state !== "failed") {
        this.#body.setAttribute("aria-busy", "true"); // what is known stays until there is something newer
        return;
      }
      const [points, loading] = this.#words;
      this.#body.dataset.state = "loading";
      this.#show(points, true, make("i"), make("i"), make("i"));
      this.#say(loading);
    }

    #showFailure(wasFocused) {
      const [points, , failed, again, store] = this.#words;
      this.#body.dataset.state = "failed";
      const retry = make("button", { type: "button", class: "act" }, again);
      retry.addEventListener("click", () => this.refresh());
      this.#show(points, false, make("p", {}, failed), make("div", { class: "acts" }, retry, link(this.#store, {}, store)));
      this.#say(failed);
      if (wasFocused) retry.focus();
    }

    #showStranger(shop) {
      this.#wear(shop);
      const { links, words } = shop;
      this.#body.dataset.state = "signed-out";
      const signUp = this.getAttribute("sign-up-url") || links.sign_in;
      const actions = make("div", { class: "acts" }, link(signUp, { class: "act" }, words.sign_in), link(links.store, {}, words.store));
      this.#show(words.region, false, make("p", { class: "shop" }, shop.name), make("p", {}, words.invitation), actions);
      this.#say("");
    }

    #showMember({ shop, member }) {
      this.#wear(shop);
      const { words } = member;
      this.#body.dataset.state = "member";
      const sum = make("p", { class: "sum" }, member.points_shown, " ", make("small", {}, member.points_word));
      const ready = member.now && make("p", { class: "line" }, make("span", {}, `${words.now}: `, link(member.now.href, {}, member.now.name)));
      const act = link(shop.links.store, { class: "act" }, shop.words.store);
      this.#show(words.balance, false, make("p", { class: "shop" }, shop.name), sum, ready, this.#way(member), make("div", { class: "acts" }, act));
      this.#say(words.balance);
    }

    #way({ nearest, points, words }) {
      if (!nearest) return make("p", { class: "soft" }, words.none);
      const bar = make("progress", { value: points, max: nearest.price_points, "aria-label": nearest.label }, nearest.progress);
      const name = make("span", {}, `${words.nearest}: `, link(nearest.href, {}, nearest.name));
      return make("div", { class: "way" }, make("p", {}, name, make("span", { class: "soft" }, nearest.told)), bar);
    }

    #wear(shop) {
      const colour = /^#[0-9a-f]{6}$/;
      const lines = Object.entries(shop.colours)
        .filter(([name, pair]) => /^[a-z-]+$/.test(name) && pair.every((one) => colour.test(one)))
        .map(([name, [light, dark]]) => `--${name}:light-dark(${light},${dark});`);
      this.#brand.replaceSync(`:host{${lines.join("")}}`);
      this.#body.lang = shop.language;
    }
  }

  // When a token runs out, for asking again when somebody comes back to the page. The server decides what is good.
  function expiryOf(token) {
    try {
      const claims = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
      return Number(claims.exp) * 1000 || 0;
    } catch {
      return 0;
    }
  }

  if (!customElements.get("regulars-widget")) customElements.define("regulars-widget", RegularsWidget);
})();
