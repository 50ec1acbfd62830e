// Makes choosing smoother. Everything on these pages works without it.
(() => {
  "use strict";

  // A category's switch and the switches of its services follow each other.
  for (const group of document.querySelectorAll(".fcc-category")) {
    const all = group.querySelector("input[name=category]");
    if (!all) continue;
    const each = [...group.querySelectorAll("input[name=service]")];
    const words = group.querySelector(".fcc-category-switch small");
    const follow = () => {
      const on = each.filter((box) => box.checked).length;
      all.checked = on === each.length;
      all.indeterminate = on > 0 && on < each.length;
      if (words) words.hidden = !all.indeterminate;
    };
    all.addEventListener("change", () => {
      for (const box of each) box.checked = all.checked;
      follow();
    });
    for (const box of each) box.addEventListener("change", follow);
    follow();
  }

  // Who loads one embed finds the focus on it.
  for (const form of document.querySelectorAll(".fcc-load-once")) {
    form.addEventListener("submit", () => {
      const place = form.closest(".fcc-placeholder");
      const frame = place.querySelector(".fcc-once");
      place.classList.add("fcc-loading");
      frame.addEventListener("load", () => frame.focus(), { once: true });
    });
  }

  // A press that takes something away is heard by what runs in this page, before the next page has it gone (E3).
  document.addEventListener("submit", ({ target, submitter }) => {
    const press = submitter?.name === "choice" ? submitter.value : "";
    const off = [...target.querySelectorAll("input[name=service][type=checkbox]:not(:checked)")];
    if (!["withdraw", "reject", "erase", "save"].includes(press)) return;
    const detail = press === "save" ? off.map((box) => box.value) : null;
    document.dispatchEvent(new CustomEvent("fcc-withdrawn", { detail }));
  });

  const { state, check, forget } = document.currentScript.dataset;

  // A page kept by the Back button may show what has been withdrawn since, or ask what was answered.
  addEventListener("pageshow", async (event) => {
    if (!event.persisted) return;
    try {
      const answer = await fetch(check, { cache: "no-store" });
      if (answer.ok && (await answer.text()) === state) return;
    } catch { /* Whoever cannot ask looks again. */ }
    location.reload();
  });

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
