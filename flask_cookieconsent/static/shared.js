// Puts an answer into pages that caches share: they are made for nobody, whatever brings them.
import { dress, fill, isWrong } from "./live.js";

// The answer to a question that changes nothing of what is allowed.
export const agree = async (page, answer) => {
  page.answer = answer;
  await page.forget(answer.forgotten);
  dress(page, answer);
};

const [embeds, places] = ["fcc-embed", "fcc-placeholder"].map((name) => document.getElementsByClassName(name));
const seen = new WeakSet();
const isFirst = (each) => !seen.has(each) && seen.add(each);

// What a driver has just brought says what nobody has chosen; a page of ours may know more than this one.
export const follow = async (page, look) => {
  if (document.querySelector("[data-turbo-preview]")) return;
  const stale = [...page.holders].filter(({ dataset }) => dataset.state !== page.state).filter(isFirst);
  const isOurs = stale.some(({ dataset }) => dataset.state !== page.nobody);
  if (stale.length && page.answer && !isOurs) dress(page, page.answer);
  else if (stale.length) await look();
  const wrong = [...places, ...embeds].filter((each) => isWrong(page, each)).filter(isFirst);
  if (wrong.length) await fill(page).catch(() => {});
};

// Cookies that a script can read go from this host and its parents, from this folder and those above it.
export const forgetCookies = (isDeclared) => {
  const labels = location.hostname.split(".");
  const domains = ["", ...labels.slice(0, -1).map((_, start) => "; domain=" + labels.slice(start).join("."))];
  const steps = location.pathname.split("/").slice(0, -1);
  const paths = ["/", ...steps.slice(1).flatMap((_, end) => {
    const folder = steps.slice(0, end + 2).join("/");
    return [folder, folder + "/"];
  })];
  const secure = location.protocol === "https:" ? "; secure" : "";
  for (const name of document.cookie.split("; ").map((pair) => pair.split("=")[0]).filter(isDeclared)) {
    for (const domain of domains) {
      for (const path of paths) document.cookie = `${name}=; max-age=0; path=${path}${domain}${secure}`;
    }
  }
};
