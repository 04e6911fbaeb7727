// The service worker of readers who have chosen to keep the book: all its files, from one build. tools/offline.py writes VERSION and
// FILES above this, so that another build is another worker, whose files take the place of the old ones.
const ROOM = `ft ${registration.scope} `, CACHE = ROOM + VERSION;
const LACKING = `<!DOCTYPE html>
<html lang="en">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not kept for offline</title>
<style>
:root { color-scheme: light dark; font: 1.0625rem/1.6 system-ui, sans-serif }
body { max-width: 36rem; margin: 15vh auto; padding: 0 16px }
</style>
<h1>This is not kept for offline</h1>
<p>It could not be fetched, and what this browser keeps has no such page. Notebooks that run, and archives with all that a notebook needs,
want a network. <a href="${registration.scope}">The book</a> is kept.</p>
`;

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
    const url = new URL(event.request.url);
    if (url.pathname.endsWith("/")) url.pathname += "index.html";
    return await caches.match(url, { cacheName: CACHE, ignoreSearch: true }) ?? fetch(event.request).catch(error => {
      if (event.request.mode !== "navigate") throw error;
      return new Response(LACKING, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
    });
  })());
});
