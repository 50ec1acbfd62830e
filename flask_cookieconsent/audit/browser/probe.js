// Tells the audit what scripts of a page store and read, by name and never by value. Runs before any script of a page.
((tell, ours) => {
  "use strict";
  const where = /(https?:\/\/[^\s()]+?):(\d+):\d+/;
  const stack = () => (new Error().stack || "").split("\n").map((line) => where.exec(line)).filter(Boolean);
  const isOurs = (frame) => ours.some((path) => frame[1].includes(path));
  const told = new Set();
  const say = (what) => {
    const text = JSON.stringify(what);
    // A script may do one thing a thousand times.
    if (told.has(text) || told.size > 500) return;
    told.add(text);
    try {
      window[tell](text);
    } catch { /* A frame that is going away tells nothing more. */ }
  };
  const note = (what, does, name, more) => {
    const frames = stack();
    // Our own scripts look after what is declared; only what a script of somebody else does is told.
    if (frames.length && isOurs(frames[0])) return;
    const first = frames.find((frame) => !isOurs(frame));
    const by = first ? `${first[1].replace(/[?#].*/, "")}:${first[2]}` : location.pathname;
    say({ what, does, name: String(name).slice(0, 200), by, ...more });
  };
  const wrap = (proto, name, before) => {
    const real = proto && proto[name];
    if (typeof real !== "function") return;
    const wrapped = { [name](...all) { try { before.apply(this, all); } catch { /* as the real one says */ } return real.apply(this, all); } };
    Object.defineProperty(proto, name, { ...Object.getOwnPropertyDescriptor(proto, name), value: wrapped[name] });
  };

  const seconds = (text) => {
    const age = /;\s*max-age\s*=\s*(-?\d+)/i.exec(text), until = /;\s*expires\s*=\s*([^;]+)/i.exec(text);
    if (age) return Number(age[1]);
    const day = until ? Date.parse(until[1].replace(/-/g, " ")) : NaN;
    return Number.isNaN(day) ? null : (day - Date.now()) / 1000;
  };
  const jar = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  Object.defineProperty(Document.prototype, "cookie", {
    ...jar,
    set(text) {
      const pair = String(text).split(";")[0];
      note("cookie", "write", pair.includes("=") ? pair.split("=")[0].trim() : "", { lasts: seconds(String(text)) });
      jar.set.call(this, text);
    },
  });
  if (window.CookieStore) {
    wrap(CookieStore.prototype, "set", (one) => {
      const { name, expires } = Object(one) === one ? one : { name: one };
      note("cookie", "write", name, { lasts: expires == null ? null : (Number(expires) - Date.now()) / 1000 });
    });
    const read = (one) => {
      const name = Object(one) === one ? one.name : one;
      if (name !== undefined) note("cookie", "read", name);
    };
    wrap(CookieStore.prototype, "get", read);
    wrap(CookieStore.prototype, "getAll", read);
  }

  // Keys of Web Storage are properties too, so each area is seen through a proxy.
  const methods = Storage.prototype, targets = new WeakMap();
  const areas = { local: undefined, session: undefined };
  const area = (store) => (store === areas.local ? "local" : "session");
  for (const kind of ["local", "session"]) {
    const found = Object.getOwnPropertyDescriptor(window, `${kind}Storage`);
    if (!found || !found.get || !found.configurable) continue;
    let proxy;
    Object.defineProperty(window, `${kind}Storage`, {
      ...found,
      get() {
        if (proxy) return proxy;
        const store = areas[kind] = found.get.call(window);
        if (!store) return store;
        proxy = new Proxy(store, {
          get(target, key) {
            if (typeof key === "symbol" || key in methods) {
              const value = Reflect.get(target, key, target);
              return typeof value === "function" ? value.bind(target) : value;
            }
            note(kind, "read", key);
            return target[key];
          },
          set(target, key, value) {
            note(kind, "write", String(key));
            target[key] = value;
            return true;
          },
        });
        targets.set(proxy, store);
        return proxy;
      },
    });
  }
  for (const name of ["getItem", "setItem", "removeItem", "clear", "key"]) {
    const real = methods[name];
    methods[name] = { [name](...all) {
      const store = targets.get(this) || this;
      if (name === "getItem") note(area(store), "read", all[0]);
      if (name === "setItem") note(area(store), "write", all[0]);
      return real.apply(store, all);
    } }[name];
  }

  // To open is to make where there is none.
  if (window.IDBFactory) wrap(IDBFactory.prototype, "open", (name) => note("database", "write", name));
  if (window.CacheStorage) wrap(CacheStorage.prototype, "open", (name) => note("cache", "write", name));
  if (window.ServiceWorkerContainer) {
    const never = () => new Promise(() => {});
    Object.defineProperty(ServiceWorkerContainer.prototype, "register", {
      configurable: true, writable: true,
      // It would answer for the site from then on, out of sight; so it is told, and not started.
      value: { register(url) { note("worker", "write", new URL(url, document.baseURI).pathname); return never(); } }.register,
    });
  }
  // Only with this does a connection ask its servers which address the visitor has.
  if (window.RTCPeerConnection) wrap(RTCPeerConnection.prototype, "setLocalDescription", function () {
    for (const { urls } of this.getConfiguration().iceServers || [])
      for (const url of [urls].flat()) note("host", "write", String(url).replace(/^\w+:/, "").replace(/[:?].*/, ""));
  });

  addEventListener("securitypolicyviolation", (event) => {
    const blocked = event.blockedURI || "", file = event.sourceFile || "";
    const isUrl = /^(https?|wss?):/.test(blocked);
    const name = isUrl ? new URL(blocked).host : blocked.split(":")[0];
    const line = file ? `${file.replace(/[?#].*/, "")}:${event.lineNumber}` : location.pathname;
    say({ what: "violation", does: event.disposition, name, by: line, directive: event.effectiveDirective });
  }, true);
})
