// Starts the script of a vendor as its recipe says. It is in the page only once that was allowed.
(() => {
  "use strict";
  const script = document.currentScript;
  // Something in the content may bear this name; only an element that fetched this very file is ours.
  if (!(script instanceof HTMLScriptElement && /\/tag\.js(\?|$)/.test(script.src))) return;
  const { service, src, recipe } = script.dataset;
  const { attributes, values, lists, queue, calls, globals, withdrawn, withdrawn_lists: last, ...more } = JSON.parse(recipe);
  const { constructs, after, styles } = more;

  // Other scripts share a page, and elements with an id are properties of the window; neither can have this name.
  const ours = (window[Symbol.for("flask_cookieconsent")] ??= {});
  const define = (name, value) => {
    if (!Object.hasOwn(window, name) || window[name] == null) window[name] = value();
  };
  const add = ([name, items]) => {
    define(name, () => []);
    window[name].push(...items);
  };

  const made = () => {
    if (!queue.calls) {
      const list = [];
      for (const method of queue.methods) list[method] = (...call) => list.push([method, ...call]);
      return list;
    }
    const keep = (...call) => (keep[queue.forward] ? keep[queue.forward](...call) : keep[queue.calls].push(call));
    keep[queue.calls] = [];
    if (queue.pushes) keep.push = keep;
    return keep;
  };
  // What is there is kept: another account, or the site itself, may have put it there.
  const put = (path, value) => {
    const names = path.split(".");
    const name = names.pop();
    names.reduce((place, each) => (place[each] ??= {}), window[queue.name])[name] ??= value;
  };
  const call = (each) => {
    const target = window[queue.name];
    if (queue.methods.length) target[each[0]](...each.slice(1));
    else if (queue.calls) target(...each);
    else target.push(...(queue.spreads ? each : [each]));
  };
  const invoke = ([path, ...given]) => {
    const names = path.split(".");
    const method = names.pop();
    names.reduce((place, each) => place?.[each], window)?.[method]?.(...given);
  };
  // What a vendor wants from a page once its script has run.
  const finish = () => {
    // A browser's blocker may have put an empty script in its place.
    if (typeof window[constructs?.of] === "function") {
      const { name, of, options, keeps } = constructs;
      window[name] = new window[of]({ ...options, ...(keeps && { [keeps]: window[name] }) });
    }
    after.forEach(invoke);
  };

  // A service that is started again, because more was allowed, says only what is different now.
  const key = JSON.stringify([service, src, attributes]);
  const told = (ours.told ??= new Map()).get(key);
  ours.told.set(key, calls.map((each) => JSON.stringify(each)));
  if (told) {
    calls.forEach((each, place) => { if (JSON.stringify(each) !== told[place]) call(each); });
    return;
  }

  for (const name of [...globals, ...Object.keys(lists), ...(queue ? [queue.name, ...queue.aliases] : [])]) {
    ours.absent?.get(name)?.();
  }
  for (const [name, value] of Object.entries(values)) define(name, () => value);
  Object.entries(lists).forEach(add);
  if (queue) {
    // A second account of the same vendor joins the queue of the first.
    define(queue.name, made);
    for (const [path, value] of Object.entries(queue.properties)) put(path, value);
    for (const path of queue.timed) put(path, Date.now());
    for (const alias of queue.aliases) define(alias, () => window[queue.name]);
    calls.forEach(call);
  }
  document.addEventListener("cookieconsent:change", ({ detail }) => {
    if (!detail.withdrawn.includes(service)) return;
    withdrawn.forEach(queue ? call : invoke);
    Object.entries(last).forEach(add);
  });

  const adopt = (element, given) => {
    Object.assign(element, given, { nonce: script.nonce });
    document.head.append(element);
  };
  for (const href of styles) {
    const isThere = [...document.styleSheets].some((each) => each.href === href);
    if (!isThere) adopt(document.createElement("link"), { rel: "stylesheet", href });
  }
  if (!src) return;

  // The same script with other attributes is another account.
  const isSame = (each) => Object.entries(attributes).every(([name, value]) => each.getAttribute(name) === value);
  const there = [...document.scripts].find((each) => each.src === src && isSame(each));
  const library = there ?? document.createElement("script");
  const come = (ours.come ??= new WeakSet());
  if (come.has(library)) finish();
  else if (constructs || after.length) library.addEventListener("load", () => { come.add(library); finish(); });
  if (there) return;
  for (const [name, value] of Object.entries(attributes)) library.setAttribute(name, value);
  adopt(library, { async: true, src });
})();
