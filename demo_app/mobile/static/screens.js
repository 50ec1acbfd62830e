// The two lists, and the film that is shown where YouTube is allowed.

import { allows, status } from "./choices.js";
import { amount, copy, day, settings, time, today, word } from "./pieces.js";
import { allowOne, isAskable } from "./privacy.js";

let lists = null;

// Reads the lists; without a connection the worker has those of the last time, and their answer says when that was.
export const loadLists = async () => {
  try {
    const response = await fetch(settings.lists);
    if (!response.ok) return;
    lists = { ...(await response.json()), keptAt: response.headers.get("Ecom-Kept") };
  } catch { /* There is no connection, and was none yet. */ }
};

const kept = () => (!lists ? word("noLists") : lists.keptAt ? word("kept", { time: time(lists.keptAt) }) : "");

const groupOf = (heading, invoices, name) => {
  const { whole, places } = copy("group", { heading });
  places.rows.append(...invoices.map((each) => {
    const texts = { company: each.company, number: each.number, amount: amount(each.cents) };
    return copy("invoice", { ...texts, due: word(name, { day: day(each.due) }) }).whole;
  }));
  whole.firstElementChild.classList.add(name);
  return whole;
};

const sum = (invoices) => invoices.reduce((cents, each) => cents + each.cents, 0);

export const invoicesScreen = () => {
  const { whole, places } = copy("invoices", { kept: kept() });
  const due = lists?.invoices || [];
  const late = due.filter((each) => each.status === "overdue" || each.due < today());
  const soon = due.filter((each) => !late.includes(each));
  places.total.textContent = lists && !due.length ? word("nothingDue") : amount(sum(due));
  places.late.textContent = late.length ? word("late", { amount: amount(sum(late)) }) : "";
  if (late.length) places.groups.append(groupOf(word("overdue"), late, "overdueBy"));
  if (soon.length) places.groups.append(groupOf(word("due"), soon, "dueOn"));
  places.film.append(filmOf());
  return whole;
};

export const customersScreen = () => {
  const { whole, places } = copy("customers", { kept: kept() });
  const fill = (text) => {
    const found = (lists?.customers || []).filter((each) =>
      `${each.company} ${each.contact} ${each.place}`.toLocaleLowerCase().includes(text.toLocaleLowerCase()));
    places.none.hidden = Boolean(found.length) || !text;
    places.rows.replaceChildren(...found.map((each) => {
      const open = each.cents ? amount(each.cents) : word("nothingOpen");
      const last = word("lastContact", { day: day(each.last_contact) });
      const { company, contact, place } = each;
      const row = copy("customer", { company, contact, place, last, amount: open });
      row.places.amount.classList.toggle("quiet", !each.cents);
      return row.whole;
    }));
  };
  places.find.addEventListener("input", () => fill(places.find.value.trim()));
  fill("");
  return whole;
};

// The film is a page of this site around YouTube's: its policy opens for YouTube, and the one of the App stays shut.
const filmOf = () => {
  if (allows("youtube")) return copy(navigator.onLine ? "film-on" : "film-offline").whole;
  const { whole, places } = copy("film");
  places.waits.hidden = !status().waiting.some((each) => each.services?.includes("youtube") || each.choice === "accept");
  places.allow.hidden = !isAskable();
  places.allow.addEventListener("click", () => allowOne("youtube"));
  return whole;
};

export const startFilm = (screen) => screen.querySelector("form[target=film]")?.submit();
