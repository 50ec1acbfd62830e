"""Blinker signals that tell an app what its visitors chose."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

#: Sent after a visitor granted something; the sender is the app, `choices` maps services to answers.
consent_given = _signals.signal("consent-given")

#: Sent after a visitor withdrew everything; the sender is the app, `choices` maps services to answers.
consent_withdrawn = _signals.signal("consent-withdrawn")

#: Sent when an event could not be recorded; the sender is the app, `error` is the exception.
event_failed = _signals.signal("event-failed")
