"""What pages ask of the log, and the log of an app without a database."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any, Protocol

from flask.logging import default_handler, has_level_handler

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.csp import Violation
from flask_cookieconsent.core.notices import Notice

from .events import Writer, _receipt_digest


class Recorder(Protocol):
    """Records one event for good, or raises; the database and the log stay behind it."""

    def __call__(
        self,
        *,
        kind: Kind,
        method: str,
        choices: Mapping[str, str],
        gpc: bool,
        receipt: str | None,
        previous_receipt: str | None,
        notice: str,
        locale: str,
        answered: Notice | None,
    ) -> None:
        """Record what was chosen, how, and to which notice; *answered* is that notice as far as it is known."""


logger = logging.getLogger("flask_cookieconsent.events")
_violations = logging.getLogger("flask_cookieconsent.violations")


def log_recorder(writer: Writer) -> Callable[..., None]:
    """Return a recorder for apps without a database: each event is a line of JSON in `flask_cookieconsent.events`.

    There is nothing to look a previous event up in, so the line carries the digest of the previous receipt. Where
    the site has not said where its log lines go, they go where Flask's own do: a line that nobody hears proves nothing.
    """
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not has_level_handler(logger):
        logger.addHandler(default_handler)
    kept: set[str] = set()

    def record(*, previous_receipt: str | None, answered: Notice | None, **step: Any) -> None:
        if answered is not None and answered.digest not in kept:
            logger.info(json.dumps({"kept_notice": asdict(answered)}, sort_keys=True))
            kept.add(answered.digest)
        event = writer.event(previous=None, **step)
        times = {"time": event.time.isoformat() + "Z"}
        row = asdict(event) | times | {"previous_receipt": _receipt_digest(previous_receipt)}
        logger.info(json.dumps(row, sort_keys=True))

    return record


def log_counter(violations: Iterable[Violation]) -> None:
    """Tell violations to the logger `flask_cookieconsent.violations`, where an app has no database."""
    for directive, host in violations:
        _violations.warning("the policy blocked %s for %s", host, directive)
