// Counts how often each screen is opened, on this device alone, and only while that is allowed.

import { allows } from "./choices.js";

const SERVICE = "app_screens", KEY = "ecom_app_screens";

export const counts = () => {
  if (!allows(SERVICE)) return {};
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
};

export const count = (screen) => {
  if (!allows(SERVICE)) return;
  const sums = counts();
  sums[screen] = (sums[screen] || 0) + 1;
  localStorage.setItem(KEY, JSON.stringify(sums));
};

// What is allowed no longer, is there no longer; to erase a key nobody has to read it.
export const forget = () => { if (!allows(SERVICE)) localStorage.removeItem(KEY); };
