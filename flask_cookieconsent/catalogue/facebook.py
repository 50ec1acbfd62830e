"""Public posts, videos and pages of Facebook, by its iframe plugins: no script of Meta runs in our pages."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote, urlencode

from flask_cookieconsent.declaration import N_, Cookie, Frame, Service

from .pasted import Address, address
from .providers import META

_HOSTS = ("facebook.com", "www.facebook.com", "m.facebook.com", "web.facebook.com")
_PLUGINS = "https://www.facebook.com/plugins/"
_ALLOW = "autoplay; clipboard-write; encrypted-media; picture-in-picture; web-share"
_ID = re.compile(r"[A-Za-z0-9_-]{1,120}")
_POST = re.compile(
    r"/(?:[\w.-]+/(?:posts|photos|activity)/[\w.,%/-]{1,200}|groups/[\w.]+/(?:posts|permalink)/\d+/?)", re.A
)
_VIDEO = re.compile(r"/(?:[\w.-]+/videos/(?:[\w.%-]+/)?\d+|reel/\d+)/?", re.A)
_PAGE = re.compile(r"/(?:pages/[\w.%-]+/\d+|[A-Za-z0-9.-]{5,50})/?", re.A)
# First parts of a path that are Facebook's own and no page of anybody.
_RESERVED = frozenset(
    (
        *("events", "gaming", "groups", "hashtag", "help", "login", "marketplace", "permalink.php", "photo"),
        *("photo.php", "photos", "plugins", "policies", "privacy", "profile.php", "reel", "reels", "search"),
        *("settings", "share", "sharer", "sharer.php", "stories", "video.php", "watch"),
    )
)


def facebook(*, id: str = "facebook", category: str = "third_party") -> Service:
    """Return Facebook for `embed()`: a public post, video or page."""
    long, domain = timedelta(days=400), "facebook.com"
    return Service(
        id=id,
        name="Facebook",
        category=category,
        purpose="embedded_post",
        provider=META,
        cookies=(
            Cookie(name="datr", purpose=N_("Recognises your browser."), duration=long, domain=domain),
            Cookie(name="sb", purpose=N_("Recognises your browser."), duration=long, domain=domain),
            Cookie(
                name="fr", purpose=N_("Shows and measures advertisements."), duration=timedelta(days=90), domain=domain
            ),
            Cookie(name="wd", purpose=N_("Keeps the size of your window."), duration=timedelta(days=7), domain=domain),
            Cookie(
                name="c_user", purpose=N_("Keeps you signed in there."), duration=timedelta(days=365), domain=domain
            ),
            Cookie(name="xs", purpose=N_("Keeps you signed in there."), duration=timedelta(days=365), domain=domain),
        ),
        # Some countries and phones are redirected, and a policy is checked on redirects too.
        hosts={"frame-src": ("https://www.facebook.com", "https://web.facebook.com", "https://m.facebook.com")},
        parse=_parse,
    )


def _parse(text: str) -> Frame | None:
    found = address(text)
    if found is None:
        return None
    if found.host in ("fb.watch", "www.fb.watch") or (found.host in _HOSTS and found.path.startswith("/share/")):
        raise ValueError(
            f"{text!r} is a short link, which only Facebook can resolve; open it and paste the long address it leads to"
        )
    if found.host not in _HOSTS:
        return None
    if post := _post(found):
        return _frame("post.php", post, {"show_text": "true", "width": "500"}, kind="post", shape="post")
    if video := _video(found):
        return _frame("video.php", video, {"show_text": "false", "width": "560"}, kind="video", shape="wide")
    if page := _page(found):
        options = {"tabs": "timeline", "width": "340", "height": "500", "adapt_container_width": "true"}
        return _frame("page.php", page, options, kind="page", shape="page")
    return None


def _frame(plugin: str, path: str, options: dict[str, str], *, kind: str, shape: str) -> Frame:
    link = "https://www.facebook.com" + path
    return Frame(
        src=f"{_PLUGINS}{plugin}?href={quote(link, safe='')}&{urlencode(options)}",
        link=link,
        kind=kind,
        shape=shape,
        allow=_ALLOW,
    )


def _post(found: Address) -> str | None:
    if _POST.fullmatch(found.path):
        return found.path
    if found.path == "/permalink.php":
        return _with_query(found, "story_fbid", "id")
    if found.path in ("/photo", "/photo/", "/photo.php"):
        return _with_query(found, "fbid")
    return None


def _video(found: Address) -> str | None:
    if _VIDEO.fullmatch(found.path):
        return found.path
    if found.path in ("/watch", "/watch/", "/video.php"):
        number = found.query.get("v") or found.query.get("id") or ""
        return f"/watch/?v={number}" if re.fullmatch(r"\d+", number, re.A) else None
    return None


def _page(found: Address) -> str | None:
    if found.path == "/profile.php":
        return _with_query(found, "id")
    first = found.path.strip("/").split("/")[0].lower()
    return found.path if _PAGE.fullmatch(found.path) and first not in _RESERVED else None


def _with_query(found: Address, *names: str) -> str | None:
    values = {name: found.query[name] for name in names if _ID.fullmatch(found.query.get(name, ""))}
    return f"{found.path}?{urlencode(values)}" if names[0] in values else None
