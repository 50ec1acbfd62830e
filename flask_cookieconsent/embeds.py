"""From what an editor pasted to what a page shows: the declared service that knows it, and its frame or widget."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from .content import Frame, Widget
from .declaration import Service

# Browsers drop these, or read them as slashes, and would look for the picture elsewhere.
_DECEPTIVE = re.compile(r"[\x00-\x1f\x7f\\]")


class EmbedError(ValueError):
    """An embed that cannot be shown, with what to write instead."""


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
