"""How a report is written: a table for people, and what tools read."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:  # it needs a parser of HTML
    from flask_cookieconsent.audit.report import Report

#: By the name of each format the module that writes it.
FORMATS = {"table": "table", "json": "plain_json", "sarif": "sarif", "junit": "junit", "accepted": "baseline"}


def written(report: Report, form: str) -> str:
    """Return a report in one of the formats."""
    module = import_module(f".{FORMATS[form]}", __name__)
    return cast("Callable[[Report], str]", module.text)(report)
