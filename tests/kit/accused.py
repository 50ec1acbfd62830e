"""What a declaration is told of trackers."""

from __future__ import annotations

from dataclasses import replace

from flask_cookieconsent import Service
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.errors import RegistryError


def accusations(service: Service) -> list[str]:
    """Return what is said of trackers where a service is declared as strictly necessary, for security."""
    needed = replace(service, category="necessary", categories=(), purpose="security", justification="x")
    try:
        build([needed])
    except RegistryError as error:
        return [mistake for mistake in error.mistakes if "tracker of" in mistake]
    return []
