"""The presses of an audit are no consent of anybody."""

from __future__ import annotations

from flask_cookieconsent.audit.browser.unlogged import unlogged
from flask_cookieconsent.state import get_state
from tests.kit.sites import make_site


def test_press_is_answered_and_not_logged() -> None:
    site = make_site()
    visitor = site.visitor()
    state = get_state(site.app)
    log = state.log

    with unlogged(state):
        granted = visitor.choose("accept")
        withdrawn = visitor.choose("withdraw")

    assert (granted.status_code, withdrawn.status_code) == (303, 303)
    assert site.events() == []
    assert state.log is log


def test_press_after_it_is_logged() -> None:
    """The bad twin: without it there is an event."""
    site = make_site()
    with unlogged(get_state(site.app)):
        pass

    site.visitor().choose("accept")

    assert len(site.events()) == 1
