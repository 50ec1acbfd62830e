"""Types of the factories, for editors and type checkers: `make docs` writes it from their files."""

from collections.abc import Mapping
from typing import Any

from flask_cookieconsent.core.services import Provider, Service

__all__ = [
    "ab_tasty",
    "activecampaign",
    "adobe_fonts",
    "adobe_launch",
    "amplitude",
    "brevo",
    "brevo_conversations",
    "calendly",
    "chatwoot",
    "cloudflare_web_analytics",
    "crazy_egg",
    "crisp",
    "criteo_onetag",
    "dailymotion",
    "disqus",
    "etracker",
    "facebook",
    "fathom",
    "font_awesome",
    "friendly_captcha",
    "fullstory",
    "goatcounter",
    "google_ads",
    "google_adsense",
    "google_analytics",
    "google_fonts",
    "google_maps",
    "google_tag_manager",
    "gorgias",
    "hcaptcha",
    "heap",
    "hotjar",
    "hubspot",
    "inspectlet",
    "instagram",
    "intercom",
    "klaviyo",
    "linkedin",
    "linkedin_insight",
    "livechat",
    "lucky_orange",
    "mailchimp",
    "mailerlite",
    "matomo",
    "matomo_tag_manager",
    "meta_pixel",
    "microsoft_clarity",
    "microsoft_uet",
    "mixpanel",
    "mouseflow",
    "new_relic",
    "openstreetmap",
    "optimizely",
    "outbrain_pixel",
    "paypal",
    "piano_analytics",
    "pinterest_tag",
    "pirsch",
    "piwik_pro",
    "plausible",
    "posthog",
    "quora_pixel",
    "recaptcha",
    "reddit_pixel",
    "segment",
    "sentry",
    "simple_analytics",
    "smartsupp",
    "snap_pixel",
    "soundcloud",
    "spotify",
    "stripe",
    "taboola_pixel",
    "tawk_to",
    "tidio",
    "tiktok",
    "tiktok_pixel",
    "trustpilot",
    "turnstile",
    "umami",
    "userlike",
    "vimeo",
    "vwo",
    "weglot",
    "x",
    "x_pixel",
    "yandex_metrica",
    "youtube",
    "zendesk_widget",
]

def ab_tasty(
    account_id: str,
    *,
    id: str = "ab_tasty",
    category: str = "performance",
    name: str = "AB Tasty",
) -> Service:
    """Return AB Tasty: compares versions of pages."""

def activecampaign(
    account_id: str,
    *,
    id: str = "activecampaign",
    category: str = "tracking",
    name: str = "ActiveCampaign",
) -> Service:
    """Return ActiveCampaign: recognises readers of newsletters (site tracking)."""

def adobe_fonts(
    kit_id: str,
    *,
    id: str = "adobe_fonts",
    category: str = "functionality",
    name: str = "Adobe Fonts",
) -> Service:
    """Return Adobe Fonts: typefaces from Adobe's servers."""

def adobe_launch(
    library: str,
    *,
    id: str = "adobe_launch",
    category: str = "tracking",
    name: str = "Adobe Experience Platform Tags",
) -> Service:
    """Return Adobe Experience Platform Tags: loads what is chosen at Adobe (Launch)."""

def amplitude(
    api_key: str,
    *,
    region: str,
    id: str = "amplitude",
    category: str = "performance",
    name: str = "Amplitude",
) -> Service:
    """Return Amplitude: product analytics."""

def brevo(
    client_key: str,
    *,
    id: str = "brevo",
    category: str = "tracking",
    name: str = "Brevo",
) -> Service:
    """Return Brevo: recognises readers of newsletters (tracker)."""

def brevo_conversations(
    account_id: str,
    *,
    id: str = "brevo_conversations",
    category: str = "functionality",
    name: str = "Brevo Conversations",
) -> Service:
    """Return Brevo Conversations: chat in a corner of every page."""

def calendly(
    site: str,
    *,
    id: str = "calendly",
    category: str = "third_party",
    name: str = "Calendly",
) -> Service:
    """Return Calendly: the booking page of a person, a team or a kind of meeting, in an iframe."""

def chatwoot(
    website_token: str,
    *,
    server: str = "https://app.chatwoot.com",
    provider: Provider | None = None,
    id: str = "chatwoot",
    category: str = "functionality",
    name: str = "Chatwoot",
) -> Service:
    """Return Chatwoot: chat in a corner of every page."""

def cloudflare_web_analytics(
    token: str,
    *,
    id: str = "cloudflare_web_analytics",
    category: str = "performance",
    name: str = "Cloudflare Web Analytics",
) -> Service:
    """Return Cloudflare Web Analytics: audience measurement without cookies."""

def crazy_egg(
    account: str,
    *,
    id: str = "crazy_egg",
    category: str = "tracking",
    name: str = "Crazy Egg",
) -> Service:
    """Return Crazy Egg: heat maps and recordings."""

def crisp(
    website_id: str,
    *,
    id: str = "crisp",
    category: str = "functionality",
    name: str = "Crisp",
) -> Service:
    """Return Crisp: a live chat in a corner of every page."""

def criteo_onetag(
    account: str,
    *,
    id: str = "criteo_onetag",
    category: str = "tracking",
    name: str = "Criteo",
) -> Service:
    """Return Criteo: shows visitors elsewhere what they looked at here (OneTag)."""

def dailymotion(
    player_id: str,
    *,
    id: str = "dailymotion",
    category: str = "third_party",
    name: str = "Dailymotion",
) -> Service:
    """Return Dailymotion: videos and playlists, in the player of this id."""

def disqus(
    shortname: str,
    *,
    id: str = "disqus",
    category: str = "third_party",
    name: str = "Disqus",
) -> Service:
    """Return Disqus: a comment thread; it has no iframe meant for others, and its script asks for a function of the page's own."""

def etracker(
    secure_code: str,
    *,
    mode: str = "cookieless",
    id: str = "etracker",
    category: str = "performance",
    name: str = "etracker",
) -> Service:
    """Return etracker: audience measurement, with or without cookies."""

def facebook(
    *,
    id: str = "facebook",
    category: str = "third_party",
    name: str = "Facebook",
) -> Service:
    """Return Facebook: public posts, videos and pages in an iframe."""

def fathom(
    site_id: str,
    *,
    script_url: str = "https://cdn.usefathom.com/script.js",
    id: str = "fathom",
    category: str = "performance",
    name: str = "Fathom",
) -> Service:
    """Return Fathom: web analytics without cookies."""

def font_awesome(
    kit_id: str,
    *,
    id: str = "font_awesome",
    category: str = "functionality",
    name: str = "Font Awesome",
) -> Service:
    """Return Font Awesome: icons of a kit from its servers."""

def friendly_captcha(
    sitekey: str,
    *,
    endpoint: str = "global",
    id: str = "friendly_captcha",
    category: str = "functionality",
    name: str = "Friendly Captcha",
) -> Service:
    """Return Friendly Captcha: keeps robots out of a form without cookies."""

def fullstory(
    org_id: str,
    *,
    region: str = "us",
    id: str = "fullstory",
    category: str = "tracking",
    name: str = "Fullstory",
) -> Service:
    """Return Fullstory: recordings of visits."""

def goatcounter(
    code: str,
    *,
    id: str = "goatcounter",
    category: str = "performance",
    name: str = "GoatCounter",
) -> Service:
    """Return GoatCounter: audience measurement without cookies."""

def google_ads(
    conversion_id: str,
    *,
    config: Mapping[str, Any] | None = None,
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_ads",
    category: str = "tracking",
    name: str = "Google Ads",
) -> Service:
    """Return Google Ads: conversion tracking, by the Google tag (gtag.js) that Google Analytics uses too."""

def google_adsense(
    client: str,
    *,
    id: str = "google_adsense",
    category: str = "tracking",
    name: str = "Google AdSense",
) -> Service:
    """Return Google AdSense: advertisements that others pay for, in the pages."""

def google_analytics(
    measurement_id: str,
    *,
    cookie_domain: str = "",
    server_container_url: str = "",
    config: Mapping[str, Any] | None = None,
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_analytics",
    category: str = "performance",
    name: str = "Google Analytics",
) -> Service:
    """Return Google Analytics: web analytics, loaded only once it is allowed (Consent Mode v2, basic)."""

def google_fonts(
    families: str,
    *,
    id: str = "google_fonts",
    category: str = "functionality",
    name: str = "Google Fonts",
) -> Service:
    """Return Google Fonts: typefaces from Google's servers."""

def google_maps(
    api_key: str = None,
    *,
    id: str = "google_maps",
    category: str = "third_party",
    name: str = "Google Maps",
) -> Service:
    """Return Google Maps: maps by the address that Google offers for embedding, and shared maps of your own."""

def google_tag_manager(
    container_id: str,
    *,
    data_layer: str = "dataLayer",
    environment: str = "",
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_tag_manager",
    category: str = "tracking",
    name: str = "Google Tag Manager",
) -> Service:
    """Return Google Tag Manager: a container whose contents are decided outside the site, and may change any day."""

def gorgias(
    chat_id: str,
    *,
    id: str = "gorgias",
    category: str = "functionality",
    name: str = "Gorgias",
) -> Service:
    """Return Gorgias: chat in a corner of every page of a shop."""

def hcaptcha(
    site_key: str,
    *,
    language: str = "",
    id: str = "hcaptcha",
    category: str = "functionality",
    name: str = "hCaptcha",
) -> Service:
    """Return hCaptcha: a box to tick in a form, which tells people from robots."""

def heap(
    app_id: str,
    *,
    id: str = "heap",
    category: str = "performance",
    name: str = "Heap",
) -> Service:
    """Return Heap: product analytics that records every click."""

def hotjar(
    site_id: str = "",
    *,
    snippet_version: str = "6",
    contentsquare_tag: str = "",
    id: str = "hotjar",
    category: str = "tracking",
    name: str = "Hotjar",
) -> Service:
    """Return Hotjar: session recordings, heat maps and surveys; Contentsquare runs it."""

def hubspot(
    portal_id: str,
    *,
    region: str,
    id: str = "hubspot",
    category: str = "tracking",
    name: str = "HubSpot",
) -> Service:
    """Return HubSpot: marketing automation that recognises people who write to the site, and measures its campaigns."""

def inspectlet(
    site_id: str,
    *,
    id: str = "inspectlet",
    category: str = "tracking",
    name: str = "Inspectlet",
) -> Service:
    """Return Inspectlet: heat maps and recordings."""

def instagram(
    *,
    id: str = "instagram",
    category: str = "third_party",
    name: str = "Instagram",
) -> Service:
    """Return Instagram: a public post, reel or video in an iframe, with its caption."""

def intercom(
    app_id: str,
    *,
    region: str,
    id: str = "intercom",
    category: str = "functionality",
    name: str = "Intercom",
) -> Service:
    """Return Intercom: a live chat in a corner of every page."""

def klaviyo(
    company_id: str,
    *,
    id: str = "klaviyo",
    category: str = "tracking",
    name: str = "Klaviyo",
) -> Service:
    """Return Klaviyo: recognises readers of newsletters, and shows forms."""

def linkedin(
    *,
    id: str = "linkedin",
    category: str = "third_party",
    name: str = "LinkedIn",
) -> Service:
    """Return LinkedIn: one public post in an iframe."""

def linkedin_insight(
    partner_id: str,
    *,
    id: str = "linkedin_insight",
    category: str = "tracking",
    name: str = "LinkedIn Insight Tag",
) -> Service:
    """Return LinkedIn Insight Tag: conversion tracking of advertisements on LinkedIn."""

def livechat(
    license: str,
    *,
    id: str = "livechat",
    category: str = "functionality",
    name: str = "LiveChat",
) -> Service:
    """Return LiveChat: chat in a corner of every page."""

def lucky_orange(
    site_id: str,
    *,
    id: str = "lucky_orange",
    category: str = "tracking",
    name: str = "Lucky Orange",
) -> Service:
    """Return Lucky Orange: heat maps and recordings."""

def mailchimp(
    user_id: str,
    site_id: str,
    *,
    id: str = "mailchimp",
    category: str = "tracking",
    name: str = "Mailchimp",
) -> Service:
    """Return Mailchimp: recognises readers of newsletters, and shows pop-up forms (connected site)."""

def mailerlite(
    account_id: str,
    *,
    id: str = "mailerlite",
    category: str = "third_party",
    name: str = "MailerLite",
) -> Service:
    """Return MailerLite: pop-up and inline forms for newsletters."""

def matomo(
    url: str,
    site_id: str,
    *,
    provider: Provider | None = None,
    script_url: str = "",
    mode: str = "cookies",
    id: str = "matomo",
    category: str = "performance",
    name: str = "Matomo",
) -> Service:
    """Return Matomo: web analytics on a server of the site's own or in Matomo's cloud, with or without cookies."""

def matomo_tag_manager(
    script: str,
    *,
    provider: Provider | None = None,
    id: str = "matomo_tag_manager",
    category: str = "tracking",
    name: str = "Matomo Tag Manager",
) -> Service:
    """Return Matomo Tag Manager: loads what is chosen in Matomo."""

def meta_pixel(
    pixel_id: str,
    *,
    id: str = "meta_pixel",
    category: str = "tracking",
    name: str = "Meta Pixel",
) -> Service:
    """Return Meta Pixel: conversion tracking of advertisements on Facebook and Instagram."""

def microsoft_clarity(
    project_id: str,
    *,
    id: str = "microsoft_clarity",
    category: str = "tracking",
    name: str = "Microsoft Clarity",
) -> Service:
    """Return Microsoft Clarity: session recordings and heat maps; it is told what was allowed (its consent API, version 2)."""

def microsoft_uet(
    tag_id: str,
    *,
    id: str = "microsoft_uet",
    category: str = "tracking",
    name: str = "Microsoft Advertising",
) -> Service:
    """Return Microsoft Advertising: conversion tracking of advertisements on Bing (UET)."""

def mixpanel(
    token: str,
    *,
    region: str,
    id: str = "mixpanel",
    category: str = "performance",
    name: str = "Mixpanel",
) -> Service:
    """Return Mixpanel: product analytics."""

def mouseflow(
    website_id: str,
    *,
    id: str = "mouseflow",
    category: str = "tracking",
    name: str = "Mouseflow",
) -> Service:
    """Return Mouseflow: heat maps and recordings."""

def new_relic(
    account_id: str,
    application_id: str,
    license_key: str,
    *,
    region: str = "us",
    id: str = "new_relic",
    category: str = "functionality",
    name: str = "New Relic",
) -> Service:
    """Return New Relic: measures how fast pages are and reports their errors (browser agent)."""

def openstreetmap(
    *,
    id: str = "openstreetmap",
    category: str = "third_party",
    name: str = "OpenStreetMap",
) -> Service:
    """Return OpenStreetMap: a part of the map in an iframe, with a marker where the address has one."""

def optimizely(
    project_id: str,
    *,
    id: str = "optimizely",
    category: str = "performance",
    name: str = "Optimizely",
) -> Service:
    """Return Optimizely: compares versions of pages (Web Experimentation)."""

def outbrain_pixel(
    marketer_id: str,
    *,
    id: str = "outbrain_pixel",
    category: str = "tracking",
    name: str = "Outbrain",
) -> Service:
    """Return Outbrain: conversion tracking of recommendations on other sites."""

def paypal(
    client_id: str,
    *,
    currency: str = "EUR",
    id: str = "paypal",
    category: str = "necessary",
    name: str = "PayPal",
) -> Service:
    """Return PayPal: buttons to pay with, by its script."""

def piano_analytics(
    site: str,
    collect_domain: str,
    *,
    id: str = "piano_analytics",
    category: str = "performance",
    name: str = "Piano Analytics",
) -> Service:
    """Return Piano Analytics: audience measurement (AT Internet)."""

def pinterest_tag(
    tag_id: str,
    *,
    id: str = "pinterest_tag",
    category: str = "tracking",
    name: str = "Pinterest Tag",
) -> Service:
    """Return Pinterest Tag: conversion tracking of advertisements on Pinterest."""

def pirsch(
    code: str,
    *,
    id: str = "pirsch",
    category: str = "performance",
    name: str = "Pirsch",
) -> Service:
    """Return Pirsch: audience measurement without cookies."""

def piwik_pro(
    account: str,
    site_id: str,
    *,
    id: str = "piwik_pro",
    category: str = "performance",
    name: str = "Piwik PRO",
) -> Service:
    """Return Piwik PRO: audience measurement, by its container."""

def plausible(
    script_id: str = "",
    *,
    domain: str = "",
    host: str = "https://plausible.io",
    provider: Provider | None = None,
    id: str = "plausible",
    category: str = "performance",
    name: str = "Plausible",
) -> Service:
    """Return Plausible: web analytics without cookies."""

def posthog(
    project_token: str,
    *,
    region: str,
    id: str = "posthog",
    category: str = "performance",
    name: str = "PostHog",
) -> Service:
    """Return PostHog: product analytics."""

def quora_pixel(
    pixel_id: str,
    *,
    id: str = "quora_pixel",
    category: str = "tracking",
    name: str = "Quora Pixel",
) -> Service:
    """Return Quora Pixel: conversion tracking of advertisements on Quora."""

def recaptcha(
    site_key: str,
    *,
    host: str = "www.recaptcha.net",
    language: str = "",
    id: str = "recaptcha",
    category: str = "functionality",
    name: str = "reCAPTCHA",
) -> Service:
    """Return reCAPTCHA: a box to tick in a form (version 2), which tells people from robots."""

def reddit_pixel(
    pixel_id: str,
    *,
    id: str = "reddit_pixel",
    category: str = "tracking",
    name: str = "Reddit Pixel",
) -> Service:
    """Return Reddit Pixel: conversion tracking of advertisements on Reddit."""

def segment(
    write_key: str,
    *,
    id: str = "segment",
    category: str = "performance",
    name: str = "Segment",
) -> Service:
    """Return Segment: collects what visitors do, for the tools that are chosen there."""

def sentry(
    public_key: str,
    *,
    id: str = "sentry",
    category: str = "functionality",
    name: str = "Sentry",
) -> Service:
    """Return Sentry: reports of errors in the pages, by its loader."""

def simple_analytics(
    *,
    id: str = "simple_analytics",
    category: str = "performance",
    name: str = "Simple Analytics",
) -> Service:
    """Return Simple Analytics: audience measurement without cookies."""

def smartsupp(
    key: str,
    *,
    id: str = "smartsupp",
    category: str = "functionality",
    name: str = "Smartsupp",
) -> Service:
    """Return Smartsupp: chat in a corner of every page."""

def snap_pixel(
    pixel_id: str,
    *,
    id: str = "snap_pixel",
    category: str = "tracking",
    name: str = "Snap Pixel",
) -> Service:
    """Return Snap Pixel: conversion tracking of advertisements on Snapchat."""

def soundcloud(
    *,
    id: str = "soundcloud",
    category: str = "third_party",
    name: str = "SoundCloud",
) -> Service:
    """Return SoundCloud: one track or set in its iframe player."""

def spotify(
    *,
    id: str = "spotify",
    category: str = "third_party",
    name: str = "Spotify",
) -> Service:
    """Return Spotify: tracks, albums, playlists, artists, and podcasts with their episodes, in an iframe."""

def stripe(
    publishable_key: str,
    *,
    version: str = "v3",
    fraud_signals: bool = False,
    payment_link: str = "",
    id: str = "stripe",
    category: str = "necessary",
    name: str = "Stripe",
) -> Service:
    """Return Stripe: payment fields, loaded only where a payment form stands, though Stripe would have it on every page."""

def taboola_pixel(
    account_id: str,
    *,
    id: str = "taboola_pixel",
    category: str = "tracking",
    name: str = "Taboola",
) -> Service:
    """Return Taboola: conversion tracking of recommendations on other sites."""

def tawk_to(
    property_id: str,
    *,
    widget_id: str = "default",
    id: str = "tawk_to",
    category: str = "functionality",
    name: str = "tawk.to",
) -> Service:
    """Return tawk.to: chat in a corner of every page."""

def tidio(
    public_key: str,
    *,
    id: str = "tidio",
    category: str = "functionality",
    name: str = "Tidio",
) -> Service:
    """Return Tidio: chat in a corner of every page."""

def tiktok(
    *,
    id: str = "tiktok",
    category: str = "third_party",
    name: str = "TikTok",
) -> Service:
    """Return TikTok: one video, or one series of photos, in its iframe player."""

def tiktok_pixel(
    pixel_id: str,
    *,
    region: str = "global",
    id: str = "tiktok_pixel",
    category: str = "tracking",
    name: str = "TikTok Pixel",
) -> Service:
    """Return TikTok Pixel: conversion tracking of advertisements on TikTok; it is told that it may."""

def trustpilot(
    business_id: str,
    template_id: str,
    *,
    locale: str = "en-GB",
    id: str = "trustpilot",
    category: str = "third_party",
    name: str = "Trustpilot",
) -> Service:
    """Return Trustpilot: reviews and stars in a TrustBox."""

def turnstile(
    site_key: str,
    *,
    action: str = "",
    preclearance: bool = False,
    id: str = "turnstile",
    category: str = "necessary",
    name: str = "Turnstile",
) -> Service:
    """Return Turnstile: a box in a form, which tells people from robots and keeps no cookie unless it is asked to."""

def umami(
    website_id: str,
    *,
    script_url: str = "https://cloud.umami.is/script.js",
    host_url: str = "",
    provider: Provider | None = None,
    id: str = "umami",
    category: str = "performance",
    name: str = "Umami",
) -> Service:
    """Return Umami: web analytics without cookies, in its cloud or on a server of the site's own."""

def userlike(
    widget_key: str,
    *,
    id: str = "userlike",
    category: str = "functionality",
    name: str = "Userlike",
) -> Service:
    """Return Userlike: chat in a corner of every page."""

def vimeo(
    *,
    id: str = "vimeo",
    category: str = "third_party",
    name: str = "Vimeo",
) -> Service:
    """Return Vimeo: videos, showcases and events in an iframe."""

def vwo(
    account_id: str,
    *,
    id: str = "vwo",
    category: str = "performance",
    name: str = "VWO",
) -> Service:
    """Return VWO: compares versions of pages."""

def weglot(
    api_key: str,
    *,
    id: str = "weglot",
    category: str = "functionality",
    name: str = "Weglot",
) -> Service:
    """Return Weglot: translates the pages."""

def x(
    *,
    id: str = "x",
    category: str = "third_party",
    name: str = "X",
) -> Service:
    """Return X: one post in an iframe."""

def x_pixel(
    pixel_id: str,
    *,
    id: str = "x_pixel",
    category: str = "tracking",
    name: str = "X Pixel",
) -> Service:
    """Return X Pixel: conversion tracking of advertisements on X, formerly Twitter."""

def yandex_metrica(
    counter_id: str,
    *,
    webvisor: bool = False,
    id: str = "yandex_metrica",
    category: str = "tracking",
    name: str = "Yandex Metrica",
) -> Service:
    """Return Yandex Metrica: audience measurement, and advertising by Yandex."""

def youtube(
    *,
    id: str = "youtube",
    category: str = "third_party",
    name: str = "YouTube",
) -> Service:
    """Return YouTube: videos, shorts, live streams and playlists in an iframe."""

def zendesk_widget(
    key: str,
    subdomain: str,
    *,
    id: str = "zendesk_widget",
    category: str = "functionality",
    name: str = "Zendesk",
) -> Service:
    """Return Zendesk: chat and help in a corner of every page (messaging)."""
