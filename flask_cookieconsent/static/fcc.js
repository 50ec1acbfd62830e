// Makes choosing smoother. Everything on these pages works without it.
(() => {
  "use strict";

  const { check, forget } = document.currentScript.dataset;
  let { state } = document.currentScript.dataset;
  const every = (selector, where = document) => [...where.querySelectorAll(selector)];

  // A category's switch and the switches of its services follow each other.
  for (const group of every(".fcc-category")) {
    const all = group.querySelector("input[name=category]");
    if (!all) continue;
    const each = every("input[name=service]", group);
    const words = group.querySelector(".fcc-category-switch small");
    const follow = () => {
      const on = each.filter((box) => box.checked).length;
      all.checked = on === each.length;
      all.indeterminate = on > 0 && on < each.length;
      words.hidden = !all.indeterminate;
    };
    group.addEventListener("change", ({ target }) => {
      if (target === all) for (const box of each) box.checked = all.checked;
      follow();
    });
    follow();
  }

  // Who loads one embed finds the focus on it.
  for (const form of every(".fcc-load-once")) {
    form.addEventListener("submit", () => {
      const place = form.closest(".fcc-placeholder");
      const frame = place.querySelector(".fcc-once");
      place.classList.add("fcc-loading");
      frame.addEventListener("load", () => frame.focus(), { once: true });
    });
  }

  // What runs in this page hears of what is taken away, all or some, before the next page has it gone (E3).
  const withdraw = (detail) => document.dispatchEvent(new CustomEvent("fcc-withdrawn", { detail }));

  // A press changes this page where it stands; where more than the banner changes, the page is read again.
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter: button } = event;
    if (button?.name !== "choice" || event.defaultPrevented || form.dataset.plain) return;
    if (form.ariaBusy) return event.preventDefault();
    const off = every("input[name=service][type=checkbox]:not(:checked)", form).map((box) => box.value);
    if (!["accept", "allow"].includes(button.value)) withdraw(button.value === "save" ? off : null);
    const { surface, next } = form.elements;
    // A page in somebody's frame has to post as one, so that the server sees it.
    if (surface.value === "preferences" || next.value !== location.pathname + location.search || self !== top) return;
    event.preventDefault();
    form.ariaBusy = true;
    try {
      const body = new URLSearchParams(new FormData(form, button));
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) throw answer;
      const { changed, saved, state: now } = await answer.json();
      const banner = form.closest(".fcc-banner");
      if (banner && !changed) {
        state = now;
        banner.outerHTML = saved;
        location.replace("#fcc-saved");
        arrive();
      } else {
        history.replaceState(history.state, "", "#" + (form.closest(".fcc-placeholder")?.id || "fcc-saved"));
        location.reload();
      }
    } catch {
      form.ariaBusy = null;
      form.dataset.plain = true;
      form.requestSubmit(button);
    }
  });

  // Whoever comes back from a choice finds the focus on the answer, and other tabs hear of it.
  let tabs;
  const arrive = () => {
    const place = /^#fcc-(saved|place-\d+)$/.test(location.hash) && document.querySelector(location.hash);
    if (!place) return;
    place.focus({ preventScroll: true });
    tabs?.postMessage("");
    history.replaceState(history.state, "", location.pathname + location.search);
  };

  // A page kept by the Back button, or in another tab, may show what has been withdrawn since, or ask what was answered.
  const look = async () => {
    try {
      const answer = await fetch(check, { cache: "no-store" });
      if (answer.ok && (await answer.text()) === state) return;
    } catch { /* Whoever cannot ask looks again. */ }
    withdraw(null);
    location.reload();
  };
  addEventListener("pageshow", ({ persisted }) => {
    if (check) {
      tabs = new BroadcastChannel(check);
      tabs.onmessage = look;
      if (persisted) look();
    }
    arrive();
  });
  addEventListener("pagehide", () => tabs?.close());

  // What the site keeps in Web Storage for services that are off, only a script can remove.
  for (const [area, names] of Object.entries(JSON.parse(forget || "{}"))) {
    try {
      const store = area === "local" ? localStorage : sessionStorage;
      for (const key of Object.keys(store)) {
        const declared = (name) => (name.endsWith("*") ? key.startsWith(name.slice(0, -1)) : key === name);
        if (names.some(declared)) store.removeItem(key);
      }
    } catch { /* A browser that stores nothing has nothing to remove. */ }
  }
})();
