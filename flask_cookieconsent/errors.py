"""Every exception that the extension raises on purpose."""

from __future__ import annotations

from collections.abc import Iterable


class RegistryError(ValueError):
    """All mistakes of a declaration, reported together; `mistakes` holds one sentence for each."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("The cookie declaration has mistakes:\n- " + "\n- ".join(self.mistakes))


class SettingsError(ValueError):
    """All wrong settings, reported together; `mistakes` holds one sentence for each."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("The cookie consent settings have mistakes:\n- " + "\n- ".join(self.mistakes))


class EmbedError(ValueError):
    """An embed that cannot be shown, with what to write instead."""


class UndeclaredCookieError(RuntimeError):
    """A cookie that no service declares, on a site that wants to be told so by an error."""


class BadConsent(ValueError):
    """A cookie text that says nothing: malformed, forged, oversized or dated in the future."""


class SpoolFull(RuntimeError):
    """More events wait than a short trouble of the database explains."""


class UnreadableError(ValueError):
    """Content that says something else each time it is read, so that nobody knows what a browser would load."""
