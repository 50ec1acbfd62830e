"""Ready-made declarations of third-party services: a factory function for each, read when it is first asked for.

`__init__.pyi`, which `make docs` writes, says the same to editors and type checkers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from .kit.declaration import read_file

if TYPE_CHECKING:
    from flask_cookieconsent.core.services import Service

_VENDORS = files(__name__) / "vendors"


def __getattr__(name: str) -> Any:
    """Return a factory by the name of its file.

    :raises AttributeError: if there is none of that name.
    """
    if name == "__all__":
        return __dir__()
    file = _VENDORS / f"{name}.json"
    if (_VENDORS / f"{name}.py").is_file():
        from importlib import import_module

        return getattr(import_module(f"{__name__}.vendors.{name}"), name)
    if name.startswith("_") or not file.is_file():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = read_file(str(file))
    made.__module__ = __name__
    globals()[name] = made
    return made


@cache
def __dir__() -> list[str]:
    """Return the names of all factories, in alphabetical order."""
    return sorted(each.name.partition(".")[0] for each in _VENDORS.iterdir() if each.name.endswith((".json", "y.py", "s.py")))
