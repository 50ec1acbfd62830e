"""Find the URL in what people paste: with spaces or quotes around it, without its scheme, escaped, or inside a frame.

Only the way in which a URL is written is changed here. What deceives (user info, another port, a backslash, a control
character or an invisible one inside) is no URL, and which service knows it is for the services' parsers to say.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from html.parser import HTMLParser

# In characters: the longest URL that a service reads, and more than any code of a frame that vendors give out.
_LONGEST_ADDRESS = 2_000
_LONGEST_TEXT = 8_000

# Separators, and format characters, which nobody sees: zero-width spaces, joiners, marks of direction.
_UNSEEN = ("Zs", "Zl", "Zp", "Cf")
_BLANKS = frozenset("\t\n\v\f\r")

# What people and programs put around a URL (RFC 3986, appendix C), and writers around a quotation.
_PAIRS = frozenset(("<>", '""', "''", "()", "“”", "„“", "„”", "‘’", "‚‘", "«»", "»«", "‹›", "「」"))
_MOST_PAIRS = 4

# No user info, which ends in @; nothing that browsers decode, and no number of IPv6.
_HOST = r"[^\s/?#@:\[\]%]+"
# ASCII, because without regard to case the Kelvin sign is a k, and a long s an s.
_LETTERS = re.IGNORECASE | re.ASCII
_WITH_SCHEME = re.compile(
    rf"(?:(?P<scheme>https?):)?//(?P<host>{_HOST})(?P<port>:[0-9]+)?(?P<rest>(?:[/?#].*)?)", _LETTERS
)
# Words and file names have dots too, so that without a scheme a path has to follow.
_WITHOUT_SCHEME = re.compile(r"(?P<host>(?:[a-z0-9-]+\.)+[a-z]{2,})(?P<port>:443)?(?P<rest>/.*)", _LETTERS)

# Browsers read the first as a slash; no URL has the others, and markup has.
_DECEPTIVE = re.compile(r"""[\s\\<>"]""")

# Editors escape what they store, some of them twice; WordPress writes the number.
_ESCAPED_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", re.I)


def address_in(text: str) -> str | None:
    """Return the http or https URL that a pasted text is, or that the frame in pasted HTML has; None for anything else.

    An unknown scheme is https, a default port is left out, and `&amp;` is `&`.
    """
    if len(text) > _LONGEST_TEXT:
        return None
    bare = _trimmed(text)
    if bare.lower().startswith("&lt;"):
        bare = _trimmed(unescape(bare))
    for _ in range(_MOST_PAIRS):
        if len(bare) < 2 or bare[0] + bare[-1] not in _PAIRS or _holds_frame(bare):
            break
        bare = _trimmed(bare[1:-1])
    return _normalised(_frame_source(bare) if _holds_frame(bare) else bare)


def is_blank(text: str) -> bool:
    """Tell whether a text shows nothing, as the field of a form that was left empty."""
    return len(text) <= _LONGEST_TEXT and not _trimmed(text)


def _trimmed(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_unseen(text[start]):
        start += 1
    while start < end and _is_unseen(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_unseen(character: str) -> bool:
    return character in _BLANKS or unicodedata.category(character) in _UNSEEN


def _holds_frame(text: str) -> bool:
    # A host may begin with the word too: `<iframe.mediadelivery.net/...>` is an address in angle brackets.
    return text.startswith("<") and re.search(r"<iframe[\s/>]", text, re.I) is not None


def _normalised(text: str) -> str | None:
    bare = _ESCAPED_AMPERSAND.sub("&", text)
    if len(bare) > _LONGEST_ADDRESS or not bare.isprintable() or _DECEPTIVE.search(bare):
        return None
    match = _WITH_SCHEME.fullmatch(bare) or _WITHOUT_SCHEME.fullmatch(bare)
    if match is None:
        return None
    scheme = (match.groupdict().get("scheme") or "https").lower()
    port = match["port"] or ""
    if port not in ("", ":443" if scheme == "https" else ":80"):
        return None
    return f"{scheme}://{match['host']}{match['rest']}"


def _frame_source(html: str) -> str:
    """Return the `src` of the first frame in HTML that has one, or an empty string; nothing else of it is read."""
    parser = _FrameParser()
    try:
        parser.feed(html)
    except AssertionError:  # Python before 3.14 gives up so at a declaration that is none
        return ""
    return _trimmed(parser.source)


class _FrameParser(HTMLParser):
    """Notes the `src` of the first `iframe`."""

    def __init__(self) -> None:
        super().__init__()
        self.source = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the source of a frame where none was noted."""
        if tag == "iframe" and not self.source:
            self.source = next((value or "" for name, value in attrs if name == "src"), "")
