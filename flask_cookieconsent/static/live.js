// Sends a press, and makes a page that is open say what the server knows.

const every = (selector, where = document) => [...where.querySelectorAll(selector)];

// An answer of this site alone: a redirect elsewhere is an error.
const ask = async (address, body, signal) => {
  const method = body ? "POST" : "GET";
  const headers = { Accept: "application/json" };
  const answer = await fetch(address, { method, body, signal, headers, cache: "no-store", redirect: "error" });
  return answer.ok ? answer.json() : Promise.reject(answer);
};

const parse = (page, html) => {
  const piece = document.createRange().createContextualFragment(html);
  for (const each of every("script", piece)) Object.assign(each, { nonce: page.nonce, async: false });
  return piece;
};

// A form of ours at the end of the page, where no form of the site is.
const submit = (action, fields, target = "") => {
  const form = Object.assign(document.createElement("form"), { method: "post", action, target });
  for (const [name, value] of fields) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
  form.remove();
};

const swap = (page, banner) => {
  const [first, ...others] = every(".fcc-waiting, :not(.fcc-waiting) > :is(.fcc-banner, .fcc-saved, .fcc-signal)");
  for (const each of others) each.remove();
  if (first) first.replaceWith(parse(page, banner));
  else document.body.prepend(parse(page, banner));
};

// The answer to a press, or the embed that was allowed by it, is seen, and read aloud.
export const show = (page, place, banner) => {
  if (banner) swap(page, banner);
  const saved = document.querySelector(".fcc-saved");
  if (saved) {
    saved.classList.add("fcc-shown");
    // Without scripts it goes when another part of the page is the target.
    saved.querySelector("[href='#fcc-hidden']")?.addEventListener("click", (event) => {
      event.preventDefault();
      saved.remove();
    });
  }
  (document.getElementById(place) || saved)?.focus({ preventScroll: true });
};

// What is asked or answered, and the link; a page that caches share has the question in it.
export const dress = (page, answer) => {
  const asks = answer.state === page.nobody && Boolean(document.querySelector(".fcc-waiting"));
  const { classList } = document.documentElement;
  classList.remove("fcc-hears");
  classList.toggle("fcc-asks", asks);
  for (const holder of page.holders) holder.dataset.state = answer.state;
  if (asks) return;
  swap(page, answer.banner);
  for (const each of every(".fcc-link")) each.replaceWith(parse(page, answer.link));
};

// Embeds of what is allowed take the place of their placeholders, and placeholders that of the others.
export const isWrong = ({ allowed }, { dataset: { service }, classList }) =>
  service && allowed.has(service) !== classList.contains("fcc-embed");
export const fill = async (page, where = document) => {
  const wrong = every(".fcc-placeholder, .fcc-embed", where).filter((each) => isWrong(page, each));
  if (!wrong.length) return;
  const fields = wrong.flatMap((each) => [
    ["service", each.dataset.service],
    ["url", each.dataset.url],
    ["title", each.getAttribute("aria-label")],
  ]);
  const { embeds } = await ask(page.address("embeds"), new URLSearchParams(fields));
  wrong.forEach((each, index) => {
    if (!embeds[index]) return;
    const piece = parse(page, embeds[index]);
    const now = Object.assign(piece.firstElementChild, { id: each.id });
    // The frame that was pasted may have said how much space there is.
    const shape = /fcc-shape-\w+/;
    now.className = now.className.replace(shape, shape.exec(each.className) ?? "$&");
    each.replaceWith(piece);
  });
};

let applied = 0;
// The page is read again only where a script that ran has to end, or the page's policy lets no other run, and then it
// returns true; elsewhere nothing is lost.
const apply = async (page, answer, isMine, place) => {
  applied++;
  const isMore = page.tell(answer.allowed);
  page.state = answer.state;
  page.answer = answer;
  const running = every("script[data-service]").map(({ dataset }) => dataset);
  // A container of tags holds those of others, and nobody can tell which of them runs.
  const hasEnded = running.some((each) => !page.allowed.has(each.service) || (page.hasLost && "holds" in each));
  const isDone = !hasEnded && !(isMore && answer.closed);
  const note = { isMine, place, banner: answer.banner };
  if (!isDone && (await page.again(note))) return true;
  await page.forget(answer.forgotten);
  dress(page, answer);
  const known = running.map((each) => JSON.stringify(each));
  for (const tag of every("script", parse(page, answer.tags.join("")))) {
    if (!known.includes(JSON.stringify(tag.dataset))) document.head.append(tag);
  }
  // A policy of the site's may open only with the next page what is allowed from now on.
  const retry = ({ disposition }) => disposition === "enforce" && page.again(note);
  if (isMine && !page.shared) document.addEventListener("securitypolicyviolation", retry, { once: true });
  await fill(page);
  if (isMine) show(page, place);
};

export const askState = (page) => {
  const address = page.address("state");
  if (page.isUnread) address.searchParams.set("unread", "");
  return ask(address);
};

// Returns whether the server could be asked, now or before.
export const look = async (page, asked) => {
  const before = asked ? 0 : applied;
  try {
    const answer = await (asked || askState(page));
    // What a press has answered meanwhile is newer.
    if (applied !== before) return true;
    if (answer.state !== page.state) await apply(page, answer);
    else (await page.shared)?.agree(page, answer);
    return true;
  } catch {
    return false;
  }
};

let sending;
let pressed;
let hasFailed;
export const send = async (page, button, search) => {
  const piece = button.closest(".fcc-banner, .fcc-placeholder, .fcc-link");
  const { locale, notice, offline } = page.holders[0].dataset;
  const here = location.pathname + location.search;
  // The server carries no longer address.
  const next = here.length > 2000 ? "" : here;
  const body = new URLSearchParams({ choice: button.value, locale, notice, next });
  // The last press counts, and a second one of the same button is the first.
  if (pressed === button) return;
  pressed = button;
  sending?.abort();
  const { signal } = (sending = new AbortController());
  document.querySelector(".fcc-offline")?.remove();
  for (const each of every("[class^=fcc-][aria-busy]")) each.removeAttribute("aria-busy");
  piece.setAttribute("aria-busy", true);
  const address = page.address("choice", search);
  let answer;
  try {
    answer = await ask(address, body, signal);
    const isLeft = await apply(page, answer, true, button.closest(".fcc-placeholder")?.id);
    page.tabs?.postMessage("");
    if (isLeft) return;
  } catch (error) {
    if (signal.aborted) return;
    // Whoever is offline keeps the page; whoever presses again sends the form itself.
    if (answer || hasFailed || !(error instanceof TypeError)) return submit(address, body);
    hasFailed = true;
    const words = Object.assign(document.createElement("p"), { className: "fcc-offline", textContent: offline });
    words.setAttribute("role", "alert");
    button.parentNode.before(words);
  }
  pressed = null;
  piece.removeAttribute("aria-busy");
};

// Loads one embed into the frame of its placeholder, which nobody else knows the name of.
let loads = 0;
export const load = (page, place) => {
  const frame = place.querySelector(".fcc-once");
  const { service, url } = place.dataset;
  // The attribute names a frame that is made; the window has to be renamed.
  frame.name = frame.contentWindow.name = "fcc-once-" + ++loads;
  place.classList.add("fcc-loading");
  frame.addEventListener("load", () => frame.focus(), { once: true });
  submit(page.address("frame/" + service), [["url", url], ["title", frame.title]], frame.name);
};
