// Stands in for the functions and lists of services that are off, so that a page's own code may call them. It keeps and
// sends nothing, and calls back whoever waits, a link or a form, as the vendor would.
(() => {
  "use strict";
  const script = document.currentScript;
  // Something in the content may bear this name; only an element that fetched this very file is ours.
  if (!(script instanceof HTMLScriptElement && /\/absent\.js(\?|$)/.test(script.src))) return;
  const { functions, lists, values } = script.dataset;
  Object.assign(window, JSON.parse(values || "{}"));
  const named = (text) => (text || "").split(" ").filter((name) => name && !absent.has(name));
  // For each name, what its loader does first where the service is allowed later in this page.
  const absent = ((window[Symbol.for("flask_cookieconsent")] ??= {}).absent ??= new Map());

  const answer = (value, depth = 3) => {
    if (!depth || Object(value) !== value || value instanceof Node) return;
    for (const [key, each] of Object.entries(value)) {
      if (typeof each !== "function") answer(each, depth - 1);
      else if (/callback$/i.test(key)) setTimeout(each);
    }
  };
  // Whatever is asked of it is nothing again; but nobody can wait for it.
  const get = (target, key) => (key in target || ["then", "toJSON"].includes(key) || typeof key === "symbol"
    ? target[key] : nothing);
  const nothing = new Proxy((...call) => (answer(call), nothing), { get });

  // An element with such an id is a property of the window too, but not its own.
  const theirs = (name) => (Object.hasOwn(window, name) ? window[name] : undefined);
  const forget = (kept) => {
    if (Array.isArray(kept)) kept.length = 0;
    else for (const each of Object.values(Object(kept))) if (Array.isArray(each)) each.length = 0;
  };

  for (const name of named(functions)) {
    let made;
    if (theirs(name) == null) {
      // Who took it before the service was allowed goes on with it after.
      const stand = (...call) => {
        const now = window[name];
        if (now !== made && typeof now === "function") return now(...call);
        return answer(call);
      };
      window[name] = made = new Proxy(stand, { get });
    }
    absent.set(name, () => {
      absent.delete(name);
      if (made && window[name] === made) delete window[name];
      else forget(theirs(name));
    });
  }

  for (const name of named(lists)) {
    const own = theirs(name);
    const list = own ?? [];
    const before = list.push;
    if (typeof before === "function") {
      answer(list);
      // A list of the site's own goes on as it was: somebody else may read it.
      const push = (...entries) => (answer(entries), own ? before.apply(list, entries) : 0);
      Object.defineProperty(list, "push", { value: push, configurable: true, writable: true });
      window[name] = list;
      absent.set(name, () => {
        absent.delete(name);
        if (list.push === push) {
          delete list.push;
          if (list.push !== before) list.push = before;
        }
        forget(theirs(name));
      });
    }
  }
})();
