// In pages that caches share, and so are made for nobody: shows before the first paint what can be told without asking,
// the question to whoever has not answered, or the line of a browser that answers for its visitor.
(() => {
  "use strict";
  const script = document.currentScript;
  // Something in the content may bear this name; only an element that fetched this very file is ours.
  if (!(script instanceof HTMLScriptElement && /\/early\.js(\?|$)/.test(script.src))) return;
  const { cookie, dnt } = script.dataset;
  const { classList } = document.documentElement;
  try {
    if (document.cookie.includes(cookie)) return;
  } catch {
    return; // A frame without an origin has no cookies to look at.
  }
  const isSignalled = navigator.globalPrivacyControl || (dnt !== undefined && navigator.doNotTrack === "1");
  classList.add(isSignalled ? "fcc-hears" : "fcc-asks");
})();
