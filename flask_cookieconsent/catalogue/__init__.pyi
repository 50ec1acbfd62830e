"""Types of the factories, for editors and type checkers: `make docs` writes it from their files."""

from collections.abc import Mapping
from typing import Any

from flask_cookieconsent.core.services import Provider, Service

__all__ = [
    "ab_tasty",
    "acast",
    "activecampaign",
    "adobe_fonts",
    "adobe_launch",
    "airtable",
    "amplitude",
    "apple_music",
    "apple_podcasts",
    "arte",
    "ausha",
    "bandcamp",
    "bluesky",
    "brevo",
    "brevo_conversations",
    "brightcove",
    "bunny_stream",
    "buzzsprout",
    "cal_com",
    "calameo",
    "calendly",
    "canva",
    "chatwoot",
    "cloudflare_web_analytics",
    "codepen",
    "codesandbox",
    "crazy_egg",
    "crisp",
    "criteo_onetag",
    "dailymotion",
    "datawrapper",
    "deezer",
    "desmos",
    "discord",
    "disqus",
    "etracker",
    "facebook",
    "fathom",
    "figma",
    "fillout",
    "flickr",
    "flourish",
    "font_awesome",
    "friendly_captcha",
    "fullstory",
    "genially",
    "geogebra",
    "giphy",
    "goatcounter",
    "google_ads",
    "google_adsense",
    "google_analytics",
    "google_appointments",
    "google_calendar",
    "google_docs",
    "google_drive",
    "google_fonts",
    "google_forms",
    "google_looker_studio",
    "google_maps",
    "google_tag_manager",
    "gorgias",
    "hcaptcha",
    "heap",
    "helloasso",
    "hotjar",
    "hubspot",
    "hubspot_meetings",
    "imgur",
    "infogram",
    "instagram",
    "intercom",
    "internet_archive",
    "issuu",
    "jotform",
    "jsfiddle",
    "jwplayer",
    "klaviyo",
    "komoot",
    "libsyn",
    "linkedin",
    "linkedin_insight",
    "livechat",
    "loom",
    "lucky_orange",
    "mailchimp",
    "mailerlite",
    "mastodon",
    "matomo",
    "matomo_tag_manager",
    "matterport",
    "meta_pixel",
    "microsoft_bookings",
    "microsoft_clarity",
    "microsoft_forms",
    "microsoft_uet",
    "miro",
    "mixcloud",
    "mixpanel",
    "mouseflow",
    "new_relic",
    "openstreetmap",
    "optimizely",
    "outbrain_pixel",
    "padlet",
    "paypal",
    "peertube",
    "piano_analytics",
    "pinterest",
    "pinterest_tag",
    "pirsch",
    "piwik_pro",
    "plausible",
    "posthog",
    "prezi",
    "quora_pixel",
    "recaptcha",
    "reddit",
    "reddit_pixel",
    "rumble",
    "scratch",
    "scribd",
    "segment",
    "sentry",
    "simple_analytics",
    "simplecast",
    "sketchfab",
    "slideshare",
    "smartsupp",
    "snap_pixel",
    "soundcloud",
    "speakerdeck",
    "spotify",
    "spreaker",
    "stackblitz",
    "strava",
    "streamable",
    "stripe",
    "taboola_pixel",
    "tally",
    "tawk_to",
    "ted",
    "telegram",
    "tidal",
    "tidio",
    "tiktok",
    "tiktok_pixel",
    "transistor",
    "trustpilot",
    "turnstile",
    "twitch",
    "typeform",
    "umami",
    "umap",
    "userlike",
    "vidyard",
    "vimeo",
    "vwo",
    "waze",
    "weglot",
    "wistia",
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
    """Return AB Tasty: compares versions of pages.

    For one account, by the 32 characters in the address of its tag. Visitors who have not allowed it see the page as it is; others may see it change.
    """

def acast(
    *,
    id: str = "acast",
    category: str = "third_party",
    name: str = "Acast",
) -> Service:
    """Return Acast: podcasts and their episodes in an iframe."""

def activecampaign(
    account_id: str,
    *,
    id: str = "activecampaign",
    category: str = "tracking",
    name: str = "ActiveCampaign",
) -> Service:
    """Return ActiveCampaign: recognises readers of newsletters (site tracking).

    For one account, by the number in its code, for example `activecampaign("652622855")`.
    """

def adobe_fonts(
    kit_id: str,
    *,
    id: str = "adobe_fonts",
    category: str = "functionality",
    name: str = "Adobe Fonts",
) -> Service:
    """Return Adobe Fonts: typefaces from Adobe's servers.

    For one web project, for example `adobe_fonts("abc1def")`.

    Keep the fonts on the site itself where their licence lets you: nobody has to be asked then. Adobe's licence does not, so another typeface may serve.
    """

def adobe_launch(
    library: str,
    *,
    id: str = "adobe_launch",
    category: str = "tracking",
    name: str = "Adobe Experience Platform Tags",
) -> Service:
    """Return Adobe Experience Platform Tags: loads what is chosen at Adobe (Launch).

    For one library, by the path of its address behind `assets.adobedtm.com/`. *category* must be the strictest of what it holds; declare each service in it as well.
    """

def airtable(
    *,
    id: str = "airtable",
    category: str = "third_party",
    name: str = "Airtable",
) -> Service:
    """Return Airtable: shared views and forms in an iframe."""

def amplitude(
    api_key: str,
    *,
    region: str,
    id: str = "amplitude",
    category: str = "performance",
    name: str = "Amplitude",
) -> Service:
    """Return Amplitude: product analytics.

    For one project, by its key, for example `amplitude("0123456789abcdef0123456789abcdef", region="eu")`.
    """

def apple_music(
    *,
    id: str = "apple_music",
    category: str = "third_party",
    name: str = "Apple Music",
) -> Service:
    """Return Apple Music: songs, albums and playlists in an iframe."""

def apple_podcasts(
    *,
    id: str = "apple_podcasts",
    category: str = "third_party",
    name: str = "Apple Podcasts",
) -> Service:
    """Return Apple Podcasts: podcasts and their episodes in an iframe."""

def arte(
    *,
    id: str = "arte",
    category: str = "third_party",
    name: str = "ARTE",
) -> Service:
    """Return ARTE: films in an iframe."""

def ausha(
    *,
    id: str = "ausha",
    category: str = "third_party",
    name: str = "Ausha",
) -> Service:
    """Return Ausha: podcasts and their episodes in an iframe."""

def bandcamp(
    *,
    id: str = "bandcamp",
    category: str = "third_party",
    name: str = "Bandcamp",
) -> Service:
    """Return Bandcamp: albums and tracks in an iframe."""

def bluesky(
    *,
    id: str = "bluesky",
    category: str = "third_party",
    name: str = "Bluesky",
) -> Service:
    """Return Bluesky: posts in an iframe."""

def brevo(
    client_key: str,
    *,
    id: str = "brevo",
    category: str = "tracking",
    name: str = "Brevo",
) -> Service:
    """Return Brevo: recognises readers of newsletters (tracker).

    For one account, by the client key of its tracker. The chat is `brevo_conversations`.
    """

def brevo_conversations(
    account_id: str,
    *,
    id: str = "brevo_conversations",
    category: str = "functionality",
    name: str = "Brevo Conversations",
) -> Service:
    """Return Brevo Conversations: chat in a corner of every page.

    For one account, by the number in its code. Where it is not allowed, show another way to write to you.
    """

def brightcove(
    *,
    id: str = "brightcove",
    category: str = "third_party",
    name: str = "Brightcove",
) -> Service:
    """Return Brightcove: videos and playlists of Brightcove accounts in an iframe."""

def bunny_stream(
    *,
    id: str = "bunny_stream",
    category: str = "third_party",
    name: str = "Bunny Stream",
) -> Service:
    """Return Bunny Stream: videos of Bunny libraries in an iframe."""

def buzzsprout(
    *,
    id: str = "buzzsprout",
    category: str = "third_party",
    name: str = "Buzzsprout",
) -> Service:
    """Return Buzzsprout: podcasts and their episodes in an iframe."""

def cal_com(
    *,
    id: str = "cal_com",
    category: str = "third_party",
    name: str = "Cal.com",
) -> Service:
    """Return Cal.com: booking pages in an iframe."""

def calameo(
    *,
    id: str = "calameo",
    category: str = "third_party",
    name: str = "Calam\u00e9o",
) -> Service:
    """Return Calaméo: publications in an iframe."""

def calendly(
    site: str,
    *,
    id: str = "calendly",
    category: str = "third_party",
    name: str = "Calendly",
) -> Service:
    """Return Calendly: the booking page of a person, a team or a kind of meeting, in an iframe.

    *site* is the host of this site, which Calendly is told as the one that embeds it. A name or an email in an address is left out.
    """

def canva(
    *,
    id: str = "canva",
    category: str = "third_party",
    name: str = "Canva",
) -> Service:
    """Return Canva: public designs in an iframe."""

def chatwoot(
    website_token: str,
    *,
    server: str = "https://app.chatwoot.com",
    provider: Provider | None = None,
    id: str = "chatwoot",
    category: str = "functionality",
    name: str = "Chatwoot",
) -> Service:
    """Return Chatwoot: chat in a corner of every page.

    For one inbox, by its token, for example `chatwoot("AbCdEfGhIjKlMnOpQrStUvWx")`; *server* is one of your own, and *provider* says who runs it.

    Where it is not allowed, show another way to write to you.
    """

def cloudflare_web_analytics(
    token: str,
    *,
    id: str = "cloudflare_web_analytics",
    category: str = "performance",
    name: str = "Cloudflare Web Analytics",
) -> Service:
    """Return Cloudflare Web Analytics: audience measurement without cookies.

    For one site, by the token of its snippet. Switch the automatic set-up off at Cloudflare, which puts the same script into pages before anybody was asked.
    """

def codepen(
    *,
    id: str = "codepen",
    category: str = "third_party",
    name: str = "CodePen",
) -> Service:
    """Return CodePen: pens in an iframe."""

def codesandbox(
    *,
    id: str = "codesandbox",
    category: str = "third_party",
    name: str = "CodeSandbox",
) -> Service:
    """Return CodeSandbox: sandboxes in an iframe."""

def crazy_egg(
    account: str,
    *,
    id: str = "crazy_egg",
    category: str = "tracking",
    name: str = "Crazy Egg",
) -> Service:
    """Return Crazy Egg: heat maps and recordings.

    For one account, by the two numbers in the address of its script, for example `crazy_egg("0124/2251")`.
    """

def crisp(
    website_id: str,
    *,
    id: str = "crisp",
    category: str = "functionality",
    name: str = "Crisp",
) -> Service:
    """Return Crisp: a live chat in a corner of every page.

    For one website, for example `crisp("7598bf86-9ebb-46bc-8c61-be8929bbf93d")`.

    Where it is not allowed, show another way to write to you: `{% if not cookieconsent.allows("crisp") %}<a href="mailto:…">…</a>{% endif %}`.
    """

def criteo_onetag(
    account: str,
    *,
    id: str = "criteo_onetag",
    category: str = "tracking",
    name: str = "Criteo",
) -> Service:
    """Return Criteo: shows visitors elsewhere what they looked at here (OneTag).

    For one account, for example `criteo_onetag("12345")`. It tells Criteo of each page; push what is looked at or bought to `criteo_q`.
    """

def dailymotion(
    player_id: str,
    *,
    id: str = "dailymotion",
    category: str = "third_party",
    name: str = "Dailymotion",
) -> Service:
    """Return Dailymotion: videos and playlists, in the player of this id.

    *player_id* is that of a player in Dailymotion Studio; without one Dailymotion refuses the frame.
    """

def datawrapper(
    *,
    id: str = "datawrapper",
    category: str = "third_party",
    name: str = "Datawrapper",
) -> Service:
    """Return Datawrapper: charts, maps and tables in an iframe."""

def deezer(
    *,
    id: str = "deezer",
    category: str = "third_party",
    name: str = "Deezer",
) -> Service:
    """Return Deezer: songs, albums, playlists and podcasts in an iframe."""

def desmos(
    *,
    id: str = "desmos",
    category: str = "third_party",
    name: str = "Desmos",
) -> Service:
    """Return Desmos: graphs in an iframe."""

def discord(
    *,
    id: str = "discord",
    category: str = "third_party",
    name: str = "Discord",
) -> Service:
    """Return Discord: the widget of a server in an iframe."""

def disqus(
    shortname: str,
    *,
    id: str = "disqus",
    category: str = "third_party",
    name: str = "Disqus",
) -> Service:
    """Return Disqus: a comment thread; it has no iframe meant for others, and its script asks for a function of the page's own.

    For `embed("disqus", "article-42", title=…)`, with the identifier of the page's thread. The address of the thread is the page's canonical one. A page can hold one thread.

    Disqus' advertisements need many hosts more, which stay blocked under a strict Content-Security-Policy.
    """

def etracker(
    secure_code: str,
    *,
    mode: str = "cookieless",
    id: str = "etracker",
    category: str = "performance",
    name: str = "etracker",
) -> Service:
    """Return etracker: audience measurement, with or without cookies.

    For one account, by its secure code, for example `etracker("AbC123")`.

    *mode* is `"cookieless"` or `"cookies"`; measuring is asked about either way.
    """

def facebook(
    *,
    id: str = "facebook",
    category: str = "third_party",
    name: str = "Facebook",
) -> Service:
    """Return Facebook: public posts, videos and pages in an iframe.

    No script of Meta runs in your pages. A page shows no faces of a visitor's friends.
    """

def fathom(
    site_id: str,
    *,
    script_url: str = "https://cdn.usefathom.com/script.js",
    id: str = "fathom",
    category: str = "performance",
    name: str = "Fathom",
) -> Service:
    """Return Fathom: web analytics without cookies.

    For one site, for example `fathom("ABCDEFGH")`; *script_url* is that of a custom domain.
    """

def figma(
    *,
    id: str = "figma",
    category: str = "third_party",
    name: str = "Figma",
) -> Service:
    """Return Figma: designs, boards, slides and prototypes in an iframe."""

def fillout(
    *,
    id: str = "fillout",
    category: str = "third_party",
    name: str = "Fillout",
) -> Service:
    """Return Fillout: forms in an iframe."""

def flickr(
    *,
    id: str = "flickr",
    category: str = "third_party",
    name: str = "Flickr",
) -> Service:
    """Return Flickr: photographs in an iframe."""

def flourish(
    *,
    id: str = "flourish",
    category: str = "third_party",
    name: str = "Flourish",
) -> Service:
    """Return Flourish: charts and stories in an iframe."""

def font_awesome(
    kit_id: str,
    *,
    id: str = "font_awesome",
    category: str = "functionality",
    name: str = "Font Awesome",
) -> Service:
    """Return Font Awesome: icons of a kit from its servers.

    For one kit, for example `font_awesome("d0514f1901")`; its kind has to be Web Font.

    Keep the fonts on the site itself where their licence lets you: nobody has to be asked then. Font Awesome's free icons may be.
    """

def friendly_captcha(
    sitekey: str,
    *,
    endpoint: str = "global",
    script: str = "https://cdn.jsdelivr.net/npm/@friendlycaptcha/sdk@0.1/site.compat.min.js",
    id: str = "friendly_captcha",
    category: str = "functionality",
    name: str = "Friendly Captcha",
) -> Service:
    """Return Friendly Captcha: keeps robots out of a form without cookies.

    For `embed("friendly_captcha", title=…)` inside a form, for example `friendly_captcha("FCMGEMUD2KTDSQ5H")`.

    *endpoint* is `global` or `eu`. Its script comes from jsDelivr; *script* is a copy on the site itself, for which no other host has to be let through.
    """

def fullstory(
    org_id: str,
    *,
    region: str = "us",
    id: str = "fullstory",
    category: str = "tracking",
    name: str = "Fullstory",
) -> Service:
    """Return Fullstory: recordings of visits.

    For one organisation, for example `fullstory("o-1ABCD-na1")`; *region* is `us` or `eu`.
    """

def genially(
    *,
    id: str = "genially",
    category: str = "third_party",
    name: str = "Genially",
) -> Service:
    """Return Genially: interactive presentations in an iframe."""

def geogebra(
    *,
    id: str = "geogebra",
    category: str = "third_party",
    name: str = "GeoGebra",
) -> Service:
    """Return GeoGebra: activities in an iframe."""

def giphy(
    *,
    id: str = "giphy",
    category: str = "third_party",
    name: str = "GIPHY",
) -> Service:
    """Return GIPHY: moving pictures in an iframe."""

def goatcounter(
    code: str,
    *,
    id: str = "goatcounter",
    category: str = "performance",
    name: str = "GoatCounter",
) -> Service:
    """Return GoatCounter: audience measurement without cookies.

    For one code at goatcounter.com, for example `goatcounter("mycode")`.
    """

def google_ads(
    conversion_id: str,
    *,
    script_host: str = "",
    config: Mapping[str, Any] | None = None,
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_ads",
    category: str = "tracking",
    name: str = "Google Ads",
) -> Service:
    """Return Google Ads: conversion tracking, by the Google tag (gtag.js) that Google Analytics uses too.

    For one account, for example `google_ads("AW-123456789")`. Where visitors allow it, the site's own scripts report a conversion: `gtag("event", "conversion", {send_to: …})`.

    *config* holds options of Google's `config` that are the same for everybody. *consent_types* splits what is asked about, for example `{"ad_personalization": "audiences"}` with a service of your own for that.

    Hosts of single countries (`www.google.be`) cannot be named by a pattern; list those you need in `COOKIECONSENT_CSP_SOURCES`.

    *script_host* is the address of a server of yours that serves Google's script: `/gtag/js` there, or `/gtm.js`.
    """

def google_adsense(
    client: str,
    *,
    id: str = "google_adsense",
    category: str = "tracking",
    name: str = "Google AdSense",
) -> Service:
    """Return Google AdSense: advertisements that others pay for, in the pages.

    For one publisher, for example `google_adsense("ca-pub-1234567890123456")`. In Europe Google asks its publishers for a certified consent tool besides, which this is not.
    """

def google_analytics(
    measurement_id: str,
    *,
    cookie_domain: str = "",
    server_container_url: str = "",
    script_host: str = "",
    config: Mapping[str, Any] | None = None,
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_analytics",
    category: str = "performance",
    name: str = "Google Analytics",
) -> Service:
    """Return Google Analytics: web analytics, loaded only once it is allowed (Consent Mode v2, basic).

    For one web stream, for example `google_analytics("G-ABC1234567")`; give a second property another *id* and *name*. *category* is `"tracking"` where you file it there; that allows no advertising.

    Google Signals and the advertising types stay off until a visitor also allows a service whose purpose is advertising by Google: `google_ads(…)`, or one of your own that *consent_types* names, for example `{"ad_personalization": "audiences"}`; None in its place denies it for good.

    *config* holds options of Google's `config` that are the same for everybody, such as `{"send_page_view": False}`; what follows consent, and what belongs to one visitor, has no place there. *cookie_domain* is `"none"` or a domain, *server_container_url* a tagging server.

    *script_host* is the address of a server of yours that serves Google's script: `/gtag/js` there, or `/gtm.js`.
    """

def google_appointments(
    *,
    id: str = "google_appointments",
    category: str = "third_party",
    name: str = "Google Appointments",
) -> Service:
    """Return Google Appointments: booking pages of Google Calendar in an iframe."""

def google_calendar(
    *,
    id: str = "google_calendar",
    category: str = "third_party",
    name: str = "Google Calendar",
) -> Service:
    """Return Google Calendar: public calendars in an iframe."""

def google_docs(
    *,
    id: str = "google_docs",
    category: str = "third_party",
    name: str = "Google Docs",
) -> Service:
    """Return Google Docs: documents, spreadsheets, presentations and drawings in an iframe.

    A document has to be published on the web, or shared with everybody who has its link.
    """

def google_drive(
    *,
    id: str = "google_drive",
    category: str = "third_party",
    name: str = "Google Drive",
) -> Service:
    """Return Google Drive: previews of files and folders in an iframe."""

def google_fonts(
    families: str,
    *,
    id: str = "google_fonts",
    category: str = "functionality",
    name: str = "Google Fonts",
) -> Service:
    """Return Google Fonts: typefaces from Google's servers.

    For what stands behind `css2?` in the address of the style sheet, for example `google_fonts("family=Inter:wght@400;700")`.

    Keep the fonts on the site itself where their licence lets you: nobody has to be asked then.
    """

def google_forms(
    *,
    id: str = "google_forms",
    category: str = "third_party",
    name: str = "Google Forms",
) -> Service:
    """Return Google Forms: forms and surveys in an iframe."""

def google_looker_studio(
    *,
    id: str = "google_looker_studio",
    category: str = "third_party",
    name: str = "Looker Studio",
) -> Service:
    """Return Looker Studio: reports of Looker Studio in an iframe."""

def google_maps(
    api_key: str | None = None,
    *,
    id: str = "google_maps",
    category: str = "third_party",
    name: str = "Google Maps",
) -> Service:
    """Return Google Maps: maps by the address that Google offers for embedding, and shared maps of your own.

    With *api_key*, a key of the Maps Embed API that is restricted to this site, the addresses of places too.
    """

def google_tag_manager(
    container_id: str,
    *,
    data_layer: str = "dataLayer",
    environment: str = "",
    script_host: str = "",
    preview: bool = False,
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_tag_manager",
    category: str = "tracking",
    name: str = "Google Tag Manager",
) -> Service:
    """Return Google Tag Manager: a container whose contents are decided outside the site, and may change any day.

    For one container, for example `google_tag_manager("GTM-ABC1234")`. *category* must be the strictest of what it holds.

    Some of what a container loads needs inline code, which a strict Content-Security-Policy lets through only with the page's nonce (give it to `head(nonce=…)`) or with `'strict-dynamic'`, and all of it needs hosts and sets cookies that this service cannot name. So declare every service of the container too, without its tag: `replace(hotjar("1234567"), tag=None)`.

    The loader sets the consent types before anything else; let each tag of the container ask for them. Those of advertising follow the services of Google whose purpose is advertising, `analytics_storage` those that measure, and the two others the category `functionality`; each is denied where the site declares none. *consent_types* names another service, for example `{"analytics_storage": "hotjar"}`, or None for what stays denied.

    *script_host* is the address of a server of yours that serves Google's script: `/gtag/js` there, or `/gtm.js`. *preview* opens the hosts of Google's preview mode, for a site that only its makers see.
    """

def gorgias(
    chat_id: str,
    *,
    id: str = "gorgias",
    category: str = "functionality",
    name: str = "Gorgias",
) -> Service:
    """Return Gorgias: chat in a corner of every page of a shop.

    For one chat, by the id in the address of its bundle.

    Where it is not allowed, show another way to write to you.
    """

def hcaptcha(
    site_key: str,
    *,
    language: str = "",
    id: str = "hcaptcha",
    category: str = "functionality",
    name: str = "hCaptcha",
) -> Service:
    """Return hCaptcha: a box to tick in a form, which tells people from robots.

    For `embed("hcaptcha", title=…)` inside a form.
    """

def heap(
    app_id: str,
    *,
    id: str = "heap",
    category: str = "performance",
    name: str = "Heap",
) -> Service:
    """Return Heap: product analytics that records every click.

    For one environment, for example `heap("1538774254")`.
    """

def helloasso(
    *,
    id: str = "helloasso",
    category: str = "third_party",
    name: str = "HelloAsso",
) -> Service:
    """Return HelloAsso: donations, tickets and memberships in an iframe."""

def hotjar(
    site_id: str = "",
    *,
    snippet_version: str = "6",
    contentsquare_tag: str = "",
    id: str = "hotjar",
    category: str = "tracking",
    name: str = "Hotjar",
) -> Service:
    """Return Hotjar: session recordings, heat maps and surveys; Contentsquare runs it.

    For one site, for example `hotjar("1234567")`; newer accounts have a *contentsquare_tag* instead.
    """

def hubspot(
    portal_id: str,
    *,
    region: str,
    id: str = "hubspot",
    category: str = "tracking",
    name: str = "HubSpot",
) -> Service:
    """Return HubSpot: marketing automation that recognises people who write to the site, and measures its campaigns.

    For one account, for example `hubspot("12345678", region="eu1")`. Regions are `na1`, `na2`, `na3`, `eu1` and `ap1`.

    HubSpot's own cookie banner is switched off, and HubSpot is told what was allowed: advertising only where a visitor also allows a service whose purpose is advertising by HubSpot. *category* may be `"functionality"` where only its forms and its chat are used.
    """

def hubspot_meetings(
    *,
    id: str = "hubspot_meetings",
    category: str = "third_party",
    name: str = "HubSpot Meetings",
) -> Service:
    """Return HubSpot Meetings: booking pages in an iframe."""

def imgur(
    *,
    id: str = "imgur",
    category: str = "third_party",
    name: str = "Imgur",
) -> Service:
    """Return Imgur: pictures and albums in an iframe."""

def infogram(
    *,
    id: str = "infogram",
    category: str = "third_party",
    name: str = "Infogram",
) -> Service:
    """Return Infogram: charts and infographics in an iframe."""

def instagram(
    *,
    id: str = "instagram",
    category: str = "third_party",
    name: str = "Instagram",
) -> Service:
    """Return Instagram: a public post, reel or video in an iframe, with its caption.

    No script of Meta runs in your pages.
    """

def intercom(
    app_id: str,
    *,
    region: str,
    id: str = "intercom",
    category: str = "functionality",
    name: str = "Intercom",
) -> Service:
    """Return Intercom: a live chat in a corner of every page.

    For one workspace, for example `intercom("abc12345", region="eu")`. Regions are `eu`, `us` and `au`: the one that the workspace was made in.

    Where it is not allowed, show another way to write to you: `{% if not cookieconsent.allows("intercom") %}<a href="mailto:…">…</a>{% endif %}`.
    """

def internet_archive(
    *,
    id: str = "internet_archive",
    category: str = "third_party",
    name: str = "Archive.org",
) -> Service:
    """Return Archive.org: films, recordings and books in an iframe."""

def issuu(
    *,
    id: str = "issuu",
    category: str = "third_party",
    name: str = "Issuu",
) -> Service:
    """Return Issuu: publications in an iframe."""

def jotform(
    *,
    id: str = "jotform",
    category: str = "third_party",
    name: str = "Jotform",
) -> Service:
    """Return Jotform: forms in an iframe."""

def jsfiddle(
    *,
    id: str = "jsfiddle",
    category: str = "third_party",
    name: str = "JSFiddle",
) -> Service:
    """Return JSFiddle: fiddles in an iframe."""

def jwplayer(
    *,
    id: str = "jwplayer",
    category: str = "third_party",
    name: str = "JW Player",
) -> Service:
    """Return JW Player: videos of JW Player accounts in an iframe."""

def klaviyo(
    company_id: str,
    *,
    id: str = "klaviyo",
    category: str = "tracking",
    name: str = "Klaviyo",
) -> Service:
    """Return Klaviyo: recognises readers of newsletters, and shows forms.

    For one account, by its public key, for example `klaviyo("AbC123")`.
    """

def komoot(
    *,
    id: str = "komoot",
    category: str = "third_party",
    name: str = "komoot",
) -> Service:
    """Return komoot: tours on a map in an iframe."""

def libsyn(
    *,
    id: str = "libsyn",
    category: str = "third_party",
    name: str = "Libsyn",
) -> Service:
    """Return Libsyn: podcast episodes in an iframe."""

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
    """Return LinkedIn Insight Tag: conversion tracking of advertisements on LinkedIn.

    For one account, for example `linkedin_insight("123456")`.
    """

def livechat(
    license: str,
    *,
    id: str = "livechat",
    category: str = "functionality",
    name: str = "LiveChat",
) -> Service:
    """Return LiveChat: chat in a corner of every page.

    For one licence, for example `livechat("1234567")`.

    Where it is not allowed, show another way to write to you.
    """

def loom(
    *,
    id: str = "loom",
    category: str = "third_party",
    name: str = "Loom",
) -> Service:
    """Return Loom: screen recordings in an iframe."""

def lucky_orange(
    site_id: str,
    *,
    id: str = "lucky_orange",
    category: str = "tracking",
    name: str = "Lucky Orange",
) -> Service:
    """Return Lucky Orange: heat maps and recordings.

    For one site, for example `lucky_orange("0123abcd")`.
    """

def mailchimp(
    user_id: str,
    site_id: str,
    *,
    id: str = "mailchimp",
    category: str = "tracking",
    name: str = "Mailchimp",
) -> Service:
    """Return Mailchimp: recognises readers of newsletters, and shows pop-up forms (connected site).

    For one connected site, by the two numbers in the address of its script, for example `mailchimp("776a1c43ba794921d118cfd2a", "4a9f20360482ea09f5c817406")`.
    """

def mailerlite(
    account_id: str,
    *,
    id: str = "mailerlite",
    category: str = "third_party",
    name: str = "MailerLite",
) -> Service:
    """Return MailerLite: pop-up and inline forms for newsletters.

    For one account, for example `mailerlite("123456")`; its forms go where its code puts them.
    """

def mastodon(
    instance: str,
    *,
    provider: Provider | None = None,
    id: str = "mastodon",
    category: str = "third_party",
    name: str = "Mastodon",
) -> Service:
    """Return Mastodon: posts of one Mastodon server in an iframe.

    For one server, for example `mastodon("mastodon.social")`. *provider* has to say who runs any other; a second server is a second service, with another *id* and *name*.
    """

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
    """Return Matomo: web analytics on a server of the site's own or in Matomo's cloud, with or without cookies.

    For one site, for example `matomo("https://stats.example.org/", "1", provider=…)`. *provider* is who runs the server, the site's own company if it does; Matomo's cloud needs none.

    *mode* is `"cookies"` or `"cookieless"`; measuring is asked about either way.
    """

def matomo_tag_manager(
    script: str,
    *,
    provider: Provider | None = None,
    id: str = "matomo_tag_manager",
    category: str = "tracking",
    name: str = "Matomo Tag Manager",
) -> Service:
    """Return Matomo Tag Manager: loads what is chosen in Matomo.

    For one container, by the address of its script, for example `matomo_tag_manager("https://cdn.matomo.cloud/acme.matomo.cloud/container_AbCdEfGh.js")`.

    *provider* is who runs the server, the site's own company if it does; Matomo's cloud needs none. *category* must be the strictest of what it holds; declare each service in it as well.
    """

def matterport(
    *,
    id: str = "matterport",
    category: str = "third_party",
    name: str = "Matterport",
) -> Service:
    """Return Matterport: three-dimensional tours in an iframe."""

def meta_pixel(
    pixel_id: str,
    *,
    id: str = "meta_pixel",
    category: str = "tracking",
    name: str = "Meta Pixel",
) -> Service:
    """Return Meta Pixel: conversion tracking of advertisements on Facebook and Instagram.

    For one dataset, for example `meta_pixel("1234567890123456")`.
    """

def microsoft_bookings(
    *,
    id: str = "microsoft_bookings",
    category: str = "third_party",
    name: str = "Microsoft Bookings",
) -> Service:
    """Return Microsoft Bookings: booking pages in an iframe."""

def microsoft_clarity(
    project_id: str,
    *,
    id: str = "microsoft_clarity",
    category: str = "tracking",
    name: str = "Microsoft Clarity",
) -> Service:
    """Return Microsoft Clarity: session recordings and heat maps; it is told what was allowed (its consent API, version 2).

    For one project, for example `microsoft_clarity("abcdef1234")`.

    It learns that recording is allowed, and that advertising is only where a visitor also allows a service whose purpose is advertising by Microsoft.
    """

def microsoft_forms(
    *,
    id: str = "microsoft_forms",
    category: str = "third_party",
    name: str = "Microsoft Forms",
) -> Service:
    """Return Microsoft Forms: forms and surveys in an iframe."""

def microsoft_uet(
    tag_id: str,
    *,
    id: str = "microsoft_uet",
    category: str = "tracking",
    name: str = "Microsoft Advertising",
) -> Service:
    """Return Microsoft Advertising: conversion tracking of advertisements on Bing (UET).

    For one UET tag, for example `microsoft_uet("12345678")`.

    Consent Mode is told `ad_storage`: granted from the start, denied at the press that takes it away.
    """

def miro(
    *,
    id: str = "miro",
    category: str = "third_party",
    name: str = "Miro",
) -> Service:
    """Return Miro: whiteboards in an iframe."""

def mixcloud(
    *,
    id: str = "mixcloud",
    category: str = "third_party",
    name: str = "Mixcloud",
) -> Service:
    """Return Mixcloud: shows and mixes in an iframe."""

def mixpanel(
    token: str,
    *,
    region: str,
    id: str = "mixpanel",
    category: str = "performance",
    name: str = "Mixpanel",
) -> Service:
    """Return Mixpanel: product analytics.

    For one project, by its token, for example `mixpanel("0123456789abcdef0123456789abcdef", region="eu")`.
    """

def mouseflow(
    website_id: str,
    *,
    id: str = "mouseflow",
    category: str = "tracking",
    name: str = "Mouseflow",
) -> Service:
    """Return Mouseflow: heat maps and recordings.

    For one website, for example `mouseflow("7598bf86-9ebb-46bc-8c61-be8929bbf93d")`.
    """

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
    """Return New Relic: measures how fast pages are and reports their errors (browser agent).

    For one browser application, by the numbers and the key of its copy-paste code.
    """

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
    """Return Optimizely: compares versions of pages (Web Experimentation).

    For one project, for example `optimizely("28007920049")`. Visitors who have not allowed it see the page as it is; others may see it change.
    """

def outbrain_pixel(
    marketer_id: str,
    *,
    id: str = "outbrain_pixel",
    category: str = "tracking",
    name: str = "Outbrain",
) -> Service:
    """Return Outbrain: conversion tracking of recommendations on other sites.

    For one marketer, by the id in the code of the pixel.
    """

def padlet(
    *,
    id: str = "padlet",
    category: str = "third_party",
    name: str = "Padlet",
) -> Service:
    """Return Padlet: boards in an iframe."""

def paypal(
    client_id: str,
    *,
    currency: str = "EUR",
    id: str = "paypal",
    category: str = "necessary",
    name: str = "PayPal",
) -> Service:
    """Return PayPal: buttons to pay with, by its script.

    For `embed("paypal", title=…)` where people pay: an empty element of the class `fcc-paypal`, in which the site's own script renders `paypal.Buttons(…)`.

    *currency* is that of the payment; another way to pay has to be offered to whoever has not allowed it.
    """

def peertube(
    instance: str,
    *,
    provider: Provider | None = None,
    id: str = "peertube",
    category: str = "third_party",
    name: str = "PeerTube",
) -> Service:
    """Return PeerTube: videos of one PeerTube server in an iframe.

    For one server, for example `peertube("framatube.org")`. *provider* has to say who runs any other. Visitors' browsers send nothing to each other.
    """

def piano_analytics(
    site: str,
    collect_domain: str,
    *,
    id: str = "piano_analytics",
    category: str = "performance",
    name: str = "Piano Analytics",
) -> Service:
    """Return Piano Analytics: audience measurement (AT Internet).

    For one site and its collection domain, for example `piano_analytics("123456789", "https://abcdefg.pa-cd.com")`.
    """

def pinterest(
    *,
    id: str = "pinterest",
    category: str = "third_party",
    name: str = "Pinterest",
) -> Service:
    """Return Pinterest: pins in an iframe."""

def pinterest_tag(
    tag_id: str,
    *,
    id: str = "pinterest_tag",
    category: str = "tracking",
    name: str = "Pinterest Tag",
) -> Service:
    """Return Pinterest Tag: conversion tracking of advertisements on Pinterest.

    For one account, for example `pinterest_tag("2612345678901")`.
    """

def pirsch(
    code: str,
    *,
    id: str = "pirsch",
    category: str = "performance",
    name: str = "Pirsch",
) -> Service:
    """Return Pirsch: audience measurement without cookies.

    For one site, by its identification code.
    """

def piwik_pro(
    account: str,
    site_id: str,
    *,
    id: str = "piwik_pro",
    category: str = "performance",
    name: str = "Piwik PRO",
) -> Service:
    """Return Piwik PRO: audience measurement, by its container.

    For one account and one site, for example `piwik_pro("acme", "7598bf86-9ebb-46bc-8c61-be8929bbf93d")`. What its tag manager loads besides is a service of its own each.
    """

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
    """Return Plausible: web analytics without cookies.

    For one site: `plausible("pa-…")`, or `plausible(domain="example.org")` in its older form.

    *host* is a server or a proxy of the site's own, and *provider* then says who runs it, the site's own company if it does.
    """

def posthog(
    project_token: str,
    *,
    region: str,
    id: str = "posthog",
    category: str = "performance",
    name: str = "PostHog",
) -> Service:
    """Return PostHog: product analytics.

    For one project, for example `posthog("phc_…", region="eu")`.

    With recordings switched on at PostHog it records visits, and *category* should be `tracking` then.
    """

def prezi(
    *,
    id: str = "prezi",
    category: str = "third_party",
    name: str = "Prezi",
) -> Service:
    """Return Prezi: presentations in an iframe."""

def quora_pixel(
    pixel_id: str,
    *,
    id: str = "quora_pixel",
    category: str = "tracking",
    name: str = "Quora Pixel",
) -> Service:
    """Return Quora Pixel: conversion tracking of advertisements on Quora.

    For one pixel, by the 32 characters of its code.
    """

def recaptcha(
    site_key: str,
    *,
    host: str = "www.recaptcha.net",
    language: str = "",
    id: str = "recaptcha",
    category: str = "functionality",
    name: str = "reCAPTCHA",
) -> Service:
    """Return reCAPTCHA: a box to tick in a form (version 2), which tells people from robots.

    For `embed("recaptcha", title=…)` inside a form. By the *host* `"www.recaptcha.net"` no other cookie of google.com is sent along.

    Keys of version 3 and of Enterprise look the same and show no box but an error, because they watch whole pages and give a score: make a key of version 2, "I'm not a robot". A site that needs the score declares a service of its own.
    """

def reddit(
    *,
    id: str = "reddit",
    category: str = "third_party",
    name: str = "Reddit",
) -> Service:
    """Return Reddit: posts and comments in an iframe."""

def reddit_pixel(
    pixel_id: str,
    *,
    id: str = "reddit_pixel",
    category: str = "tracking",
    name: str = "Reddit Pixel",
) -> Service:
    """Return Reddit Pixel: conversion tracking of advertisements on Reddit.

    For one pixel, for example `reddit_pixel("t2_abcdef")`.
    """

def rumble(
    *,
    id: str = "rumble",
    category: str = "third_party",
    name: str = "Rumble",
) -> Service:
    """Return Rumble: videos in an iframe."""

def scratch(
    *,
    id: str = "scratch",
    category: str = "third_party",
    name: str = "Scratch",
) -> Service:
    """Return Scratch: projects in an iframe."""

def scribd(
    *,
    id: str = "scribd",
    category: str = "third_party",
    name: str = "Scribd",
) -> Service:
    """Return Scribd: documents in an iframe."""

def segment(
    write_key: str,
    *,
    id: str = "segment",
    category: str = "performance",
    name: str = "Segment",
) -> Service:
    """Return Segment: collects what visitors do, for the tools that are chosen there.

    For one source, by its write key. Each destination that loads a script of its own is a service of its own as well, and *category* must be the strictest of them.
    """

def sentry(
    public_key: str,
    *,
    id: str = "sentry",
    category: str = "functionality",
    name: str = "Sentry",
) -> Service:
    """Return Sentry: reports of errors in the pages, by its loader.

    For one project, by the public key in the address of its loader script.

    What the loader does is set at Sentry: with Session Replay it records visits, and *category* should be `tracking` then.
    """

def simple_analytics(
    *,
    id: str = "simple_analytics",
    category: str = "performance",
    name: str = "Simple Analytics",
) -> Service:
    """Return Simple Analytics: audience measurement without cookies.

    It needs nothing but the site's name, which its script reads.
    """

def simplecast(
    *,
    id: str = "simplecast",
    category: str = "third_party",
    name: str = "Simplecast",
) -> Service:
    """Return Simplecast: podcast episodes in an iframe."""

def sketchfab(
    *,
    id: str = "sketchfab",
    category: str = "third_party",
    name: str = "Sketchfab",
) -> Service:
    """Return Sketchfab: three-dimensional models in an iframe."""

def slideshare(
    *,
    id: str = "slideshare",
    category: str = "third_party",
    name: str = "SlideShare",
) -> Service:
    """Return SlideShare: presentations in an iframe."""

def smartsupp(
    key: str,
    *,
    id: str = "smartsupp",
    category: str = "functionality",
    name: str = "Smartsupp",
) -> Service:
    """Return Smartsupp: chat in a corner of every page.

    For one account, by its key.

    It is told that its marketing cookies, which count visits, are allowed, where that is switched on in its settings. Where it is not allowed, show another way to write to you.
    """

def snap_pixel(
    pixel_id: str,
    *,
    id: str = "snap_pixel",
    category: str = "tracking",
    name: str = "Snap Pixel",
) -> Service:
    """Return Snap Pixel: conversion tracking of advertisements on Snapchat.

    For one pixel, for example `snap_pixel("7598bf86-9ebb-46bc-8c61-be8929bbf93d")`.
    """

def soundcloud(
    *,
    id: str = "soundcloud",
    category: str = "third_party",
    name: str = "SoundCloud",
) -> Service:
    """Return SoundCloud: one track, one set, or the tracks of somebody, in its iframe player.

    What its author shares with those who have the address is shown by that address.
    """

def speakerdeck(
    *,
    id: str = "speakerdeck",
    category: str = "third_party",
    name: str = "Speaker Deck",
) -> Service:
    """Return Speaker Deck: presentations in an iframe."""

def spotify(
    *,
    id: str = "spotify",
    category: str = "third_party",
    name: str = "Spotify",
) -> Service:
    """Return Spotify: tracks, albums, playlists, artists, and podcasts with their episodes, in an iframe."""

def spreaker(
    *,
    id: str = "spreaker",
    category: str = "third_party",
    name: str = "Spreaker",
) -> Service:
    """Return Spreaker: podcasts and their episodes in an iframe."""

def stackblitz(
    *,
    id: str = "stackblitz",
    category: str = "third_party",
    name: str = "StackBlitz",
) -> Service:
    """Return StackBlitz: projects in an iframe."""

def strava(
    *,
    id: str = "strava",
    category: str = "third_party",
    name: str = "Strava",
) -> Service:
    """Return Strava: activities and routes in an iframe."""

def streamable(
    *,
    id: str = "streamable",
    category: str = "third_party",
    name: str = "Streamable",
) -> Service:
    """Return Streamable: short videos in an iframe."""

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
    """Return Stripe: payment fields, loaded only where a payment form stands, though Stripe would have it on every page.

    For `embed("stripe", title=…)` in a payment form. The embed is an empty element of the class `fcc-stripe` with the key in `data-key`; the site's own script mounts Stripe's elements there.

    *version* is `"v3"` or the name of a release such as `"basil"`. *fraud_signals* lets Stripe watch how the page is used. *payment_link* is where people pay who have not allowed it.
    """

def taboola_pixel(
    account_id: str,
    *,
    id: str = "taboola_pixel",
    category: str = "tracking",
    name: str = "Taboola",
) -> Service:
    """Return Taboola: conversion tracking of recommendations on other sites.

    For one account, for example `taboola_pixel("1234567")`.
    """

def tally(
    *,
    id: str = "tally",
    category: str = "third_party",
    name: str = "Tally",
) -> Service:
    """Return Tally: forms in an iframe."""

def tawk_to(
    property_id: str,
    *,
    widget_id: str = "default",
    id: str = "tawk_to",
    category: str = "functionality",
    name: str = "tawk.to",
) -> Service:
    """Return tawk.to: chat in a corner of every page.

    For one widget, by the two parts of the address of its script, for example `tawk_to("5c052bcffd65052a5c9387b7", "default")`.

    Where it is not allowed, show another way to write to you.
    """

def ted(
    *,
    id: str = "ted",
    category: str = "third_party",
    name: str = "TED",
) -> Service:
    """Return TED: talks in an iframe."""

def telegram(
    *,
    id: str = "telegram",
    category: str = "third_party",
    name: str = "Telegram",
) -> Service:
    """Return Telegram: posts of public channels in an iframe."""

def tidal(
    *,
    id: str = "tidal",
    category: str = "third_party",
    name: str = "TIDAL",
) -> Service:
    """Return TIDAL: songs, albums, playlists and videos in an iframe."""

def tidio(
    public_key: str,
    *,
    id: str = "tidio",
    category: str = "functionality",
    name: str = "Tidio",
) -> Service:
    """Return Tidio: chat in a corner of every page.

    For one project, by the key in the address of its script.

    Where it is not allowed, show another way to write to you.
    """

def tiktok(
    *,
    id: str = "tiktok",
    category: str = "third_party",
    name: str = "TikTok",
) -> Service:
    """Return TikTok: one video, or one series of photos, in its iframe player.

    No script of TikTok runs in your pages.
    """

def tiktok_pixel(
    pixel_id: str,
    *,
    region: str = "global",
    id: str = "tiktok_pixel",
    category: str = "tracking",
    name: str = "TikTok Pixel",
) -> Service:
    """Return TikTok Pixel: conversion tracking of advertisements on TikTok; it is told that it may.

    For one account, for example `tiktok_pixel("C4A1B2C3D4E5F6G7H8I0")`. *region* is `"global"`, or `"us"` for accounts of the United States.
    """

def transistor(
    *,
    id: str = "transistor",
    category: str = "third_party",
    name: str = "Transistor",
) -> Service:
    """Return Transistor: podcasts and their episodes in an iframe."""

def trustpilot(
    business_id: str,
    template_id: str,
    *,
    locale: str = "en-GB",
    id: str = "trustpilot",
    category: str = "third_party",
    name: str = "Trustpilot",
) -> Service:
    """Return Trustpilot: reviews and stars in a TrustBox.

    For `embed("trustpilot", title=…)`, by the ids of the business and of the template in the code of a TrustBox.
    """

def turnstile(
    site_key: str,
    *,
    action: str = "",
    preclearance: bool = False,
    passage: str = "30 minutes",
    id: str = "turnstile",
    category: str = "necessary",
    name: str = "Turnstile",
) -> Service:
    """Return Turnstile: a box in a form, which tells people from robots and keeps no cookie unless it is asked to.

    For `embed("turnstile", title=…)` inside a form. With *preclearance*, which Cloudflare's own settings switch on, it keeps a cookie of this site, for as long as the *passage* of the zone (its setting Challenge Passage) says.
    """

def twitch(
    site: str,
    *,
    id: str = "twitch",
    category: str = "third_party",
    name: str = "Twitch",
) -> Service:
    """Return Twitch: live streams, videos and clips in an iframe.

    *site* is the host of this site, without which Twitch shows nothing, for example `twitch("www.example.org")`.
    """

def typeform(
    *,
    id: str = "typeform",
    category: str = "third_party",
    name: str = "Typeform",
) -> Service:
    """Return Typeform: forms and surveys in an iframe."""

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
    """Return Umami: web analytics without cookies, in its cloud or on a server of the site's own.

    For one site, for example `umami("94db1cb1-74f4-4a40-ad6c-962362670409")`.

    *script_url* is that of a server of the site's own, *host_url* where it sends to, if elsewhere. With either, *provider* has to say who runs it, the site's own company if it does.
    """

def umap(
    *,
    id: str = "umap",
    category: str = "third_party",
    name: str = "uMap",
) -> Service:
    """Return uMap: maps of the server of OpenStreetMap France in an iframe."""

def userlike(
    widget_key: str,
    *,
    id: str = "userlike",
    category: str = "functionality",
    name: str = "Userlike",
) -> Service:
    """Return Userlike: chat in a corner of every page.

    For one widget, by the long key in the address of its script.

    Where it is not allowed, show another way to write to you.
    """

def vidyard(
    *,
    id: str = "vidyard",
    category: str = "third_party",
    name: str = "Vidyard",
) -> Service:
    """Return Vidyard: videos in an iframe."""

def vimeo(
    *,
    id: str = "vimeo",
    category: str = "third_party",
    name: str = "Vimeo",
) -> Service:
    """Return Vimeo: videos, showcases and events in an iframe.

    Its player is told not to track its viewers. An unlisted video is shown by the address that shares it.
    """

def vwo(
    account_id: str,
    *,
    id: str = "vwo",
    category: str = "performance",
    name: str = "VWO",
) -> Service:
    """Return VWO: compares versions of pages.

    For one account, for example `vwo("123456")`. Visitors who have not allowed it see the page as it is; others may see it change.
    """

def waze(
    *,
    id: str = "waze",
    category: str = "third_party",
    name: str = "Waze",
) -> Service:
    """Return Waze: a live map in an iframe."""

def weglot(
    api_key: str,
    *,
    id: str = "weglot",
    category: str = "functionality",
    name: str = "Weglot",
) -> Service:
    """Return Weglot: translates the pages.

    For one project, by its public key, for example `weglot("wg_0123456789abcdef0123456789abcdef0")`.
    """

def wistia(
    *,
    id: str = "wistia",
    category: str = "third_party",
    name: str = "Wistia",
) -> Service:
    """Return Wistia: videos in an iframe."""

def x(
    *,
    id: str = "x",
    category: str = "third_party",
    name: str = "X",
) -> Service:
    """Return X: one post in an iframe.

    No script of X runs in your pages, and its frame is told not to track (`dnt`).
    """

def x_pixel(
    pixel_id: str,
    *,
    id: str = "x_pixel",
    category: str = "tracking",
    name: str = "X Pixel",
) -> Service:
    """Return X Pixel: conversion tracking of advertisements on X, formerly Twitter.

    For one account, for example `x_pixel("o1abc")`.
    """

def yandex_metrica(
    counter_id: str,
    *,
    webvisor: bool = False,
    id: str = "yandex_metrica",
    category: str = "tracking",
    name: str = "Yandex Metrica",
) -> Service:
    """Return Yandex Metrica: audience measurement, and advertising by Yandex.

    For one tag, for example `yandex_metrica("12345678")`.

    Goals may be used for advertising at Yandex, so it is filed with what tracks. *webvisor* records visits.
    """

def youtube(
    *,
    id: str = "youtube",
    category: str = "third_party",
    name: str = "YouTube",
) -> Service:
    """Return YouTube: videos, shorts, live streams and playlists in an iframe.

    It comes from the host that sets no cookie before play; that host is Google's all the same.
    """

def zendesk_widget(
    key: str,
    subdomain: str,
    *,
    id: str = "zendesk_widget",
    category: str = "functionality",
    name: str = "Zendesk",
) -> Service:
    """Return Zendesk: chat and help in a corner of every page (messaging).

    For one widget, by its key and the subdomain of the account, for example `zendesk_widget("7598bf86-9ebb-46bc-8c61-be8929bbf93d", "acme")`.

    Where it is not allowed, show another way to write to you.
    """
