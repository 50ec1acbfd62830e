// Pieces of the page: templates filled in, words, days and amounts in the language of the page.

const root = document.documentElement;
export const settings = root.dataset;
export const language = root.lang;

const words = Object.fromEntries(
  [...document.getElementById("words").content.children].map((each) => [each.dataset.word, each.textContent]),
);

// A word of the page, with what is in braces filled in.
export const word = (name, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, value), words[name]);

// A copy of a template: what to append, and its named places.
export const copy = (id, texts = {}) => {
  const whole = document.getElementById(id).content.cloneNode(true);
  const places = Object.fromEntries([...whole.querySelectorAll("[data-is]")].map((each) => [each.dataset.is, each]));
  for (const [name, text] of Object.entries(texts)) places[name].textContent = text;
  return { whole, places };
};

const days = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
const times = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const euros = new Intl.NumberFormat(language, { style: "currency", currency: "EUR" });

export const day = (iso) => days.format(new Date(`${iso}T00:00Z`)).replaceAll(" ", "\u00a0");
export const time = (iso) => times.format(new Date(iso));
export const amount = (cents) => euros.format(cents / 100);
export const list = (names) => new Intl.ListFormat(language, { type: "conjunction" }).format(names);
export const today = () => new Date().toISOString().slice(0, 10);
