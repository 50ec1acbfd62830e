"""Our templates in the site's environment: found there first, where the site overrides them, and always escaped."""

from __future__ import annotations

import hashlib
from functools import cached_property
from importlib.resources import files

from flask import Flask
from jinja2 import Environment, Template

_OWN_TEMPLATES = str(files("flask_cookieconsent").joinpath("templates"))


class Templates:
    """The templates below `cookieconsent/` as one app sees them."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    @cached_property
    def environment(self) -> Environment:
        """The environment of the site, in which our templates escape even where the site has switched escaping off."""
        site = self._app.jinja_env

        def autoescape(name: str | None) -> bool:
            if name is not None and name.startswith("cookieconsent/"):
                return True
            return site.autoescape(name) if callable(site.autoescape) else site.autoescape

        return site.overlay(autoescape=autoescape)

    def get(self, name: str) -> Template:
        """Return a template, the site's own of that name where there is one."""
        return self.environment.get_template("cookieconsent/" + name)

    def is_overridden(self, *names: str) -> bool:
        """Tell whether the site has a template of its own for one of these names."""
        return any(not (self.get(name).filename or "").startswith(_OWN_TEMPLATES) for name in names)

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a template's source."""
        loader = self.environment.loader
        assert loader is not None
        source, *_ = loader.get_source(self.environment, "cookieconsent/" + name)
        return hashlib.sha256(source.encode()).hexdigest()
