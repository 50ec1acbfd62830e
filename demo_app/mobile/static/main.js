// The App of Ecom: which screen is shown, and what happens when the connection or a choice changes.

import { onChange, refresh, status } from "./choices.js";
import { count, forget } from "./counter.js";
import { settings, word } from "./pieces.js";
import { askScreen, chooseScreen, isAskable, loadNotice, privacyScreen } from "./privacy.js";
import { customersScreen, invoicesScreen, loadLists, startFilm } from "./screens.js";
import { keepOffline } from "./offline.js";

const screen = document.getElementById("screen"), told = document.getElementById("told");
const tabs = [...document.querySelectorAll(".tabs a")];
let why = "";

const tell = (text) => {
  told.hidden = !text;
  told.firstElementChild.textContent = text;
};

const go = (name) => {
  if (location.hash === `#${name}`) show();
  else location.hash = name;
};

const SCREENS = {
  invoices: invoicesScreen,
  customers: customersScreen,
  privacy: () => privacyScreen(tell),
  choose: () => chooseScreen(() => go("privacy")),
  ask: () => askScreen(() => { why = ""; go("invoices"); }, why),
};

const present = () => {
  const name = location.hash.slice(1);
  return Object.hasOwn(SCREENS, name) ? name : "invoices";
};

const show = () => {
  const name = present();
  screen.replaceChildren(SCREENS[name]());
  screen.dataset.screen = name;
  document.title = `${word(name)} | Ecom`;
  for (const tab of tabs) {
    const isHere = tab.hash === `#${name}` || (name === "choose" && tab.hash === "#privacy");
    if (isHere) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  startFilm(screen);
};

// Somebody who goes to a screen reads it from its top, and so does who hears it.
const visit = () => {
  tell("");
  show();
  scrollTo(0, 0);
  screen.focus({ preventScroll: true });
  count(present());
};

const connection = () => {
  for (const each of document.querySelectorAll(".offline")) each.hidden = navigator.onLine;
};

const update = async () => {
  connection();
  await Promise.all([loadLists(), loadNotice(), refresh()]);
  forget();
  if (!["ask", "choose"].includes(present())) show();
};

const start = async () => {
  connection();
  keepOffline(settings.worker);
  await Promise.all([loadLists(), loadNotice(), refresh()]);
  forget();
  if (status().asks && isAskable() && !["choose", "privacy"].includes(present())) location.replace("#ask");
  show();
  count(present());
  document.documentElement.dataset.ready = "";
};

onChange((problem) => {
  forget();
  if (problem?.type.endsWith(":stale")) {
    why = word("stale");
    loadNotice().then(() => go("ask"));
  } else if (!["ask", "choose"].includes(present())) {
    show();
  }
  if (problem) tell(problem.text);
});

addEventListener("hashchange", visit);
addEventListener("online", update);
addEventListener("offline", () => { connection(); show(); });
addEventListener("storage", () => { forget(); show(); });
addEventListener("pageshow", (event) => { if (event.persisted) update(); });
start();
