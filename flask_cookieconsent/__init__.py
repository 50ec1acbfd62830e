"""Cookie consent for Flask sites that render on the server."""

from __future__ import annotations

from .content import Answer, Frame, Queue, Tag, Widget
from .current import consent_given, consent_withdrawn, current_consent, event_failed
from .declaration import Category, Cookie, Doubt, Provider, Service
from .embeds import EmbedError
from .enforcement import UndeclaredCookieError
from .extension import CookieConsent
from .models import ConsentCountMixin, ConsentEventMixin, ConsentNoticeMixin, ConsentSealMixin
from .registry import RegistryError
from .settings import SettingsError

__all__ = [
    "Answer",
    "Category",
    "ConsentCountMixin",
    "ConsentEventMixin",
    "ConsentNoticeMixin",
    "ConsentSealMixin",
    "Cookie",
    "CookieConsent",
    "Doubt",
    "EmbedError",
    "Frame",
    "Provider",
    "Queue",
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
