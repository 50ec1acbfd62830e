// Starts the script of a vendor as its recipe says. It is in the page only once that was allowed.
(() => {
  "use strict";
  const script = document.currentScript;
  const { service, src, recipe } = script.dataset;
  const { attributes, values, lists, queue, calls, withdrawn, withdrawn_lists: last } = JSON.parse(recipe);

  for (const [name, value] of Object.entries(values)) window[name] ??= value;
  const add = ([name, items]) => (window[name] ??= []).push(...items);
  Object.entries(lists).forEach(add);

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
    else target.push(each);
  };

  if (queue) {
    // A second account of the same vendor joins the queue of the first.
    window[queue.name] ??= made();
    for (const [path, value] of Object.entries(queue.properties)) put(path, value);
    for (const path of queue.timed) put(path, Date.now());
    for (const alias of queue.aliases) window[alias] ??= window[queue.name];
    calls.forEach(call);
  }
  document.addEventListener("fcc-withdrawn", ({ detail }) => {
    if (detail && !detail.includes(service)) return;
    if (queue) withdrawn.forEach(call);
    Object.entries(last).forEach(add);
  });

  // The same script with other attributes is another account.
  const isSame = (each) => Object.entries(attributes).every(([name, value]) => each.getAttribute(name) === value);
  if ([...document.scripts].some((each) => each.src === src && isSame(each))) return;
  const library = document.createElement("script");
  library.async = true;
  for (const [name, value] of Object.entries(attributes)) library.setAttribute(name, value);
  library.src = src;
  library.nonce = script.nonce;
  document.head.append(library);
})();
