"""Cookie consent for Flask sites that render on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_cookieconsent.core.decision import Decision, Reason
from flask_cookieconsent.core.services import (
    Category,
    Cookie,
    Frame,
    Provider,
    Service,
    Tag,
    Widget,
)
from flask_cookieconsent.embeds.share import share_link
from flask_cookieconsent.http.request import current_consent
from flask_cookieconsent.log.events import SampleEvent

from .errors import (
    AppendOnlyError,
    CookieConsentError,
    EmbedError,
    KeptPageError,
    RegistryError,
    SettingsError,
    SetupError,
    UndeclaredCookieError,
)
from .extension import CookieConsent
from .signals import consent_given, consent_withdrawn, event_failed, log_interrupted, log_resumed

if TYPE_CHECKING:
    from flask_cookieconsent.catalogue.kit.own_files import read_service
    from flask_cookieconsent.log.models import (
        ConsentCountMixin,
        ConsentEventMixin,
        ConsentNoticeMixin,
        ConsentSealMixin,
        ConsentViolationMixin,
    )

__all__ = [
    "AppendOnlyError",
    "Category",
    "ConsentCountMixin",
    "ConsentEventMixin",
    "ConsentNoticeMixin",
    "ConsentSealMixin",
    "ConsentViolationMixin",
    "Cookie",
    "CookieConsent",
    "CookieConsentError",
    "Decision",
    "EmbedError",
    "Frame",
    "KeptPageError",
    "Provider",
    "Reason",
    "RegistryError",
    "SampleEvent",
    "Service",
    "SettingsError",
    "SetupError",
    "Tag",
    "UndeclaredCookieError",
    "Widget",
    "consent_given",
    "consent_withdrawn",
    "current_consent",
    "event_failed",
    "log_interrupted",
    "log_resumed",
    "read_service",
    "share_link",
]


def __getattr__(name: str) -> Any:
    """Import what not every app needs when it is asked for (PEP 562): SQLAlchemy, and the reader of declarations."""
    if name == "read_service":
        from flask_cookieconsent.catalogue.kit.own_files import read_service

        return read_service
    if name.startswith("Consent") and name.endswith("Mixin") and name in __all__:
        from flask_cookieconsent.log import models

        return getattr(models, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
