// Starts what Google counts with, and tells it the visitor's real choice. It is in the page only once that was allowed.
(() => {
  "use strict";
  const script = document.currentScript;
  const { id, service, consent, cookieExpires, cookieDomain, server, layer = "dataLayer", environment } = script.dataset;
  const isContainer = id.startsWith("GTM-");
  const names = [
    "ad_storage", "ad_user_data", "ad_personalization", "analytics_storage",
    "functionality_storage", "personalization_storage", "security_storage",
  ];
  const given = new Map((consent || "").split(" ").map((each) => each.split("=")));
  const choice = Object.fromEntries(names.map((name) => [name, given.get(name) === "granted" ? "granted" : "denied"]));
  const denied = Object.fromEntries(names.map((name) => [name, name === "security_storage" ? "granted" : "denied"]));

  // Google's library reads the arguments object itself; an array means something else to it.
  const queue = window[layer] = window[layer] || [];
  const push = function gtag() { queue.push(arguments); };
  const gtag = layer === "dataLayer" ? (window.gtag = window.gtag || push) : push;

  // From the press on, and not only from the next page, nothing more is counted (E3).
  document.addEventListener("fcc-withdrawn", ({ detail }) => {
    if (detail && !detail.includes(service)) return;
    if (!isContainer) window["ga-disable-" + id] = true;
    // What is still sent while consent is being taken away names no click on an advertisement.
    gtag("set", "ads_data_redaction", true);
    gtag("consent", "update", denied);
  });

  // A second account joins the first. A queue of the site's own does not count: it knows nothing of the choice.
  const known = window.fccGoogle = window.fccGoogle || {};
  const isFirst = !known[layer];
  const granted = names.filter((name) => choice[name] === "granted");
  if (isFirst) {
    known[layer] = new Set(granted);
    gtag("consent", "default", denied);
    gtag("consent", "update", choice);
    gtag("set", "ads_data_redaction", choice.ad_storage !== "granted");
    gtag("set", "url_passthrough", false);
    gtag("js", new Date());
  } else {
    // What it may and the first may not: each account answers for the service that it is.
    const more = granted.filter((name) => !known[layer].has(name));
    for (const name of more) known[layer].add(name);
    if (more.length) gtag("consent", "update", Object.fromEntries(more.map((name) => [name, "granted"])));
    if (more.includes("ad_storage")) gtag("set", "ads_data_redaction", false);
  }

  const address = new URL("https://www.googletagmanager.com");
  if (isContainer) {
    queue.push({ "gtm.start": Date.now(), event: "gtm.js" });
    address.pathname = "/gtm.js";
    address.search = new URLSearchParams({ id, ...(layer === "dataLayer" ? {} : { l: layer }) });
    if (environment) address.search += "&" + environment + "&gtm_cookies_win=x";
  } else {
    const personal = choice.ad_personalization === "granted";
    gtag("config", id, {
      allow_google_signals: personal,
      allow_ad_personalization_signals: personal,
      cookie_flags: location.protocol === "https:" ? "SameSite=Lax;Secure" : "SameSite=Lax",
      ...(cookieExpires ? { cookie_expires: Number(cookieExpires) } : {}),
      ...(cookieDomain ? { cookie_domain: cookieDomain } : {}),
      ...(server ? { server_container_url: server } : {}),
    });
    address.pathname = "/gtag/js";
    address.search = new URLSearchParams({ id });
  }

  // The library of one account serves them all; a container has its own.
  if (isFirst || isContainer) {
    const library = document.createElement("script");
    library.async = true;
    library.src = address.href;
    library.nonce = script.nonce;
    document.head.append(library);
  }
})();
