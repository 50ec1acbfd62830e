// The service worker of the App. The lines above name the version, the files of the shell, the lists and the question.
//
// It keeps those and nothing else: no answer of another host, nothing a service needs consent for, no choice, no token,
// no receipt. All of it is asked for without cookies, so that what is kept is what everybody gets: a page that was made
// for somebody's choices, or opened for a company they allowed, is never in it.

const CACHE = `ecom-app-${VERSION}`;
const same = (path) => new URL(path, location).href;
const plain = (path) => new Request(same(path), { credentials: "omit", cache: "reload" });

// The question is kept because it has to be read before it can be answered, without a connection too: a refusal counts
// at once. It says what the site declares, in words that are the same for everybody.
const isFresh = (path) => path === LISTS || NOTICES.includes(path);

const mayBeKept = (response) =>
  response.ok && response.type === "basic" && !response.redirected
  && !/no-store|private/.test(response.headers.get("Cache-Control") || "");

// What is kept says when it came.
const keep = async (cache, path, response) => {
  const headers = new Headers(response.headers);
  headers.set("Ecom-Kept", new Date().toISOString());
  await cache.put(path, new Response(response.body, { status: response.status, headers }));
};

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all([...SHELL, ...NOTICES, LISTS].map(async (path) => {
      const response = await fetch(plain(path));
      if (!mayBeKept(response)) throw new Error(`${path}: answers ${response.status}, and may not be kept`);
      await keep(cache, path, response);
    }));
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("ecom-app-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

// A new version waits until its visitor wants it, or the last window of the old one is closed.
self.addEventListener("message", (event) => { if (event.data === "use") self.skipWaiting(); });

const fromShell = async (url) => {
  const cache = await caches.open(CACHE);
  return (await cache.match(url.pathname + url.search)) || (await cache.match(url.pathname)) || fetch(url.href);
};

// What is new comes first, and what is kept where there is no connection.
const freshOrKept = async (path) => {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(plain(path), { signal: AbortSignal.timeout(5_000) });
    if (mayBeKept(response)) await keep(cache, path, response.clone());
    return response;
  } catch {
    return (await cache.match(path)) || Response.error();
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url), path = url.pathname + url.search;
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (isFresh(path)) event.respondWith(freshOrKept(path));
  else if (SHELL.includes(path) || SHELL.includes(url.pathname)) event.respondWith(fromShell(url));
});
