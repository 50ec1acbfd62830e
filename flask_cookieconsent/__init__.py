"""Cookie consent for Flask sites that render on the server.

Each public name is imported when it is first asked for (PEP 562). Pytest loads the package for its plugin in every
run, also in those that have nothing to do with cookies. (PYTEST_DONT_REWRITE: a command of a site that runs its tests
has imported the package before, and pytest would warn of that.)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask_cookieconsent.catalogue.kit.own_files import read_service
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
    from flask_cookieconsent.log.models import (
        ConsentCountMixin,
        ConsentEventMixin,
        ConsentNoticeMixin,
        ConsentSealMixin,
        ConsentViolationMixin,
    )

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

#: The module of each public name; mixins and errors are known by how their names end.
_HOMES = {
    "CookieConsent": "extension",
    "SampleEvent": "log.events",
    "current_consent": "http.request",
    "read_service": "catalogue.kit.own_files",
    "share_link": "embeds.share",
    **dict.fromkeys(("Decision", "Reason"), "core.decision"),
    **dict.fromkeys(("Category", "Cookie", "Frame", "Provider", "Service", "Tag", "Widget"), "core.services"),
    **dict.fromkeys(
        ("consent_given", "consent_withdrawn", "event_failed", "log_interrupted", "log_resumed"), "signals"
    ),
    **{name: "errors" for name in __all__ if name.endswith("Error")},
    **{name: "log.models" for name in __all__ if name.endswith("Mixin")},
}


def __getattr__(name: str) -> Any:
    """Import a public name from the module that has it, and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value
