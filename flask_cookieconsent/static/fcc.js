// Makes choosing smoother, and tells a page's own scripts of the choice. Everything works without it.
(() => {
  "use strict";
  const script = document.currentScript;
  // A name in the content may stand in its place, and a driver of pages may run it again.
  if (!(script instanceof HTMLScriptElement) || window.cookieconsent) return;

  const { dataset } = script;
  const choice = new URL(dataset.choice, location.href);
  const needed = dataset.needed.split(" ");
  const [holders, embeds, forms] = ["fcc-forms", "fcc-embed", "fcc-switches"].map((name) => document.getElementsByClassName(name));
  const part = (name) => import(new URL(name + ".js", script.src));

  // Of a page that caches share: what `early.js` could tell of its visitor by itself.
  const isShared = "shared" in dataset;
  const [asks, hears] = ["fcc-asks", "fcc-hears"].map((name) => isShared && document.documentElement.classList.contains(name));

  // What the other parts work with.
  const page = {
    state: dataset.state,
    nobody: dataset.nobody,
    // An answer that is there although no script could read it is set anew.
    isUnread: asks || hears,
    shared: dataset.nobody && part("shared").catch(() => {}),
    allowed: new Set([...needed, ...dataset.allowed.split(" ")]),
    nonce: script.nonce,
    holders,
    tabs: window.BroadcastChannel && new BroadcastChannel(choice.pathname),
    // Our other addresses are neighbours of the one that takes choices.
    address: (name, search = choice.search) => Object.assign(new URL(name, choice), { search }),
    // What runs in this page hears of every change, and of what is taken away before anything is sent (E3).
    tell(names) {
      const before = page.allowed;
      const now = (page.allowed = new Set(names));
      const granted = [...now].filter((name) => !before.has(name));
      const withdrawn = [...before].filter((name) => !now.has(name));
      if (!granted.length && !withdrawn.length) return false;
      if (withdrawn.length) {
        page.hasLost = true;
        part("stores").then(({ dropPages }) => dropPages());
      }
      const detail = { allowed: [...now], granted, withdrawn };
      document.dispatchEvent(new CustomEvent("cookieconsent:change", { detail }));
      return granted.length > 0;
    },
    forget: async (names) => (await part("stores")).forget(names),
    // What was typed outlives a page that is read again; the answer to a POST would be sent again, and so stays.
    again: async (note) => "reads" in dataset && (await part("typing")).readAgain(typed, note),
  };
  const typed = new Set();
  addEventListener("input", ({ target }) => target.closest?.("[class^=fcc-]") || typed.add(target), true);

  // Where the parts cannot be had, the browser sends the forms itself.
  let isPlain;
  const live = part("live").catch(() => { isPlain = true; });
  const look = async (asked) => {
    const { look } = (await live) || {};
    // Whoever cannot ask counts nothing.
    if (!(await look?.(page, asked))) page.tell(needed);
  };
  const asked = isShared && !asks && live.then((live) => live?.askState(page));

  // Buttons of ours only, whatever else is called so.
  const actionOf = (button) => {
    const read = (element, name) => element && Element.prototype.getAttribute.call(element, name);
    const action = button?.name === "choice" && (read(button, "formaction") || read(button.form, "action"));
    const url = action && new URL(action, location.href);
    return url && url.origin === choice.origin && url.pathname === choice.pathname && url;
  };
  const press = async (event) => {
    const button = event.target.closest?.("button");
    const action = actionOf(button);
    const isLoad = button?.matches(".fcc-placeholder .fcc-load");
    if (!action && !isLoad) return;
    event.stopImmediatePropagation();
    if (action) {
      const { value, form } = button;
      if (value === "save") page.tell(switches ? switches.left(form, page.allowed) : page.allowed);
      else if (value !== "accept" && value !== "allow") page.tell(needed);
      // Pages with switches are made anew, and a page in somebody's frame has to post as one: the server looks at it.
      const isAnew = forms[0] || !button.matches("[form=fcc-form]") || !holders[0];
      if (isAnew || (self !== top && form)) return;
    }
    if (isPlain) return;
    event.preventDefault();
    const { load, send } = (await live) || {};
    if (isPlain) button.click();
    else if (isLoad) load(page, button.closest(".fcc-placeholder"));
    else send(page, button, action.search);
  };
  // Before any other script hears of it.
  addEventListener("click", press, true);
  addEventListener("submit", (event) => actionOf(event.submitter) && event.stopImmediatePropagation(), true);

  // Pages that were kept, or that a driver swapped in, may show what has been answered or withdrawn since.
  const arrived = history.state?.fcc;
  if (arrived) history.replaceState(arrived.was, "");
  let switches;
  let known;
  let started;
  let ignored = arrived?.stale;
  const watch = async () => {
    // A copy of a page brings its frames along; they are gone before they ask anybody.
    for (const { dataset, firstElementChild } of embeds) page.allowed.has(dataset.service) || firstElementChild?.remove();
    if (forms[0] !== started) {
      started = forms[0];
      switches = await part("switches");
      switches.start();
    }
    if (page.shared) return void (await page.shared)?.follow(page, look);
    const [holder] = holders;
    if (!holder || holder === known || document.querySelector("[data-turbo-preview]")) return;
    const isFirst = !known;
    known = holder;
    const { state: stale } = holder.dataset;
    if (isFirst || stale === page.state || stale === ignored) return;
    ignored = stale;
    (await page.again({ stale })) || look();
  };
  if (page.tabs) page.tabs.onmessage = () => look();
  addEventListener("pageshow", ({ persisted }) => persisted && look());

  document.addEventListener("DOMContentLoaded", async () => {
    new MutationObserver(watch).observe(document, { childList: true, subtree: true });
    if (!asked) watch();
    if (dataset.forget) page.forget(JSON.parse(dataset.forget));
    if (asked) await look(asked);
    // An answer of before caches shared pages cannot be read here, nor a signal that a proxy adds.
    else if (asks && !document.referrer.startsWith(location.origin + "/")) addEventListener("load", () => look());
    if (arrived) (await part("typing")).restore(arrived.kept);
    const [, place] = /^#(fcc-saved|fcc-place-[\w-]+)$/.exec(location.hash) || [];
    if (place || arrived?.isMine) {
      const { show } = (await live) || {};
      show?.(page, place || arrived.place, arrived?.banner);
      if (place && show) history.replaceState(history.state, "", location.pathname + location.search);
      page.tabs?.postMessage("");
    }
    // A service worker may have answered with a page of long ago.
    if (performance.getEntriesByType("navigation")[0]?.workerStart) look();
  });

  window.cookieconsent = Object.freeze({
    allows: (name) => page.allowed.has(name),
    fill: async (node) => (await live)?.fill(page, node),
    openPreferences: () => location.assign(page.address(".")),
  });
})();
