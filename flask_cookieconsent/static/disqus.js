// Shows the thread of a page. It is in the page only once that was allowed.
(() => {
  "use strict";
  const script = document.currentScript;
  // Something in the content may bear this name; only an element that fetched this very file is ours.
  if (!(script instanceof HTMLScriptElement && /\/disqus\.js(\?|$)/.test(script.src))) return;
  const { src, identifier } = script.dataset;
  const canonical = document.querySelector("link[rel=canonical]");
  const url = canonical ? canonical.href : location.origin + location.pathname;

  // Disqus calls this with its own settings as `this`.
  window.disqus_config = function () {
    Object.assign(this.page, { url, identifier });
    this.language = document.documentElement.lang.replace("-", "_");
  };
  const library = document.createElement("script");
  library.async = true;
  library.src = src;
  library.setAttribute("data-timestamp", String(Date.now()));
  library.nonce = script.nonce;
  document.head.append(library);
})();
