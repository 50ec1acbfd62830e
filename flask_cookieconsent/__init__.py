"""Cookie consent for Flask sites that render on the server."""

from __future__ import annotations

from flask_cookieconsent.core.services import (
    Category,
    Cookie,
    Frame,
    Provider,
    Service,
    Tag,
    Widget,
)
from flask_cookieconsent.http.request import current_consent
from flask_cookieconsent.log.models import (
    ConsentCountMixin,
    ConsentEventMixin,
    ConsentNoticeMixin,
    ConsentSealMixin,
)

from .errors import EmbedError, RegistryError, SettingsError, UndeclaredCookieError
from .extension import CookieConsent
from .signals import consent_given, consent_withdrawn, event_failed

__all__ = [
    "Category",
    "ConsentCountMixin",
    "ConsentEventMixin",
    "ConsentNoticeMixin",
    "ConsentSealMixin",
    "Cookie",
    "CookieConsent",
    "EmbedError",
    "Frame",
    "Provider",
    "RegistryError",
    "Service",
    "SettingsError",
    "Tag",
    "UndeclaredCookieError",
    "Widget",
    "consent_given",
    "consent_withdrawn",
    "current_consent",
    "event_failed",
]
