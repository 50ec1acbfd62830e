"""Keep what the extension logs during an audit, so that it does not drown the report of the same things."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from .findings import Finding

_LOGGER = logging.getLogger("flask_cookieconsent")


class _Keeper(logging.Handler):
    """Handler that keeps each warning once."""

    def __init__(self, lines: dict[str, None]) -> None:
        super().__init__(logging.WARNING)
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.setdefault(record.getMessage())


@contextmanager
def heard() -> Iterator[dict[str, None]]:
    """Keep the warnings and errors of the logger `flask_cookieconsent` from its handlers, and yield them, each once."""
    lines: dict[str, None] = {}
    handlers, propagates = _LOGGER.handlers, _LOGGER.propagate
    _LOGGER.handlers, _LOGGER.propagate = [_Keeper(lines)], False
    try:
        yield lines
    finally:
        _LOGGER.handlers, _LOGGER.propagate = handlers, propagates


def untold(lines: Iterable[str], findings: Iterable[Finding]) -> list[str]:
    """Return the lines that name the subject of no finding, and so tell something else."""
    # A path is in many a line, and what a page does by itself is logged by its own app.
    subjects = sorted({re.escape(each.subject) for each in findings if each.subject and each.subject[0] != "/"})
    told = re.compile(rf"(?<!\w)(?:{'|'.join(subjects)})(?!\w)")
    return [line for line in lines if not (subjects and told.search(line))]
