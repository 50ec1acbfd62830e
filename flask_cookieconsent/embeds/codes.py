"""Embed codes: which address an element stands for that is no frame but what a script would make one of.

They are those of vendors, of editors, of components and of consent tools. An address that no declared service knows
means nothing, so the table may say more than a site has.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from justhtml import Element

from .html import attribute, classes, nodes, text_of

_YOUTUBE, _PLAYLIST = "https://www.youtube.com/watch?v={%s}", "https://www.youtube.com/playlist?list={%s}"
_VIMEO, _DAILYMOTION = "https://vimeo.com/{%s}", "https://www.dailymotion.com/video/{%s}"
#: What brings the function that inline scripts have a form made by.
FORM_HOST = "js.hsforms.net"
_FORM = "https://forms.hsforms.com/embed/v3/form/{data-portal-id}/{data-form-id}"

# The name of an element, a class, an attribute, or one with its value; and the addresses, filled in from attributes.
_CODES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # vendors
        ".calendly-inline-widget": ("{data-url}",),
        ".dailymotion__player": (_DAILYMOTION % "data-video",),
        ".hs-form-frame": (_FORM,),
        ".meetings-iframe-container": ("{data-src}",),
        ".strava-embed-placeholder": ("https://www.strava.com/activities/{data-embed-id}",),
        ".flourish-embed": ("https://flo.uri.sh/{data-src}/embed",),
        ".infogram-embed": ("https://infogram.com/{data-id}",),
        ".codepen": ("https://codepen.io/{data-user}/pen/{data-slug-hash}",),
        ".asciicast": ("{src}",),
        "[data-tf-widget]": ("https://form.typeform.com/to/{data-tf-widget}",),
        "[data-tf-live]": ("https://form.typeform.com/to/{data-tf-live}",),
        ".typeform-widget": ("{data-url}",),
        "[data-pin-do=embedpin]": ("{href}",),
        "[data-vimeo-id]": (_VIMEO % "data-vimeo-id",),
        "[data-vimeo-url]": ("{data-vimeo-url}",),
        "twitter-widget": ("https://x.com/i/status/{data-tweet-id}",),
        "wistia-player": ("https://fast.wistia.net/embed/iframe/{media-id}",),
        # editors, and what they have an address looked up with
        "[data-oembed-url]": ("{data-oembed-url}",),
        "[data-embed-url]": ("{data-embed-url}",),
        "[data-ephox-embed-iri]": ("{data-ephox-embed-iri}",),
        "[data-iframely-url]": ("{href}", "{data-iframely-url}"),
        ".embedly-card": ("{href}",),
        ".kg-bookmark-container": ("{href}",),
        # components and lazy loaders
        "lite-youtube": (_YOUTUBE % "videoid", _PLAYLIST % "playlistid"),
        "lite-vimeo": (_VIMEO % "videoid",),
        "youtube-video": ("{src}",),
        "vimeo-video": ("{src}",),
        "dailymotion-video": ("{src}",),
        "spotify-audio": ("{src}",),
        "media-player": ("{src}", "https://{src}"),
        "[data-plyr-provider=youtube]": ("{data-plyr-embed-id}", _YOUTUBE % "data-plyr-embed-id"),
        "[data-plyr-provider=vimeo]": ("{data-plyr-embed-id}", _VIMEO % "data-plyr-embed-id"),
        "[data-provider=youtube]": (_YOUTUBE % "data-video-id", _YOUTUBE % "data-id"),
        "[data-provider=vimeo]": (_VIMEO % "data-video-id", _VIMEO % "data-id"),
        "[data-provider-name=youtube]": (_YOUTUBE % "data-video-id",),
        ".rll-youtube-player": ("{data-src}", _YOUTUBE % "data-id"),
        "[data-facadesrc]": ("{data-facadesrc}",),
        ".lazy-load-youtube": ("{href}",),
        ".lazy-load-vimeo": ("{href}",),
        "[data-youtube-id]": (_YOUTUBE % "data-youtube-id",),
        "[data-mce-p-src]": ("{data-mce-p-src}",),
        # AMP
        "amp-youtube": (_YOUTUBE % "data-videoid",),
        "amp-vimeo": (_VIMEO % "data-videoid",),
        "amp-dailymotion": (_DAILYMOTION % "data-videoid",),
        "amp-soundcloud": (
            "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/{data-trackid}",
            "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/playlists/{data-playlistid}",
        ),
        "amp-twitter": ("https://x.com/i/status/{data-tweetid}",),
        "amp-instagram": ("https://www.instagram.com/p/{data-shortcode}/",),
        "amp-facebook": ("{data-href}",),
        "amp-facebook-page": ("{data-href}",),
        "amp-tiktok": ("{data-src}",),
        "amp-reddit": ("{data-src}",),
        "amp-embedly-card": ("{data-url}",),
        "amp-iframe": ("{src}",),
        "amp-video-iframe": ("{src}",),
        # consent tools
        ".youtube_player": (_YOUTUBE % "videoid",),
        ".youtube_playlist_player": (_PLAYLIST % "playlistid",),
        ".vimeo_player": (_VIMEO % "videoid",),
        ".dailymotion_player": (_DAILYMOTION % "videoid",),
        ".tac_iframe": ("{data-url}",),
        ".googlemaps-embed": ("{data-url}",),
        ".googlemapsembed": ("{data-url}",),
        ".openstreetmap": ("{data-url}",),
        "[consent-original-src-_]": ("{consent-original-src-_}",),
        "[data-consent-src]": ("{data-consent-src}",),
        "[data-cmp-src]": ("{data-cmp-src}",),
        "[uc-src]": ("{uc-src}",),
        "[data-uc-src]": ("{data-uc-src}",),
        "[suppressedsrc]": ("{suppressedsrc}",),
        "[data-suppressedsrc]": ("{data-suppressedsrc}",),
    }
)
_FIELD = re.compile(r"\{([a-z_-]+)\}")

_DAILYMOTION_SCRIPT = re.compile(r"(?:https?:)?//geo\.dailymotion\.com/player(/[a-z0-9]{1,20})?\.js", re.I)
_FORM_SCRIPT = re.compile(r"\bhbspt\.(?:forms\.create|cta\.load)\b")
_FORM_FIELD = re.compile(r"""["']?\b(portalId|formId)["']?\s{0,9}:\s{0,9}["']([\w-]{1,60})["']""")
_IN_HTML = re.compile(r"""\b(src|href|cite)\s{0,9}=\s{0,9}["']?([^"'\s<>]{1,2000})""", re.I)
_TITLES = ("title", "aria-label", "playlabel", "data-title", "data-video-title")
_CARD_TITLES = frozenset(("kg-bookmark-title", "bookmark-title"))


def addresses(element: Any) -> Iterator[str]:
    """Yield the addresses of what an element stands for, the likeliest first; they may be anything at all."""
    keys = [element.name.lower(), *(f".{each}" for each in sorted(classes(element)))]
    for name, value in element.attrs.items():
        keys += [f"[{name}]", f"[{name}={(value or '')[:20].lower()}]"]
    for key in keys:
        for template in _CODES.get(key, ()):
            yield from _filled(template, element)
        if key in _READERS:
            yield from _READERS[key](element)


def title(element: Any) -> str:
    """Return the title that an embed code has, or what stands for it inside: the title of a card or of a frame."""
    if found := next((text for name in _TITLES if (text := attribute(element, name))), ""):
        return found
    for node in nodes(element):
        if node.name == "iframe" and (found := attribute(node, "title")):
            return found
        if node.name == "div" and classes(node) & _CARD_TITLES:
            return text_of(node)
    return ""


def calls_form(element: Any) -> bool:
    """Tell whether an inline script has a form or a button made by what another script has to bring."""
    return element.name == "script" and bool(_FORM_SCRIPT.search(element.to_text()))


def _filled(template: str, element: Any) -> Iterator[str]:
    names = _FIELD.findall(template)
    values = {name: attribute(element, name).strip() for name in names}
    if not all(values.values()):
        return
    if template.startswith("{"):
        yield values[names[0]]
    else:
        yield _FIELD.sub(lambda field: quote(values[field[1]], safe="/"), template)


# -- what is written in another language -------------------------------------------------------------------------------


def _dailymotion_script(element: Any) -> Iterator[str]:
    if match := _DAILYMOTION_SCRIPT.match(attribute(element, "src").strip()):
        player = f"https://geo.dailymotion.com/player{match[1] or ''}.html"
        yield from _filled(f"{player}?video={{data-video}}", element)
        yield from _filled(f"{player}?playlist={{data-playlist}}", element)


def _form_script(element: Any) -> Iterator[str]:
    if calls_form(element):
        fields = {f"data-{name[:-2].lower()}-id": value for name, value in _FORM_FIELD.findall(element.to_text())}
        if len(fields) == 2:
            yield _FIELD.sub(lambda field: fields[field[1]], _FORM)


def _script(element: Any) -> Iterator[str]:
    yield from _dailymotion_script(element)
    yield from _form_script(element)


def _video(element: Any) -> Iterator[str]:
    yield attribute(element, "src")
    yield from (attribute(child, "src") for child in element.children if child.name == "source")


def _settings(element: Any) -> Iterator[str]:
    read = _json(attribute(element, "data-settings"))
    address = read.get(f"{read.get('video_type')}_url")
    if isinstance(address, str):
        yield address


def _setup(element: Any) -> Iterator[str]:
    sources = _json(attribute(element, "data-setup")).get("sources")
    for each in sources if isinstance(sources, list) else ():
        if isinstance(each, dict) and isinstance(each.get("src"), str):
            yield each["src"]


def _json(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _in_html(html: str) -> Iterator[str]:
    """Yield the addresses that HTML names which is kept as a text: those of frames first, the last link before others.

    It is searched and not parsed, for only declared services read what is found.
    """
    found = [(name.lower(), unescape(value)) for name, value in _IN_HTML.findall(html)]
    yield from (value for name, value in found if name != "href")
    yield from (value for name, value in reversed(found) if name == "href")


def _decoded(text: str) -> str:
    try:
        return b64decode(text.strip()).decode("utf-8", "replace")
    except ValueError:
        return ""


def _hidden_script(element: Any) -> Iterator[str]:
    for node in nodes(element, closed=lambda node: isinstance(node, Element) and "BorlabsCookie" in classes(node)):
        if node.name == "script" and attribute(node, "type") == "text/template":
            yield from _in_html(_decoded(node.to_text()))


def _bookmark(element: Any) -> Iterator[str]:
    if "source" in classes(element):  # Notion's; others call their links so too
        yield attribute(element, "href")


def _wistia(element: Any) -> Iterator[str]:
    for each in sorted(classes(element)):
        if each.startswith("wistia_async_"):
            yield f"https://fast.wistia.net/embed/iframe/{quote(each[13:])}"


def _held_back(element: Any) -> Iterator[str]:
    if "data-purpose" in element.attrs:
        for node in nodes(element, closed=lambda node: node.name == "template"):
            if node.name == "iframe":
                yield attribute(node, "src")


def _html_in(name: str, decode: Callable[[str], str] = str) -> Callable[[Any], Iterator[str]]:
    return lambda element: _in_html(decode(attribute(element, name)))


_READERS: Mapping[str, Callable[[Any], Iterator[str]]] = MappingProxyType(
    {
        "script": _script,
        "video": _video,
        "audio": _video,
        ".elementor-widget-video": _settings,
        "[data-setup]": _setup,
        ".bookmark": _bookmark,
        ".wistia_embed": _wistia,
        "template": _held_back,
        "[srcdoc]": _html_in("srcdoc"),
        "[data-html]": _html_in("data-html"),
        "[data-borlabs-cookie-content]": _html_in("data-borlabs-cookie-content", _decoded),
        ".BorlabsCookie": _hidden_script,
    }
)
