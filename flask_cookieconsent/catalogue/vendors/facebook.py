"""Facebook: public posts, videos and pages in its iframe plugins; no script of Meta runs in our pages."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote, urlencode

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import Address, address
from flask_cookieconsent.catalogue.kit.providers import META
from flask_cookieconsent.core.services import Cookie, EmbedKind, Frame, Service, Shape

_HOSTS = ("facebook.com", "www.facebook.com", "m.facebook.com", "web.facebook.com")
_PLUGINS = "https://www.facebook.com/plugins/"
_ALLOW = "autoplay; clipboard-write; encrypted-media; picture-in-picture; web-share"
_NUMBER = re.compile(r"[0-9]{1,25}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,120}")
_WORDS = r"(?:[\w.,-]|%[0-9A-Fa-f]{2}){1,200}"
_POST = re.compile(
    rf"/(?:[\w.-]+/(?:posts|photos|activity)(?:/{_WORDS}){{1,4}}|groups/[\w.-]+/(?:posts|permalink)/\d+)/?", re.A
)
_VIDEO = re.compile(rf"/[\w.-]+/videos/(?:{_WORDS}/)?\d+/?", re.A)
_REEL = re.compile(r"/reel/\d+/?", re.A)
_PAGE = re.compile(rf"/(?:pages/{_WORDS}/\d+|(?P<name>[A-Za-z0-9.-]{{5,50}}))/?", re.A)
# Names that are Facebook's own and no page of anybody; its programs end in .php.
_RESERVED = frozenset(
    (
        *("business", "events", "friends", "gaming", "groups", "hashtag", "login", "marketplace", "messages"),
        *("notifications", "pages", "photo", "photos", "plugins", "policies", "privacy", "reels", "search"),
        *("settings", "share", "sharer", "stories", "watch"),
    )
)


def facebook(*, id: str = "facebook", category: str = "third_party") -> Service:
    """Return Facebook for `embed()`: a public post, video or page."""
    long, domain = timedelta(days=400), "facebook.com"
    return Service(
        id=id,
        name="Facebook",
        category=category,
        categories=("third_party", "tracking"),
        purpose="embedded_post",
        provider=META,
        cookies=(
            Cookie(name="datr", purpose=purposes.RECOGNISES, duration=long, domain=domain),
            Cookie(name="sb", purpose=purposes.RECOGNISES, duration=long, domain=domain),
            Cookie(name="fr", purpose=purposes.ADVERTISES, duration=timedelta(days=90), domain=domain),
            Cookie(name="wd", purpose=purposes.WINDOW, duration=timedelta(days=7), domain=domain),
            Cookie(name="c_user", purpose=purposes.SIGNED_IN, duration=timedelta(days=365), domain=domain),
            Cookie(name="xs", purpose=purposes.SIGNED_IN, duration=timedelta(days=365), domain=domain),
        ),
        # Some countries and phones are redirected, and a csp is checked on redirects too.
        hosts={"frame-src": ("https://www.facebook.com", "https://web.facebook.com", "https://m.facebook.com")},
        parse=_parse,
    )


def _parse(text: str) -> Frame | None:
    url = address(text.strip(" "))
    if url is None:
        return None
    if url.host in ("fb.watch", "www.fb.watch") or (url.host in _HOSTS and url.path.startswith("/share/")):
        raise ValueError(
            f"{text!r} is a short link, which only Facebook can resolve; open it and paste the long address it leads to"
        )
    if url.host not in _HOSTS:
        return None
    if post := _post(url):
        return _frame("post.php", post, {"show_text": "true", "width": "500"}, kind="post", shape="post")
    if _REEL.fullmatch(url.path):
        return _frame("video.php", url.path, {"show_text": "false", "width": "350"}, kind="video", shape="tall")
    if video := _video(url):
        return _frame("video.php", video, {"show_text": "false", "width": "560"}, kind="video", shape="wide")
    if page := _page(url):
        options = {"tabs": "timeline", "width": "340", "height": "500", "adapt_container_width": "true"}
        # By default it shows the faces of the visitor's friends.
        options["show_facepile"] = "false"
        return _frame("page.php", page, options, kind="page", shape="page")
    return None


def _frame(plugin: str, path: str, options: dict[str, str], *, kind: EmbedKind, shape: Shape) -> Frame:
    link = "https://www.facebook.com" + path
    return Frame(
        src=f"{_PLUGINS}{plugin}?href={quote(link, safe='')}&{urlencode(options)}",
        link=link,
        kind=kind,
        shape=shape,
        allow=_ALLOW,
    )


def _post(url: Address) -> str | None:
    if _POST.fullmatch(url.path):
        return url.path
    # The second is how phones write the first; the plugin is documented for the first only.
    if url.path in ("/permalink.php", "/story.php") and _ID.fullmatch(url.query.get("story_fbid", "")):
        author = {"id": url.query["id"]} if _NUMBER.fullmatch(url.query.get("id", "")) else {}
        return "/permalink.php?" + urlencode({"story_fbid": url.query["story_fbid"]} | author)
    if url.path in ("/photo", "/photo/", "/photo.php"):
        return _numbered("/photo.php?fbid=", url.query.get("fbid"))
    return None


def _video(url: Address) -> str | None:
    if _VIDEO.fullmatch(url.path):
        return url.path
    if url.path in ("/watch", "/watch/", "/video.php"):
        return _numbered("/watch/?v=", url.query.get("v") or url.query.get("id"))
    return None


def _page(url: Address) -> str | None:
    if url.path == "/profile.php":
        return _numbered("/profile.php?id=", url.query.get("id"))
    match = _PAGE.fullmatch(url.path)
    if match is None:
        return None
    name = (match["name"] or "").lower()
    return None if name in _RESERVED or name.endswith(".php") else url.path


def _numbered(path: str, number: str | None) -> str | None:
    return path + number if number and _NUMBER.fullmatch(number) else None
