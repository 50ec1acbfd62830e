"""Exceptions that the extension raises on purpose: a tree with one root."""

from __future__ import annotations

from collections.abc import Iterable


class CookieConsentError(Exception):
    """Root of every exception of this package."""


class SetupError(CookieConsentError, RuntimeError):
    """The extension cannot be initialised, or was not, for an app; the message says what to write instead."""


class _ListedMistakes(CookieConsentError, ValueError):
    """Several mistakes reported together; `mistakes` holds one sentence for each."""

    heading = ""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(f"{self.heading}:\n- " + "\n- ".join(self.mistakes))


class RegistryError(_ListedMistakes):
    """The declaration of services has mistakes; `mistakes` holds one sentence for each."""

    heading = "The cookie declaration has mistakes"


class SettingsError(_ListedMistakes):
    """The `COOKIECONSENT_` settings have mistakes; `mistakes` holds one sentence for each."""

    heading = "The cookie consent settings have mistakes"


class OptionsError(_ListedMistakes):
    """The options of an audit have mistakes; `mistakes` holds one sentence for each."""

    heading = "The options of the audit have mistakes"


class EmbedError(CookieConsentError, ValueError):
    """An embed that cannot be shown; the message says what to write instead."""


class UndeclaredCookieError(CookieConsentError, RuntimeError):
    """A response sets a cookie that no service declares, or sets one for longer than it is declared.

    Raised under `COOKIECONSENT_UNDECLARED_COOKIES = "raise"`; other values of that setting warn.
    """


class KeptPageError(CookieConsentError, RuntimeError):
    """A cache of the site gives one visitor's page or fragment to another; raised in debug mode, else it is logged."""


class InvalidConsentError(CookieConsentError, ValueError):
    """The text of a choices cookie is malformed, forged, oversized or dated in the future."""


class SpoolFullError(CookieConsentError, RuntimeError):
    """Too little of the disk is free for an event that has to wait there."""


class UnstableContentError(CookieConsentError, ValueError):
    """Stored HTML that a browser reads differently each time it is serialised and parsed again."""


class AppendOnlyError(CookieConsentError, RuntimeError):
    """Code of the app's own would change or delete rows of the log, which only retention and erasure may."""


class BusyConnectionError(CookieConsentError, RuntimeError):
    """The app's own unfinished work is on the only connection to a database in memory."""


class DatabaseUnavailableError(CookieConsentError, RuntimeError):
    """The database of the log did not answer in time, or is left alone for a while because it did not."""
