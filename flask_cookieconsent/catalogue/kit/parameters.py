"""Validation of the parameters of a service factory: ids by regular expression, URLs reduced to their origin."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask_cookieconsent.core.services import Provider

_SCRIPT = r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{2,5})?(/[A-Za-z0-9._~-]+)*/[A-Za-z0-9._~-]+\.js"
_SERVER = r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{2,5})?(/[A-Za-z0-9._~-]+)*/?"


def checked(name: str, value: Any, pattern: str, example: str) -> str:
    """Validate a parameter as text by a regular expression that the whole of it has to match (ASCII).

    :raises ValueError: with what was found and what is wanted.
    """
    if not re.fullmatch(pattern, str(value), re.ASCII):
        raise ValueError(f"{name}: found {value!r}, wanted one such as {example!r}")
    return str(value)


def script_address(name: str, value: Any, example: str) -> str:
    """Validate the URL of a script.

    :raises ValueError: if it is none, or not https.
    """
    return checked(name, value, _SCRIPT, example)


def server_address(name: str, value: Any, example: str) -> str:
    """Validate the base URL of a server, or of a folder on it.

    :raises ValueError: if it is none, or not https.
    """
    return checked(name, value, _SERVER, example)


def origin(address: str) -> str:
    """Return the origin (scheme, host, port) of a validated URL, which is what a Content Security Policy allows."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def receiver(provider: Provider | None, vendor: Provider, *, is_vendors: bool) -> Provider:
    """Return the recipient of personal data: the site's *provider*, or the vendor where the server is theirs.

    :raises ValueError: if nobody is known; a guess would tell visitors something untrue.
    """
    if provider is None and not is_vendors:
        raise ValueError("provider: found None, wanted the Provider(…) that runs the server, your own company perhaps")
    return provider or vendor
