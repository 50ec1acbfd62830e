"""Cookie consent for Flask sites that render on the server."""

from __future__ import annotations

from .current import consent_given, consent_withdrawn, current_consent, event_failed
from .declaration import Category, Cookie, Frame, Provider, Service, Tag
from .enforcement import UndeclaredCookieError
from .extension import CookieConsent
from .models import ConsentEventMixin, ConsentNoticeMixin
from .registry import RegistryError
from .rendering import EmbedError
from .settings import SettingsError

__all__ = [
    "Category",
    "ConsentEventMixin",
    "ConsentNoticeMixin",
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
    "consent_given",
    "consent_withdrawn",
    "current_consent",
    "event_failed",
]
