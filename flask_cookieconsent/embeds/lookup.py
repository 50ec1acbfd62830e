"""From what an editor pasted to what a page shows: the declared service that knows it, and its frame or widget."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from flask_cookieconsent.core.services import Frame, Service, Widget
from flask_cookieconsent.errors import EmbedError

# Browsers drop these, or read them as slashes, and would look for the picture elsewhere.
_DECEPTIVE = re.compile(r"[\x00-\x1f\x7f\\]")


def find_embed(
    services: Mapping[str, Service], service_or_url: str, reference: str | None = None
) -> tuple[Service, Frame | Widget]:
    """Return the service and the content of an address, or of a service's id and a reference.

    A service whose widget is the same everywhere needs no reference.

    :raises EmbedError: if there is none.
    """
    if service_or_url.strip().startswith(("https://", "http://")) and reference is None:
        candidates, text = list(services.values()), service_or_url
    elif service_or_url in services:
        candidates, text = [services[service_or_url]], reference or ""
    elif reference is None:
        raise EmbedError(f"{service_or_url!r} is no address; name its service first: embed(service, id, title=…)")
    else:
        raise EmbedError(f"no service {service_or_url!r}; this site declares {', '.join(services)}")
    for service in candidates:
        if service.parse is not None:
            try:
                found = service.parse(text)
            except ValueError as error:
                raise EmbedError(str(error)) from error
            if found is not None:
                return service, found
    able = ", ".join(service.id for service in services.values() if service.parse) or "none"
    raise EmbedError(f"no declared service can embed {text!r}; services that embed: {able}")


def local_poster(poster: str, host: str) -> str:
    """Return the path of a picture of this site, which is given by it or by its address on this very host.

    :raises EmbedError: if it is a picture from elsewhere.
    """
    try:
        parts = urlsplit(poster)
    except ValueError:
        parts = urlsplit("")
    is_here = parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
    # What begins with two slashes is a host to browsers.
    is_path = bool(re.match(r"/(?!/)", parts.path)) and (is_here or bool(re.match(r"/(?!/)", poster)))
    if not is_path or _DECEPTIVE.search(poster):
        raise EmbedError(
            f"poster {poster!r} is no picture of this site; another host would hear of visitors before they choose; "
            "wanted a path such as '/static/film.jpg'"
        )
    return parts.path + (f"?{parts.query}" if parts.query else "")


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.S)


_SHOWN = re.compile(r"(?:https?:)?(?://)?(?:www\.)?", re.I)

# Browsers drop these from an address wherever they stand, and the others at its ends.
_DROPPED = {ord(each): None for each in "\t\n\r"}


_TRIMMED = "".join(map(chr, range(33)))

# What a vendor's own frame says in its query about the content: an address of it, or its number.
_ABOUT = ("href", "url", "id")


@dataclass(frozen=True)
class Target:
    """What is not this site: a web address and its host, or neither, where the address is none of the web."""

    address: str = ""
    host: str = ""


@dataclass(frozen=True)
class Known:
    """Content of a declared service: what `embed()` is to be called with; without a title it gets one in time."""

    service: str
    reference: str
    title: str = ""


def read_target(value: str, own: Collection[str]) -> Target | None:
    """Return where an address leads, as a browser reads it, or None where it stays on one of the *own* hosts.

    Where readings differ it leads away: what is not surely ours is somebody else's.
    """
    text = value.strip(_TRIMMED).translate(_DROPPED)
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
    authority = re.split("[/?#]", rest, maxsplit=1)[0].lower()
    if authority.removesuffix(":443").removesuffix(":80") in own:
        return None
    return Target(f"{scheme}://{rest}", authority.rpartition("@")[2])


def find_known(services: Mapping[str, Service], address: str) -> Known | None:
    """Return what a declared service makes of an address: of a page of its own, or of a frame it offers to copy."""
    try:
        service, _ = find_embed(services, address)
    except EmbedError:
        return _find_in_frame(services, address)
    return Known(service.id, address)


def _find_in_frame(services: Mapping[str, Service], address: str) -> Known | None:
    try:
        parts = urlsplit(address)
        query = dict(reversed(parse_qsl(parts.query, max_num_fields=50)))
    except ValueError:
        return None
    for service in services.values():
        if f"https://{parts.netloc.lower()}" in service.hosts.get("frame-src", ()):
            for name in _ABOUT:
                if name in query and _parsed(service, query[name]):
                    return Known(service.id, query[name])
    return None


def _parsed(service: Service, text: str) -> Frame | Widget | None:
    try:
        return service.parse(text) if service.parse else None
    except ValueError:
        return None


def is_same(services: Mapping[str, Service], one: Known | Target, other: Known | Target) -> bool:
    """Tell whether two things show the same, whatever their titles are."""
    if not isinstance(one, Known) or not isinstance(other, Known):
        return one == other
    service = services[one.service]
    return one.service == other.service and _parsed(service, one.reference) == _parsed(service, other.reference)


def is_of_vendor(services: Mapping[str, Service], host: str) -> bool:
    """Tell whether a host belongs to what a declared service loads or keeps cookies for."""
    names: set[str] = set()
    for service in services.values():
        if service.is_third_party:
            sources = [source for each in service.hosts.values() for source in each]
            names.update(source.partition("://")[2].removeprefix("*.") for source in sources)
            names.update(each.domain for each in service.cookies if each.domain)
    return any(host == name or host.endswith("." + name) for name in names - {""})


def is_bare(text: str, address: str) -> bool:
    """Tell whether the text of a link is its address, as people and programs write it."""
    shown, full = (_SHOWN.sub("", unquote(each.strip()), count=1).rstrip("/") for each in (text, address))
    start = shown.removesuffix("…").removesuffix("...")
    return full == shown or (start != shown and len(start) > 5 and full.startswith(start))
