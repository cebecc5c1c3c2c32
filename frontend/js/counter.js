// The counter: the field is always ready for the scanner; a camera where the browser itself can read codes. And printing.
(() => {
  "use strict";

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  const form = document.querySelector("[data-counter]");
  if (!form) return;
  const field = form.elements.code;
  const camera = form.querySelector("[data-camera]");
  const video = form.querySelector("video");
  // A scanner may be quicker than this script: what it has typed by now stays.
  if (field.value === field.defaultValue) field.select();
  else field.focus();

  // Whoever scans does not look where the cursor is: signs typed outside a field go into the field.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
    if (event.target instanceof Element && event.target.closest("input, textarea, select, dialog")) return;
    field.value = "";
    field.focus();
  });

  if (!camera || !navigator.mediaDevices?.getUserMedia) return;
  let stream = null;

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
  }

  async function look(detector) {
    if (!stream) return;
    const found = await detector.detect(video).catch(() => []);
    if (found.length) {
      stop();
      field.value = found[0].rawValue;
      form.requestSubmit();
      return;
    }
    setTimeout(() => look(detector), 200);
  }

  // Some browsers have the name and can read nothing: what they say they read counts.
  async function canRead() {
    if (!("BarcodeDetector" in window)) return false;
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    return formats.includes("qr_code");
  }

  canRead().then((can) => (camera.hidden = !can));

  camera.addEventListener("click", async () => {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      camera.hidden = true; // not allowed, or none there: typing works
      field.focus();
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    look(new BarcodeDetector());
  });

  window.addEventListener("pagehide", stop);
})();
