"""The hosts of a site: those that its owner names, and the one of the request where the owner names none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import has_request_context, request
from werkzeug.sansio.utils import host_is_trusted

from flask_cookieconsent.settings import Settings


@dataclass(frozen=True)
class OwnHosts:
    """The hosts of one app by its configuration, read once.

    A `Host` header is written by whoever sends the request, so it tells of no other host than the sender's own.
    """

    #: From `COOKIECONSENT_TRUSTED_ORIGINS`, `SERVER_NAME` and `TRUSTED_HOSTS`, in lower case; a port only where named.
    named: frozenset[str]
    #: What the host of a request has to match, as in `TRUSTED_HOSTS`; anything where it is empty.
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, config: Mapping[str, Any], settings: Settings) -> OwnHosts:
        """Read the hosts from an app's configuration."""
        server_name = str(config.get("SERVER_NAME") or "").lower()
        trusted = tuple(str(each).lower() for each in config.get("TRUSTED_HOSTS") or ())
        named = {server_name, *trusted, *(urlsplit(origin).netloc.lower() for origin in settings.trusted_origins)}
        patterns = trusted or ((server_name, f".{server_name}") if server_name else ())
        return cls(frozenset(each for each in named if each and not each.startswith(".")), patterns)

    def present(self) -> str:
        """Return the host of the present request in lower case, or an empty string where it is none of the site's."""
        if not has_request_context():
            return ""
        host = request.host.lower()
        return host if not self.patterns or host_is_trusted(host, self.patterns) else ""
