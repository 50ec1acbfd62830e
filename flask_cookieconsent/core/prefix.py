"""The URL prefix of our pages, which may hold variables of a route: `/cookies`, `/<lang>/cookies`."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

_SEGMENT = r"/[A-Za-z0-9._~-]+"
_VARIABLE = r"/<(?:[a-z]+(?:\([^()<>/]*\))?:)?[A-Za-z_]+>"

#: What a prefix may be, for the error that says so.
PREFIX_WANTED = "a path such as '/cookies' or '/<lang>/cookies'"


class UrlPrefix(str):
    """A path of segments and variables, as Werkzeug writes them; the last part is a segment."""

    @staticmethod
    def is_valid(value: Any) -> bool:
        """Tell whether a value is such a path."""
        return isinstance(value, str) and re.fullmatch(f"({_SEGMENT}|{_VARIABLE})*{_SEGMENT}", value) is not None

    @property
    def variables(self) -> list[str]:
        """The names of its variables, such as `lang`."""
        return re.findall(r"(\w+)>", self)

    @property
    def fixed(self) -> str:
        """What stands behind the last variable: our pages live there too, for pages that have no variable."""
        return self.rpartition(">")[2]

    @cached_property
    def receipt_paths(self) -> tuple[str, ...]:
        """The paths of the receipt cookie: of choices, and of those through the JSON interface, which is elsewhere.

        Where they differ between pages it is all of the app.
        """
        return ("/",) if self.variables else (self + "/choice", self + "/api/choice")
