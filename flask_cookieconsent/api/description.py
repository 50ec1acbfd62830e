"""The OpenAPI 3.1 description of the JSON interface, with the address and the declaration of one site."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from flask import Response, jsonify, url_for

from flask_cookieconsent.core.defaults import PURPOSES
from flask_cookieconsent.state import State

from .bodies import optional_categories
from .languages import spoken_locales


def shipped() -> dict[str, Any]:
    """Return the description as it is in the package, for no site in particular."""
    described: dict[str, Any] = json.loads(files(__package__).joinpath("openapi.json").read_text("utf-8"))
    return described


class Description:
    """The view function of one app."""

    def __init__(self, state: State) -> None:
        self._state = state

    def show(self) -> Response:
        """Return the description with what this site declares: its ids, its languages, and the base of its addresses.

        It is made anew for whoever asks, which is a developer's tool now and then.
        """
        described, registry, settings = shipped(), self._state.registry, self._state.settings
        described["servers"] = [{"url": url_for("cookieconsent.api_choice").removesuffix("/choice")}]
        schemas = described["components"]["schemas"]
        schemas["ServiceId"]["enum"] = list(registry.optional)
        schemas["CategoryId"]["enum"] = list(optional_categories(registry))
        schemas["Purpose"]["enum"] = list(PURPOSES)
        schemas["Language"]["examples"] = list(spoken_locales())
        described["components"]["securitySchemes"]["cookie"]["name"] = settings.choices_name
        response = jsonify(described)
        response.headers["Cache-Control"] = "no-cache"
        return response
