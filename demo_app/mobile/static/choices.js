// What was chosen in the App: kept on the device, allowed or not at this moment, and sent once there is a connection.

import { eraseReceipt, readChoice, readReceipt, sendChoice } from "./interface.js";
import { settings, today } from "./pieces.js";

const KEY = "ecom_app_choices";
const isShared = "shared" in settings;
const LESS = ["reject", "withdraw"];

// Choices that are shared live in the visitor's cookie, and only the server can say what follows from it. Then the
// device keeps what waits to be sent and nothing more: whatever was withdrawn on the Website must not be on here.
let present = {};

const load = () => {
  const empty = { waiting: [] };
  try {
    const kept = { ...empty, ...JSON.parse(localStorage.getItem(KEY)) };
    return isShared ? { ...present, waiting: kept.waiting } : kept;
  } catch {
    return { ...empty, ...present };
  }
};

const save = (kept) => {
  present = kept;
  const stored = isShared ? { waiting: kept.waiting } : kept;
  try {
    const isEmpty = !stored.state && !stored.token && !stored.waiting.length;
    if (isEmpty) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(stored));
  } catch { /* A browser that stores nothing asks again the next time. */ }
};

const changed = new EventTarget();
const tell = (problem) => changed.dispatchEvent(new CustomEvent("change", { detail: problem }));

export const onChange = (call) => changed.addEventListener("change", (event) => call(event.detail));

// A kept answer counts until its last day; a signal that came later denies, and nothing grants but the server.
const holds = (state) => !state.expires_on || state.expires_on >= today();
const isSilenced = (state) => navigator.globalPrivacyControl === true && !state.signal;

export const allowed = () => {
  const { state } = load();
  return state && holds(state) && !isSilenced(state) ? state.allowed : [];
};
export const allows = (service) => allowed().includes(service);

// What the screens say: the last answer of the server, what waits, and whether the App has to ask.
export const status = () => {
  const { state, waiting, receipt } = load();
  const isExpired = Boolean(state && !holds(state));
  const isAnswered = waiting.some((each) => each.choice !== "allow");
  return { state, waiting, receipt, isExpired, asks: !isAnswered && (!state || state.asks || isExpired) };
};

// What a choice takes away, it takes away at once; what it allows is on when the server has recorded it.
const strike = (state, { choice, services = [] }) => {
  if (!state) return state;
  const stays = (service) => state.choices[service] === "essential" || (choice === "save" && services.includes(service));
  const isLess = choice === "save" || LESS.includes(choice);
  return isLess ? { ...state, allowed: state.allowed.filter(stays) } : state;
};

// A refusal answers for all that waited before it; what is allowed after a refusal waits behind it.
const queued = (waiting, press) =>
  LESS.includes(press.choice) ? [press] : [...waiting.filter((each) => LESS.includes(each.choice)), press];

export const choose = async (body) => {
  const kept = load(), press = { ...body, at: Date.now(), seen: kept.state?.state };
  save({ ...kept, state: strike(kept.state, press), waiting: queued(kept.waiting, press) });
  tell();
  await send();
};

// A choice that is shared may have been made anew on the Website while this one waited: what it allows gives way then.
const isOvertaken = ({ choice, seen }, now) => !LESS.includes(choice) && now.made_on && now.state !== seen;

const alone = (work) => (navigator.locks ? navigator.locks.request("ecom-app-choices", work) : work());

// Sends what waits, in its order, each once: only one window of the App does so at a time.
export const send = () => alone(async () => {
  for (let kept = load(); kept.waiting.length; kept = load()) {
    const [press] = kept.waiting;
    const { at, seen, ...body } = press;
    const now = isShared && (await readChoice(kept));
    if (now && isOvertaken(press, now)) {
      save({ ...kept, state: now, waiting: kept.waiting.filter((each) => each.at !== at) });
      tell();
      continue;
    }
    const sent = await sendChoice(kept, body);
    if (!sent || (sent.status >= 500 && !sent.answer.choices)) return; // none of the site's own answers
    take(load(), press, sent);
  }
});

const take = (kept, press, { status, answer }) => {
  const { token, receipt, type, title, detail, ...state } = answer;
  const next = { ...kept, waiting: kept.waiting.filter((each) => each.at !== press.at) };
  if (state.choices) next.state = next.waiting.reduce(strike, state);
  if (token !== undefined) next.token = token;
  if (receipt !== undefined) next.receipt = receipt;
  save(next);
  tell(status >= 400 ? { type, text: detail || title } : null);
};

// Asks the server what holds now: another day, another declaration, a press on the Website.
export const refresh = async () => {
  await send();
  const state = await readChoice(load());
  if (!state) return;
  const kept = load();
  save({ ...kept, state: kept.waiting.reduce(strike, state) });
  tell();
};

export const record = () => readReceipt(load());

export const erase = async () => {
  const kept = load();
  const sent = await eraseReceipt(kept);
  if (!sent) return false;
  take(kept, {}, sent);
  return sent.status < 400;
};
