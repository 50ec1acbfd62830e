"""What owners give a ready-made service: ids that are checked, and addresses reduced to their origin."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask_cookieconsent.core.services import Provider

_SCRIPT = r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{2,5})?(/[A-Za-z0-9._~-]+)*/[A-Za-z0-9._~-]+\.js"
_PLACE = r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{2,5})?(/[A-Za-z0-9._~-]+)*/?"


def checked(name: str, value: Any, pattern: str, example: str) -> str:
    """Return a parameter as text, if the whole of it is of a pattern.

    :raises ValueError: with what was found and what is wanted.
    """
    if not re.fullmatch(pattern, str(value), re.ASCII):
        raise ValueError(f"{name}: found {value!r}, wanted one such as {example!r}")
    return str(value)


def script_address(name: str, value: Any, example: str) -> str:
    """Return the address of a script, if it is one.

    :raises ValueError: if it is none, or not https.
    """
    return checked(name, value, _SCRIPT, example)


def place(name: str, value: Any, example: str) -> str:
    """Return the address of a server, or of a folder on it, if it is one.

    :raises ValueError: if it is none, or not https.
    """
    return checked(name, value, _PLACE, example)


def origin(address: str) -> str:
    """Return the origin of a checked address, which is what a policy allows."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def receiver(given: Provider | None, vendor: Provider, *, is_vendors: bool) -> Provider:
    """Return who receives what is sent to a server: whom the owner says, or the vendor where the server is theirs.

    :raises ValueError: if nobody is known; a guess would tell visitors something untrue.
    """
    if given is None and not is_vendors:
        raise ValueError("provider: found None, wanted the Provider(…) that runs the server, your own company perhaps")
    return given or vendor
