"""From what an editor pasted to what a page shows: the declared service that knows it, and its frame or widget."""

from __future__ import annotations

from collections.abc import Mapping

from .content import Frame, Widget
from .declaration import Service


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
