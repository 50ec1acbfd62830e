"""Blinker signals that tell an app what its visitors chose, and how functions of the app are called from ours."""

from __future__ import annotations

import logging
from collections.abc import Callable
from inspect import iscoroutine
from typing import Any

from blinker import NamedSignal, Namespace
from flask import current_app

logger = logging.getLogger("flask_cookieconsent")

_signals = Namespace()

#: Sent after a visitor granted something; the sender is the app, `choices` maps services to answers.
consent_given = _signals.signal("consent-given")

#: Sent after a visitor withdrew everything; the sender is the app, `choices` maps services to answers.
consent_withdrawn = _signals.signal("consent-withdrawn")

#: Sent when an event could not be recorded; the sender is the app, `error` is the exception.
event_failed = _signals.signal("event-failed")

#: Sent when the database of the log has not answered in time, so that events wait on disk; the sender is the app.
log_interrupted = _signals.signal("log-interrupted")

#: Sent when it answers again, and what waits follows; the sender is the app.
log_resumed = _signals.signal("log-resumed")


def call(function: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """Call a function of the current app from synchronous code, and return what it returns, `async def` or not.

    :raises RuntimeError: if it is asynchronous and Flask's extra `async` is not installed.
    """
    result = current_app.ensure_sync(function)(*args, **named)
    if not iscoroutine(result):
        return result

    async def finish() -> Any:
        # Behind a decorator, or as a `__call__`, an asynchronous function is known by what it returns alone.
        return await result

    return current_app.ensure_sync(finish)()


def tell(signal: NamedSignal, **values: Any) -> None:
    """Send a signal to each of its receivers; their exceptions are logged, because a choice never depends on them."""
    if signal.is_muted:
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    for receiver in signal.receivers_for(app):
        try:
            call(receiver, app, **values)
        except Exception as error:
            name = getattr(receiver, "__qualname__", repr(receiver))
            complain("receiver %s of the signal %s failed; what was chosen counts", name, signal.name, error=error)


def complain(message: str, *args: object, error: Exception) -> None:
    """Log an exception with its traceback; a logging handler of the app that raises stops nothing either."""
    try:
        logger.error(message, *args, exc_info=error)
    except Exception:  # there is nobody left to tell
        return
