// Removes what only a script can: keys of Web Storage, and pages that others have kept.

// `names` are those of services that are off, by area; one that ends in an asterisk stands for all that begin so.
export const forget = async (names) => {
  for (const [area, declared] of Object.entries(names)) {
    const isDeclared = (key) =>
      declared.some((name) => (name.endsWith("*") ? key.startsWith(name.slice(0, -1)) : key === name));
    try {
      if (area === "cookie") {
        (await import("./shared.js")).forgetCookies(isDeclared);
        continue;
      }
      const store = area === "local" ? localStorage : sessionStorage;
      for (const key of Object.keys(store)) if (isDeclared(key)) store.removeItem(key);
    } catch { /* A browser that stores nothing has nothing to remove. */ }
  }
};

// Every kept page of ours may be one of a visitor who allowed more than now: htmx, Turbo, Unpoly and service workers keep some.
export const dropPages = async () => {
  for (const area of ["localStorage", "sessionStorage"]) {
    try {
      window[area].removeItem("htmx-history-cache");
    } catch { /* A browser that stores nothing has nothing to remove. */ }
  }
  window.Turbo?.cache?.clear();
  window.up?.cache?.evict?.();
  if (!window.caches) return;
  for (const name of await caches.keys()) {
    const kept = await caches.open(name);
    for (const request of await kept.keys()) {
      const page = await kept.match(request);
      const isPage = (page?.headers.get("Content-Type") || "").includes("html");
      if (isPage && (await page.text()).includes("fcc-forms")) await kept.delete(request);
    }
  }
};
