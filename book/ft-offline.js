// The service worker of readers who have chosen to keep the book: all its files, from one build. tools/offline.py writes VERSION and
// FILES above this, so that another build is another worker, whose files take the place of the old ones.
const ROOM = `ft ${registration.scope} `, CACHE = ROOM + VERSION;

addEventListener("install", event => event.waitUntil((async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map(file => new Request(file, { cache: "no-cache" })));
  await skipWaiting();
})()));

addEventListener("activate", event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith(ROOM) && name !== CACHE) await caches.delete(name);
  await clients.claim();
})()));

addEventListener("fetch", event => {
  if (event.request.method !== "GET" || !event.request.url.startsWith(registration.scope)) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    return await cache.match(event.request, { ignoreSearch: true }) ?? fetch(event.request);
  })());
});
