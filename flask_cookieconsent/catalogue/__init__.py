"""Ready-made declarations of third-party services: a factory function for each, read when it is first asked for.

`__init__.pyi`, which `make docs` writes, says the same to editors and type checkers.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from .kit.declaration import read_file

_VENDORS = files(__name__) / "vendors"


def __getattr__(name: str) -> Any:
    """Return a factory by the name of its file.

    :raises AttributeError: if there is none of that name.
    """
    if name == "__all__":
        return __dir__()
    if name not in __dir__():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = read_file(str(_VENDORS / f"{name}.json"))
    made.__module__ = __name__
    globals()[name] = made
    return made


@cache
def __dir__() -> list[str]:
    """Return the names of all factories, in alphabetical order."""
    return sorted(each.name.removesuffix(".json") for each in _VENDORS.iterdir() if each.name.endswith(".json"))
