// Starts what Google counts with, and tells it the visitor's real choice. It is in the page only once that was allowed.
(() => {
  "use strict";
  const script = document.currentScript;
  // Something in the content may bear this name; only an element that fetched this very file is ours.
  if (!(script instanceof HTMLScriptElement && /\/google\.js(\?|$)/.test(script.src))) return;
  const { id, service, consent, follows, config, server, environment, layer = "dataLayer" } = script.dataset;
  const { cookieExpires, cookieDomain, scriptHost = "https://www.googletagmanager.com" } = script.dataset;
  const isContainer = id.startsWith("GTM-");
  const advertising = ["ad_storage", "ad_user_data", "ad_personalization"];
  const names = [...advertising, "analytics_storage", "functionality_storage", "personalization_storage"];
  const given = new Map((consent || "").split(" ").map((each) => each.split("=")));
  const granted = names.filter((name) => given.get(name) === "granted");
  const all = (of, answer) => Object.fromEntries(of.map((name) => [name, answer]));
  const denied = { ...all(names, "denied"), security_storage: "granted" };

  // Other scripts share a page, and elements with an id are properties of the window; neither can have this name.
  const ours = (window[Symbol.for("flask_cookieconsent")] ??= {});
  for (const name of layer === "dataLayer" ? ["gtag", layer] : [layer]) ours.absent?.get(name)?.();
  const queue = Array.isArray(window[layer]) ? window[layer] : (window[layer] = []);
  // Google's library reads the arguments object itself; an array means something else to it.
  const entry = function () { return arguments; };
  const push = function gtag() { queue.push(arguments); };
  if (layer === "dataLayer" && typeof window.gtag !== "function") window.gtag = push;

  // What the site has put into the queue before us is read after us: an event without a state counts as allowed, and
  // one without an account is lost. A library that runs reads nothing but what is pushed.
  const isRead = Object.hasOwn(queue, "push") && Boolean(window.google_tag_manager);
  const put = (place, ...entries) => {
    if (isRead) entries.forEach((each) => queue.push(each));
    else queue.splice(place, 0, ...entries);
  };
  const beforeEvents = () => {
    const place = queue.findIndex((each) => each?.[0] === "event" || (each?.event && !each["gtm.start"]));
    return place < 0 ? queue.length : place;
  };

  // A second account joins the first, and one that is started again, because more was allowed, says only what is more.
  const layers = (ours.google ??= new Map());
  const state = layers.get(layer) ?? { granted: new Set(granted), ids: new Set() };
  const [isFirst, isAgain] = [!layers.has(layer), state.ids.has(id)];
  layers.set(layer, state);
  state.ids.add(id);
  if (isFirst) {
    const choice = { ...denied, ...all(granted, "granted") };
    put(
      0,
      entry("consent", "default", denied),
      entry("consent", "update", choice),
      entry("set", "ads_data_redaction", choice.ad_storage !== "granted"),
      entry("set", "url_passthrough", false),
    );
    put(beforeEvents(), entry("js", new Date()));
  } else {
    // Each account answers for the service that it is.
    const more = granted.filter((name) => !state.granted.has(name));
    for (const name of more) state.granted.add(name);
    if (more.length) put(beforeEvents(), entry("consent", "update", all(more, "granted")));
    if (more.includes("ad_storage")) put(beforeEvents(), entry("set", "ads_data_redaction", false));
  }
  if (isAgain) return;
  // It was set while the service was off.
  delete window["ga-disable-" + id];

  // From the press on, and not only from the next page, nothing more is counted (E3).
  const followed = Object.entries(JSON.parse(follows || "{}"));
  const typesOf = (changed) => followed.filter(([, ids]) => ids.some((each) => changed.includes(each)));
  const tell = (of, answer) => {
    if (!of.length) return;
    // What is still sent while consent is being taken away names no click on an advertisement.
    if (of.includes("ad_storage")) push("set", "ads_data_redaction", answer === "denied");
    push("consent", "update", all(of, answer));
    for (const name of of) state.granted[answer === "granted" ? "add" : "delete"](name);
  };
  document.addEventListener("cookieconsent:change", ({ detail }) => {
    const isOff = detail.withdrawn.includes(service);
    if (!isContainer && (isOff || detail.granted.includes(service))) window["ga-disable-" + id] = isOff;
    tell(isOff ? names : typesOf(detail.withdrawn).map(([name]) => name), "denied");
    const more = typesOf(detail.granted).filter(([, ids]) => ids.every((each) => detail.allowed.includes(each)));
    tell(more.map(([name]) => name).filter((name) => !state.granted.has(name)), "granted");
  });

  const address = new URL(scriptHost);
  const folder = address.pathname.replace(/\/$/, "");
  if (isContainer) {
    queue.push({ "gtm.start": Date.now(), event: "gtm.js" });
    address.pathname = folder + "/gtm.js";
    address.search = new URLSearchParams({ id, ...(layer === "dataLayer" ? {} : { l: layer }) });
    if (environment) address.search += "&" + environment + "&gtm_cookies_win=x";
  } else {
    put(beforeEvents(), entry("config", id, {
      ...JSON.parse(config || "{}"),
      allow_google_signals: advertising.every((name) => granted.includes(name)),
      allow_ad_personalization_signals: granted.includes("ad_personalization"),
      cookie_flags: location.protocol === "https:" ? "SameSite=Lax;Secure" : "SameSite=Lax",
      ...(cookieExpires ? { cookie_expires: Number(cookieExpires) } : {}),
      ...(cookieDomain ? { cookie_domain: cookieDomain } : {}),
      ...(server ? { server_container_url: server } : {}),
    }));
    address.pathname = folder + "/gtag/js";
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
