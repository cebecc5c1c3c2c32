// Answers page loads where there is no connection, and keeps what that page is made of. Nothing of a member
// is kept here; OFFLINE and KEPT stand before this text, put there by the server.
const CACHE = "regulars-offline";
const NOT_OURS = /^\/(console|api|design)\//;

const keep = async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll(KEPT.map((address) => new Request(address, { cache: "reload" })));
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Another language was chosen, or the member signed in or out: the kept page is to speak it, too.
self.addEventListener("message", (event) => {
  if (event.data === "renew") event.waitUntil(keep().catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && !NOT_OURS.test(pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (KEPT.includes(pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(pathname)));
  }
});
