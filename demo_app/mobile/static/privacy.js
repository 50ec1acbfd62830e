// The screens about consent: the question, the choice of single services, and what holds now.

import { allows, choose, erase, record, status } from "./choices.js";
import { counts } from "./counter.js";
import { readNotice } from "./interface.js";
import { copy, day, list, settings, time, word } from "./pieces.js";

// With choices of its own, the App asks about what it does itself; shared, about all that the visitor's cookie answers.
const own = settings.services.split(" ").filter(Boolean);
const isAsked = (service) => !own.length || own.includes(service.id);

let notice = null;

// Reads what is asked; without a connection the worker has it from the last time.
export const loadNotice = async () => {
  notice = (await readNotice()) || notice;
  return notice;
};

const optional = () =>
  (notice?.categories || []).filter((group) => !group.necessary).flatMap((group) => group.services).filter(isAsked);

// What a service does: in the words of the App for the film, else in those of the declaration.
const about = (service) => (service.id === "youtube" ? word("aboutYoutube") : service.description || service.says);

const receiver = ({ provider }) => provider && word("provider", { name: provider.name });

const show = (place, text) => Object.assign(place, { hidden: !text, textContent: text });

const nameOf = (id) => optional().find((service) => service.id === id)?.name || id;

// A grant names the notice that was shown, and is none without it.
const shown = () => ({ notice: notice?.notice || "", locale: notice?.locale || "" });

export const allowOne = (service) => choose({ choice: "allow", services: [service], ...shown() });

const press = (choice) => {
  const all = optional().map((service) => service.id);
  // To accept all that was asked is no grant of what was not.
  const body = choice === "accept" && own.length ? { choice: "save", services: all } : { choice };
  return choose({ ...body, ...shown() });
};

const wire = (whole, then) => {
  for (const button of whole.querySelectorAll("[data-choice]")) {
    button.addEventListener("click", () => { press(button.dataset.choice); then(); });
  }
};

export const isAskable = () => optional().length > 0;

// The lines of the question: the few services of the App, or the categories of all that the Website has too.
const asked = () => {
  const receivers = (services) => [...new Set(services.flatMap(({ provider }) => (provider ? [provider.name] : [])))];
  if (own.length) return optional().map((service) => [service.name, about(service), receivers([service])]);
  const groups = notice.categories.filter((group) => !group.necessary && group.services.length);
  return groups.map(({ title, summary, services }) => [title, summary, receivers(services)]);
};

export const askScreen = (then, why) => {
  const { whole, places } = copy("ask");
  const { state, isExpired } = status();
  const news = (state?.news || []).filter((id) => !own.length || own.includes(id));
  const reason = why || (isExpired && word("expired")) || (news.length && word("news", { names: list(news.map(nameOf)) }));
  show(places.why, reason);
  places.offline.hidden = navigator.onLine;
  places.services.append(...asked().map(([name, description, receivers]) => {
    const each = copy("asked", { name, description });
    show(each.places.provider, receivers.length && word("provider", { name: list(receivers) }));
    return each.whole;
  }));
  wire(whole, then);
  return whole;
};

const serviceOf = (service) => {
  const { whole, places } = copy("service", { name: service.name, description: about(service) });
  const box = whole.querySelector("input");
  box.value = service.id;
  box.checked = allows(service.id); // nothing is ticked for somebody who has not answered
  places.provider.textContent = receiver(service) || word("ownService");
  places.storage.append(...service.cookies.map((each) => {
    const item = document.createElement("li"), name = document.createElement("code");
    name.textContent = each.name;
    item.append(name, ` ${each.purpose} ${each.lasts}.`);
    return item;
  }));
  return whole;
};

export const chooseScreen = (then) => {
  const { whole, places } = copy("choose");
  const form = whole.querySelector("form");
  places.offline.hidden = navigator.onLine;
  for (const group of notice?.categories || []) {
    const services = group.services.filter((each) => !group.necessary && isAsked(each));
    if (!services.length) continue;
    const each = copy("category", { title: group.title, summary: group.summary });
    each.places.services.append(...services.map(serviceOf));
    places.groups.append(each.whole);
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const services = [...form.querySelectorAll("input:checked")].map((box) => box.value);
    choose({ choice: "save", services, ...shown() });
    then();
  });
  wire(whole, then);
  return whole;
};

const waitingText = (waiting) => {
  if (!waiting.length) return "";
  return word(["reject", "withdraw"].includes(waiting.at(-1).choice) ? "refusalWaits" : "grantWaits");
};

const stateInto = (places) => {
  const { state, waiting } = status();
  const on = optional().filter((service) => allows(service.id)).map((service) => service.name);
  places.state.textContent = on.length ? word("allowed", { names: list(on) }) : word("allOff");
  const days = state?.made_on && word("since", { day: day(state.made_on), end: day(state.expires_on) });
  places.since.textContent = days || (waiting.length ? "" : word(notice ? "unanswered" : "unknown"));
  show(places.waiting, waitingText(waiting));
  show(places.signal, state?.signal ? word("signal", { signal: state.signal }) : "");
  for (const service of optional()) {
    const pill = word(allows(service.id) ? "on" : "off");
    const item = copy("state-of", { name: service.name, pill });
    item.places.pill.classList.toggle("is-on", allows(service.id));
    places.services.append(item.whole);
  }
  places.withdraw.hidden = !on.length && !waiting.some((each) => !["reject", "withdraw"].includes(each.choice));
  places.withdraw.addEventListener("click", () => choose({ choice: "withdraw", ...shown() }));
  places.change.hidden = !isAskable();
};

const pairs = (entries) => entries.flatMap(([name, value]) => {
  const term = document.createElement("dt"), text = document.createElement("dd");
  term.textContent = name;
  text.textContent = value;
  return [term, text];
});

const eventOf = ({ event_time: at, purposes }) => {
  const granted = purposes.filter((each) => each.answer === "granted").map((each) => each.name || each.id);
  return [time(at), granted.length ? word("allowed", { names: list(granted) }) : word("allOff")];
};

// Shared, the browser holds the receipt where no script can read it, and the server still knows it.
const receiptInto = (places, tell) => {
  const { receipt, state } = status();
  const isHeld = "shared" in settings && Object.values(state?.choices || {}).includes("granted");
  places.receipt.hidden = !receipt && !isHeld;
  show(places.number, receipt);
  places.show.addEventListener("click", async () => {
    const found = await record();
    if (!found) return tell(word("notReached"));
    places.record.hidden = false;
    places.record.replaceChildren(...pairs(found.events.map(eventOf)));
  });
  places.erase.addEventListener("click", async () => { if (!(await erase())) tell(word("notReached")); });
};

export const privacyScreen = (tell) => {
  const { whole, places } = copy("privacy");
  stateInto(places);
  const sums = Object.entries(counts());
  places.counter.hidden = !sums.length;
  places.counts.append(...pairs(sums.map(([screen, number]) => [word(screen), number])));
  receiptInto(places, tell);
  return whole;
};
