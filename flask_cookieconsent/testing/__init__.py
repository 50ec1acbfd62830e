"""Helpers for the tests of a site: visitors who have chosen, and the audit as a fixture of pytest.

They sign with the app's own key, as the site does when somebody chooses. Nothing of a site that serves visitors needs
them. Each is imported when it is asked for, because pytest loads this package in every run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .auditing import ConsentAudit
    from .browsers import deciding
    from .clients import consenting, refusing, undecided

__all__ = ["ConsentAudit", "consenting", "deciding", "refusing", "undecided"]

_HOMES = {
    "ConsentAudit": "auditing",
    "deciding": "browsers",
    **dict.fromkeys(("consenting", "refusing", "undecided"), "clients"),
}


def __getattr__(name: str) -> Any:
    """Import a helper from the module that has it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
