"""A site whose scripts do one wrong thing on each page, and its twin that does the same things right."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from flask import Flask, Response, render_template, request
from jinja2 import DictLoader

from flask_cookieconsent import Cookie, CookieConsent, Service
from tests.kit.sites import BARE, COMPANY, LAYOUT, own

DAY = timedelta(days=1)

#: For each page one line of script after the other: what the wrong site does there, and what its twin does.
LINES: dict[str, tuple[str, str]] = {
    "cookie": ("document.cookie = 'unknown=secret-value';", "document.cookie = 'theme=dark; max-age=86400';"),
    "cookie-store": ("cookieStore.set('unknown_too', 'secret-value');", "cookieStore.get('theme');"),
    "too-long": ("document.cookie = 'theme=dark; max-age=9999999';", "document.cookie = 'theme=; max-age=0';"),
    "before-choice": (
        "document.cookie = 'arrival=ad';",
        "if (cookieconsent.allows('arrival')) document.cookie = 'arrival=ad; max-age=60';",
    ),
    "local": ("localStorage.setItem('basket', 'secret-value');", "localStorage.setItem('cart', '7');"),
    "property": ("sessionStorage.draft = 'secret-value';", "sessionStorage.step = 'one';"),
    "database": ("indexedDB.open('shop');", "indexedDB.open('cart');"),
    "cache": ("caches.open('pages');", "caches.open('cart');"),
    "worker": ("navigator.serviceWorker.register('/worker.js');", "navigator.serviceWorker.getRegistrations();"),
    "storage-before-choice": (
        "localStorage.setItem('arrivals', '1');",
        "if (cookieconsent.allows('arrival')) localStorage.setItem('arrivals', '1');",
    ),
    "read": ("localStorage.getItem('arrivals');", "localStorage.getItem('cart'); localStorage.getItem('other');"),
    "fetch": ("fetch('https://stats.example.com/hit?who=secret-value');", "fetch('/cart');"),
    "beacon": ("navigator.sendBeacon('https://beacon.example.com/b', 'x');", "navigator.sendBeacon('/cart');"),
    "script": (
        "document.head.append(Object.assign(document.createElement('script'), {src: 'https://tags.example.com/t.js'}));",
        "document.title += '!';",
    ),
    "socket": ("new WebSocket('wss://socket.example.com/live');", "document.title += '!';"),
    "peer": (
        "talk().setLocalDescription();",
        "talk();",
    ),
    "frame": (
        "document.body.append(Object.assign(document.createElement('iframe'), {src: 'https://frame.example.com/'}));",
        "document.body.append(Object.assign(document.createElement('iframe'), {src: '/cart'}));",
    ),
    "vendor": (
        "new Image().src = 'https://counter.example.net/p.gif';",
        "if (cookieconsent.allows('counter')) new Image().src = 'https://counter.example.net/p.gif';",
    ),
    "hint": (
        "document.head.insertAdjacentHTML('beforeend', '<link rel=preconnect href=https://hint.example.com>');",
        "document.head.insertAdjacentHTML('beforeend', '<link rel=preconnect href=/>');",
    ),
    "policy": ("document.body.setAttribute('style', 'margin: 0');", "document.body.style.margin = 0;"),
    "survives": (
        "if (cookieconsent.allows('later')) document.cookie = 'later=x; max-age=60; path=/stores/deep';",
        "if (cookieconsent.allows('later')) document.cookie = 'later=x; max-age=60; path=/';",
    ),
}
#: A function that both sites have, in the first line before all others: it makes a connection to other people.
TALK = (
    "const talk = () => { const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:peer.example.com:3478'}]});"
    " peer.createDataChannel('talk'); return peer; }; "
)
#: Which lines each page has.
PAGES = {
    "stores": tuple(LINES)[: tuple(LINES).index("fetch")] + ("survives",),
    "contacts": tuple(LINES)[tuple(LINES).index("fetch") : -1],
}
#: What the page of contacts allows, as its own policy says: no attributes with styles.
POLICY = "style-src-attr 'none'"
STYLES = (
    ".fcc-banner button[value=reject] { color: #999; background: #aaa; }",
    ".fcc-banner button { color: #fff; background: #1a4d8f; }",
)
PAGE = (
    LAYOUT.replace(
        "{% block content %}",
        "<h1>{{ name }}</h1><script defer src=/scripts/{{ name }}.js></script>{% block content %}",
    )
    .replace("{% block title %}", "{{ name }}{% block title %}")
    .replace("</head>", "<link rel=stylesheet href=/site.css></head>")
)


def services() -> tuple[Service, ...]:
    """Return what both sites declare."""
    kept = (("theme", "cookie"), ("cart*", "local"), ("step", "session"))
    arrival = Cookie(name="arrival", purpose="Keeps how you found us.", duration=DAY)
    arrivals = Cookie(name="arrivals", purpose="Counts how often you found us.", storage="local")
    cookies = (Cookie(name=name, purpose="Keeps it.", duration=DAY, storage=area) for name, area in kept)  # type: ignore[arg-type]
    hosts = {"img-src": ("https://counter.example.net",)}
    return (
        own("basics", "necessary", *cookies, justification="The shop needs it."),
        own("arrival", "tracking", arrival, arrivals, purpose="attribution"),
        own("later", "functionality", Cookie(name="later", purpose="Keeps it.", duration=DAY)),
        Service(
            id="counter",
            name="Counter",
            category="performance",
            purpose="audience_measurement",
            provider=COMPANY,
            hosts=hosts,
        ),
    )


def make(*, wrong: bool) -> Flask:
    """Return the wrong site, or its twin."""
    app = Flask(f"two-sites-{wrong}")
    app.config |= BARE
    app.jinja_loader = DictLoader({"page.html": PAGE})
    for page, names in PAGES.items():
        app.add_url_rule(f"/{page}", page, partial(render_template, "page.html", name=page))
        script = TALK + "\n".join(LINES[name][0 if wrong else 1] for name in names)
        app.add_url_rule(f"/scripts/{page}.js", f"{page}.js", partial(Response, script, mimetype="text/javascript"))
    style = partial(Response, STYLES[0 if wrong else 1], mimetype="text/css")
    app.add_url_rule("/site.css", "site.css", style)
    app.after_request(_with_policy)
    app.add_url_rule("/cart", "cart", lambda: {"items": 7})
    CookieConsent(app, services=services())
    return app


def _with_policy(response: Response) -> Response:
    if request.endpoint == "contacts":
        response.headers["Content-Security-Policy-Report-Only"] = POLICY
    return response
