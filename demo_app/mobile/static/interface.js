// Requests to the JSON interface of the consent, and nothing else; where there is no connection they return null.

import { language, settings } from "./pieces.js";

const isShared = "shared" in settings;

const ask = async (path, options = {}) => {
  try {
    return await fetch(settings.api + path, { cache: "no-store", ...options });
  } catch {
    return null; // there is no connection
  }
};

// With choices of its own the App brings a token, and the browser no cookie. Shared, the visitor's cookie counts.
const who = (kept) => {
  const headers = { "Accept-Language": language };
  if (isShared) return { headers, credentials: "same-origin" };
  headers.Authorization = `Bearer ${kept.token || ""}`.trim();
  if (kept.receipt) headers["Consent-Receipt"] = kept.receipt;
  return { headers, credentials: "omit" };
};

const json = async (response) => {
  try {
    return await response.json();
  } catch {
    return null; // some box on the way answered, and not the site
  }
};

// What is asked, as everybody is shown it; the worker keeps the last one.
export const readNotice = async () => {
  const response = await ask(`/notice?lang=${language}`, { credentials: "omit", cache: "no-cache" });
  return response?.ok ? json(response) : null;
};

export const readChoice = async (kept) => {
  const response = await ask("/choice", who(kept));
  return response?.ok ? json(response) : null;
};

// Returns the status and the body of the answer, null for none.
export const sendChoice = async (kept, body) => {
  const { headers, ...rest } = who(kept);
  headers["Content-Type"] = "application/json";
  const response = await ask("/choice", { method: "POST", headers, ...rest, body: JSON.stringify(body) });
  const answer = response && (await json(response));
  return answer && { status: response.status, answer };
};

export const readReceipt = async (kept) => {
  const response = await ask("/choice/receipt", who(kept));
  return response?.ok ? json(response) : null;
};

export const eraseReceipt = async (kept) => {
  const response = await ask("/choice/receipt", { method: "DELETE", ...who(kept) });
  const answer = response && (await json(response));
  return answer && { status: response.status, answer };
};
