// Passkeys: asks the server what to ask the device, asks the device, and sends what it answered as a plain form.
//
//   <form data-passkey="get|create" data-ask="address"> with <input type="hidden" name="answer">
//   [data-passkey-said] shows what went wrong; [data-passkey-unable] where the browser knows no passkeys.
(() => {
  "use strict";

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const described = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function ask(form) {
    const response = await fetch(form.dataset.ask, { method: "POST", body: new FormData(form) });
    if (!response.ok) throw new Error((await response.json().catch(() => ({}))).detail ?? "");
    const options = await response.json();
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (form.dataset.passkey === "get") {
      publicKey.allowCredentials = described(options.allowCredentials);
      return navigator.credentials.get({ publicKey });
    }
    publicKey.user = { ...options.user, id: bytes(options.user.id) };
    publicKey.excludeCredentials = described(options.excludeCredentials);
    return navigator.credentials.create({ publicKey });
  }

  function portable(credential) {
    const { response } = credential;
    const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const kept = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: Object.fromEntries(kept),
      clientExtensionResults: {},
    };
  }

  function say(form, sentence) {
    const place = form.querySelector("[data-passkey-said]");
    place.textContent = sentence;
    place.hidden = !sentence;
  }

  async function go(form) {
    const button = form.querySelector("button");
    const words = form.querySelector("[data-passkey-words]").dataset;
    say(form, "");
    button.classList.add("is-busy");
    button.disabled = true;
    try {
      form.elements.answer.value = JSON.stringify(portable(await ask(form)));
      form.submit(); // what the device says once is sent once: no listener, no second time
    } catch (error) {
      const known = { NotAllowedError: words.cancelled, AbortError: words.cancelled, InvalidStateError: words.known };
      say(form, known[error.name] ?? (error.name === "Error" && error.message ? error.message : words.failed));
      button.classList.remove("is-busy");
      button.disabled = false;
    }
  }

  const able = window.isSecureContext && "PublicKeyCredential" in window;

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    if (!able) {
      form.querySelectorAll("[data-passkey-unable]").forEach((note) => (note.hidden = false));
      if (form.dataset.passkey === "create") form.querySelector("button").disabled = true;
      return;
    }
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      go(form);
    });
  });
})();
