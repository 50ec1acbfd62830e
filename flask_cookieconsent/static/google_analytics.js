// Starts Google Analytics with the visitor's real choice. It is in the page only once that was allowed.
(() => {
  "use strict";
  const script = document.currentScript;
  const { id, service, cookieExpires, consent } = script.dataset;
  const names = [
    "ad_storage", "ad_user_data", "ad_personalization", "analytics_storage",
    "functionality_storage", "personalization_storage", "security_storage",
  ];
  const given = new Map((consent || "").split(" ").map((each) => each.split("=")));
  const choice = Object.fromEntries(names.map((name) => [name, given.get(name) === "granted" ? "granted" : "denied"]));
  const denied = Object.fromEntries(names.map((name) => [name, name === "security_storage" ? "granted" : "denied"]));

  // From the press on, and not only from the next page, nothing more is counted (E3).
  document.addEventListener("fcc-withdrawn", ({ detail }) => {
    if (detail && !detail.includes(service)) return;
    window["ga-disable-" + id] = true;
    window.gtag("consent", "update", denied);
  });

  // A second property joins the first. A queue of the site's own does not count: it knows nothing of the choice.
  const isFirst = !window.fccGoogleTag;
  window.fccGoogleTag = true;
  window.dataLayer = window.dataLayer || [];
  // Google's library reads the arguments object itself; an array means something else to it.
  window.gtag = window.gtag || function gtag() { window.dataLayer.push(arguments); };
  const gtag = window.gtag;

  if (isFirst) {
    gtag("consent", "default", denied);
    gtag("consent", "update", choice);
    gtag("set", "ads_data_redaction", choice.ad_storage !== "granted");
    gtag("set", "url_passthrough", false);
    gtag("js", new Date());
  }
  const personal = choice.ad_personalization === "granted";
  gtag("config", id, {
    allow_google_signals: personal,
    allow_ad_personalization_signals: personal,
    cookie_expires: Number(cookieExpires),
    cookie_flags: location.protocol === "https:" ? "SameSite=Lax;Secure" : "SameSite=Lax",
  });

  if (isFirst) {
    const library = document.createElement("script");
    library.async = true;
    library.src = "https://www.googletagmanager.com/gtag/js?id=" + encodeURIComponent(id);
    library.nonce = script.nonce;
    document.head.append(library);
  }
})();
