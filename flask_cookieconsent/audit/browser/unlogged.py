"""Keep the presses of an audit out of a site's log, which is about people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask_cookieconsent.core.csp import Violation
from flask_cookieconsent.log.events import EventDraft
from flask_cookieconsent.log.interface import Log
from flask_cookieconsent.state import State


class Unlogged:
    """A log that says what another one says, and writes nothing."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def record(self, draft: EventDraft) -> None:
        """Keep nothing."""

    def record_refusal(self, draft: EventDraft, address: str | None) -> bool:
        """Keep and count nothing."""
        return False

    def delay(self, receipt: str | None, address: str | None) -> int:
        """Count nothing, and let nobody wait."""
        return 0

    def count_violations(self, violations: Iterable[Violation], address: str | None) -> None:
        """Count nothing."""

    def count_cookies(self, names: Collection[str], address: str | None) -> None:
        """Count nothing."""


@contextmanager
def unlogged(state: State) -> Iterator[None]:
    """Let nothing be written to the log of an app meanwhile."""
    log = state.log
    # Everything that answers a press holds this very state, which is frozen for everybody else.
    object.__setattr__(state, "log", Unlogged(log))
    try:
        yield
    finally:
        object.__setattr__(state, "log", log)
