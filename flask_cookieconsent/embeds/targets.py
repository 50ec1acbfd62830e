"""Read URLs and hosts as browsers do (URL standard): where one leads, and whether that is this site."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from posixpath import normpath
from types import MappingProxyType
from unicodedata import normalize
from urllib.parse import unquote

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.S)

_SHOWN = re.compile(r"(?:https?:)?(?://)?(?:www\.)?", re.I)

# The URL standard: tabs and line breaks are removed anywhere, control characters and spaces at the ends.
DROPPED = {ord(character): None for character in "\t\n\r"}
TRIMMED = "".join(map(chr, range(33)))

# UTS 46, the mapping of hosts: these are dropped, and ideographic full stops are dots. Browsers drop more of what
# nobody sees (Unicode, Default_Ignorable_Code_Point) with each edition, so all of it is dropped here.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PORT = re.compile(r":([0-9]*)\Z")
_DEFAULT_PORTS: Mapping[str, str] = MappingProxyType({"https": "443", "http": "80"})


@dataclass(frozen=True)
class Target:
    """What is not this site: a URL and its host, or two empty strings where the address is none of the web."""

    address: str = ""
    host: str = ""


def leads_below(value: str, prefix: str) -> bool:
    """Tell whether a URL, in any spelling that browsers read, may lead to a path below a prefix of this site."""
    text = unquote(value.strip(TRIMMED).translate(DROPPED)).replace("\\", "/")
    path = normpath(re.split(r"[?#]", text, maxsplit=1)[0])
    return f"{prefix}/" in f"/{path}/"


def read_target(value: str, own: Collection[str]) -> Target | None:
    """Resolve a URL as browsers parse it (URL standard, basic URL parser); None if it stays on one of the *own* hosts.

    Where readings differ it leads away: what is not surely ours is somebody else's.
    """
    text = value.strip(TRIMMED).translate(DROPPED)
    match = _SCHEME.fullmatch(text)
    scheme, rest = (match[1].lower(), match[2]) if match else ("https", text)
    rest = rest.replace("\\", "/")
    if match is None and not rest.startswith("//"):
        return None
    if scheme == "about":
        return None
    if scheme not in ("http", "https"):
        return Target()
    rest = rest.lstrip("/")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if authority.lower().removesuffix(":443").removesuffix(":80") in own:
        return None
    user, at, named = authority.rpartition("@")
    host = canonical(named)
    if (port := _PORT.search(host)) and port[1].lstrip("0") in ("", _DEFAULT_PORTS[scheme]):
        host = host[: port.start()]
    host = host.removesuffix(".")
    return Target(f"{scheme}://{user}{at}{host}{rest[len(authority) :]}", host)


def is_bare(text: str, address: str) -> bool:
    """Tell whether a link's text is its own URL, in full, without scheme or www, or cut off by an ellipsis."""
    shown, full = (_SHOWN.sub("", unquote(part.strip()), count=1).rstrip("/") for part in (text, address))
    start = shown.removesuffix("…").removesuffix("...")
    return full == shown or (start != shown and len(start) > 5 and full.startswith(start))


def host_of_source(source: str) -> str:
    """Return the host of a source of a Content-Security-Policy, without port and wildcard, or an empty string."""
    return without_port(source.rpartition("://")[2].removeprefix("*."))


def is_below(host: str, name: str) -> bool:
    """Tell whether a host is one of this name, or below it."""
    return host == name or host.endswith(f".{name}")


def canonical(host: str) -> str:
    """Return a host as browsers read it (URL standard, host parsing), as far as other spellings of a name go."""
    return _UNSEEN.sub("", normalize("NFKC", unquote(host))).replace("\u3002", ".").lower()


def without_port(host: str) -> str:
    """Return a host without its port, and without the dot of the root."""
    return _PORT.sub("", host).rstrip(".")
