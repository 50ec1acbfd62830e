"""The faults of the planted site: for each the rule that it breaks, its subject, its route, and the markup of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_cookieconsent.audit.findings import Finding


@dataclass(frozen=True)
class Planted:
    """One fault: the rule that it breaks, its subject, and the route at which it has to be found.

    `body` and `head` are what a page holds of it, and `page` is the route of that page where it is another one.
    """

    name: str
    rule: str
    subject: str
    route: str
    body: str = ""
    head: str = ""
    page: str = ""

    def __post_init__(self) -> None:
        if not self.page:
            object.__setattr__(self, "page", self.route)


def _host(name: str, body: str = "", *, head: str = "", route: str = "", subject: str = "") -> Planted:
    """Return the fault of contacting a host of its own, `name.example` unless it has another."""
    page = f"/host/{name}"
    return Planted(name, "undeclared-host", subject or f"{name}.example", route or page, body, head, page)


def _script(name: str, rule: str, subject: str, *, route: str = "") -> Planted:
    """Return a fault that a script of the site commits, in the file of its name."""
    page, body = f"/browser/{name}", f'<script src="/static/{name}.js"></script>'
    return Planted(name, rule, subject, route or page, body, page=page)


#: Tag Manager as its snippet loads it.
_SNIPPET = """<script>(function(w,d,s,l,i){w[l]=w[l]||[];var j=d.createElement(s);j.async=true;
j.src='https://www.googletagmanager.com/gtm.js?id='+i;d.head.append(j)})
(window,document,'script','dataLayer','GTM-ABC123');</script>"""
_INSIDE = "&lt;img src='https://srcdoc.example/c.png' alt=''&gt;"
_STORED = """{{ '<p>Words</p><%s>'|safe|cookieconsent_embeds }}"""
_STORED_FRAME = _STORED.replace("%s", 'iframe src="https://stored-frame.example/p"></iframe')
_STORED_PIXEL = _STORED.replace("%s", 'img src="https://stored-pixel.example/q.gif"')

#: What the audit finds without a browser.
SEEN_IN_PROCESS = (
    Planted("by a view", "undeclared-cookie", "basket_hint", "/cookie/view"),
    Planted("by a hook after the request", "undeclared-cookie", "ab_bucket", "/cookie/hook"),
    Planted("by WSGI middleware around ours", "undeclared-cookie", "lb_route", "/cookie/outer"),
    Planted("by a redirect", "undeclared-cookie", "came_from", "/cookie/redirect"),
    Planted("optional, past our middleware", "cookie-before-choice", "theme", "/cookie/early"),
    Planted("for longer than declared", "cookie-too-long", "tour", "/cookie/long"),
    Planted("for longer, past our middleware", "cookie-too-long", "lockout", "/cookie/long-outer"),
    Planted("declared and never set", "stale-cookie", "old_promo", "the declaration"),
    # One for each way in which a page makes a browser contact a host.
    _host("script", '<script src="https://script.example/a.js"></script>'),
    _host("srcset", '<img src="/static/dot.svg" srcset="/static/dot.svg 1x, //srcset.example/b.png 2x" alt="">'),
    _host("srcdoc", f'<iframe title="Inside" srcdoc="{_INSIDE}"></iframe>'),
    _host("noscript", '<noscript><img src="https://noscript.example/d.gif" alt=""></noscript>'),
    _host("poster", '<video poster="https://poster.example/e.jpg" controls></video>'),
    _host("object", '<object data="https://object.example/f.pdf" type="application/pdf">A paper</object>'),
    _host("svg", '<svg role="img" aria-label="Dot"><image href="https://svg.example/g.png"/></svg>'),
    _host("input", '<form><input type="image" src="https://input.example/h.png" alt="Go"></form>'),
    _host("attribute", "<div style=\"background: url('https://attribute.example/i.png')\">Words</div>"),
    _host("import", head='<style>@import "https://import.example/j.css";</style>'),
    _host("preload", head='<link rel="preload" as="image" href="https://preload.example/k.png">'),
    _host("preconnect", head='<link rel="preconnect" href="https://preconnect.example">'),
    _host("link-header"),
    _host("icon", head='<link rel="icon" href="https://icon.example/l.ico">'),
    _host("refresh", head='<meta http-equiv="refresh" content="5; url=https://refresh.example/">'),
    _host("base", '<img src="m.png" alt="">', head='<base href="https://base.example/">'),
    _host(
        "fonts",
        head='<link rel="stylesheet" href="https://fonts.googleapis.com/css2?family=Inter">',
        subject="fonts.googleapis.com",
    ),
    _host("sheet", head='<link rel="stylesheet" href="/static/sheet.css">', route="/static/sheet.css"),
    _host("font-face", head='<link rel="stylesheet" href="/static/importing.css">', route="/static/imported.css"),
    _host("accepted", '{% if cookieconsent.allows("films") %}<img src="https://accepted.example/n.png">{% endif %}'),
    _host("stored-pixel", _STORED_PIXEL),
    # Where a walk has to go for it.
    Planted("shelves", "undeclared-host", "shelf.example", "/shelves/<slug>", page="/shelves"),
    Planted("behind the sign-in", "undeclared-host", "account.example", "/account"),
    Planted("on the page that is not there", "undeclared-host", "not-found.example", "error 404"),
    # Content of others.
    Planted(
        "frame past the helper",
        "embed-past-helper",
        "player.example.net",
        "/embed/frame",
        '<iframe title="A film" src="https://player.example.net/abc"></iframe>',
    ),
    Planted(
        "script of a declared service",
        "contact-before-choice",
        "count.visits.example",
        "/embed/script",
        '<script src="https://count.visits.example/count.js" async></script>',
    ),
    Planted("snippet", "inline-loader", "www.googletagmanager.com", "/embed/snippet", _SNIPPET),
    Planted(
        "unknown frame in stored content",
        "undeclared-content",
        "stored-frame.example",
        "/stored/frame",
        _STORED_FRAME,
    ),
    # Pages.
    Planted("no banner", "page-without-pieces", "/page/no-banner", "/page/no-banner"),
    Planted("no link", "page-without-pieces", "/page/no-link", "/page/no-link"),
    Planted("no head", "page-without-pieces", "/page/no-head", "/page/no-head"),
    Planted("public, past our middleware", "shared-page", "/page/public", "/page/public", "<p>Words</p>"),
    Planted("public, and reads a signal by itself", "shared-page", "/page/raw", "/page/raw"),
    Planted("raises", "unreadable-page", "/page/broken", "/page/broken"),
    Planted("declared and never shown", "unused-service", "posts", "the declaration"),
    Planted("demotes refusing", "unfair-template", "banner.html", "the templates"),
)

#: What scripts do, and a browser alone sees. None holds a host in one piece, or reading it would find it too.
SCRIPTED = (
    _script("cookie", "undeclared-cookie", "js_visitor"),
    _script("cookie-store", "undeclared-cookie", "store_visitor"),
    _script("local-storage", "undeclared-storage", "visitor_profile"),
    _script("session-storage", "undeclared-storage", "tab_profile"),
    _script("database", "undeclared-storage", "tracker_db"),
    _script("worker", "undeclared-storage", "/static/worker-itself.js"),
    _script("early-cookie", "cookie-before-choice", "_visits"),
    _script("early-key", "storage-before-choice", "visits.state"),
    _script("pieces", "undeclared-host", "pieces.example"),
    _script("beacon", "undeclared-host", "beacon.example"),
    _script("fetch", "undeclared-host", "fetch.example"),
    _script("inserted", "contact-before-choice", "count.visits.example"),
    # Whoever withdraws does so on the page of settings, and it shows there that something is left.
    _script("kept-cookie", "survives-withdrawal", "_visits", route="/cookies/"),
    _script("kept-database", "survives-withdrawal", "visits.state", route="/cookies/"),
    _script("reading", "forbidden-read", "visits.state"),
    Planted("inline", "csp-violation", "script-src-elem inline", "/browser/csp", "<script>document.title = 1</script>"),
)

#: What a browser sees of our pieces.
LOOKS = (
    Planted(
        "refusing is not seen in the dark",
        "unfair-look",
        "banner: visibility",
        "/browser/dark",
        head='<link rel="stylesheet" href="/static/dark.css">',
    ),
    Planted(
        "refusing is small on a phone",
        "unfair-look",
        "banner: height",
        "/browser/phone",
        head='<link rel="stylesheet" href="/static/phone.css">',
    ),
    Planted("picture without words in the banner", "inaccessible-piece", "image-alt", "/browser/axe", "<p>Words</p>"),
)

SEEN_BY_BROWSER = SCRIPTED + LOOKS
PLANTED = SEEN_IN_PROCESS + SEEN_BY_BROWSER


def at_its_place(findings: Iterable[Finding], planted: Planted) -> bool:
    """Tell whether a fault is among findings, by its rule, its subject and its route."""
    return any(
        (finding.rule, finding.subject) == (planted.rule, planted.subject) and planted.route in finding.routes
        for finding in findings
    )


def not_planted(findings: Iterable[Finding], faults: Iterable[Planted]) -> list[str]:
    """Return what is found and was never planted, or was planted elsewhere, in a line for each route."""
    known = {(planted.rule, planted.subject, planted.route) for planted in faults}
    return [
        f"{finding.rule}: {finding.subject} at {route}: {finding.says}"
        for finding in findings
        for route in finding.routes
        if (finding.rule, finding.subject, route) not in known
    ]
