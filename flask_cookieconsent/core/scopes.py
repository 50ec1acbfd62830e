"""The scopes of one app: whether its pages and its programs keep choices of their own, or share one with others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: The scope of invented events, which no report counts.
SAMPLE = "sample"


@dataclass(frozen=True)
class Scopes:
    """The scope of an app's pages, None for the one that every app without a scope has, and that of its programs.

    One choice counts on all that are `shared`; every other scope keeps its own.
    """

    pages: str | None = None
    app: str = "app"
    shared: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The scopes on which a choice that is made on these pages counts, as visitors read them; none for its own."""
        return self.shared if self.pages in self.shared else ()

    @property
    def of_pages(self) -> str | None:
        """The scope for which the choices of the pages are signed alone, None where they are shared."""
        return None if self.pages in self.shared else self.pages

    @property
    def of_app(self) -> str | None:
        """The scope for which the choices of the programs are signed alone, None where they are shared."""
        return None if self.app in self.shared else self.app

    @property
    def hands_over(self) -> bool:
        """Whether pages and programs share one choice, so that each may open the other already decided."""
        return self.app in self.named

    def cookie_name(self, name: str) -> str:
        """Return the name of the choices cookie: one of its own where the choices are not shared."""
        return name if self.of_pages is None else f"{name}-{self.of_pages}"

    def mistakes(self) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with the scopes together: the setting, and the value found and wanted."""
        if len(self.shared) == 1:
            yield "SHARED_SCOPES", f"found one name, {self.shared[0]!r}, wanted two or more, or none"
        if len({name.lower() for name in self.shared}) < len(self.shared):
            yield "SHARED_SCOPES", f"found {self.shared!r}, wanted each name once, in one spelling"
        if self.shared and self.pages is None:
            wanted = f"one of {', '.join(self.shared)}, or another name where the choices of this app are its own"
            yield "SCOPE", f"found None, wanted {wanted}"
        for setting, name in (("SCOPE", self.pages), ("APP_SCOPE", self.app)):
            spelling = next((each for each in self.shared if name and each.lower() == name.lower()), name)
            if spelling != name:
                yield setting, f"found {name!r}, wanted {spelling!r}, as COOKIECONSENT_SHARED_SCOPES has it"
        if self.pages is not None and self.pages.lower() == self.app.lower():
            wanted = "another name than that of COOKIECONSENT_SCOPE: the log tells them apart"
            yield "APP_SCOPE", f"found {self.app!r}, wanted {wanted}"
        for setting, names in (("SCOPE", (self.pages,)), ("APP_SCOPE", (self.app,)), ("SHARED_SCOPES", self.shared)):
            if SAMPLE in names:
                yield setting, f"found {SAMPLE!r}, wanted another name: invented events have that one"
