"""What the extension logs during an audit."""

from __future__ import annotations

import logging

import pytest

from flask_cookieconsent.audit.quiet import heard, untold
from tests.kit.reports import FOREIGN, finding_of

LOGGER = logging.getLogger("flask_cookieconsent")


def test_lines_are_kept_once(caplog: pytest.LogCaptureFixture) -> None:
    """No handler of the app's sees them; those of others and of less weight are left alone."""
    with heard() as lines:
        for _ in range(2):
            LOGGER.warning("cookie %r is not declared", "cart")
            logging.getLogger("flask_cookieconsent.spool").error("it is full")
        LOGGER.info("less")
        logging.getLogger("shop").warning("of the app")

    assert list(lines) == ["cookie 'cart' is not declared", "it is full"]
    assert caplog.messages == ["of the app"]


def test_logging_goes_on_afterwards(caplog: pytest.LogCaptureFixture) -> None:
    """The bad twin: whatever ends the audit, lines reach the log again."""
    handlers = list(LOGGER.handlers)
    with pytest.raises(ZeroDivisionError), heard():
        _ = 1 / 0
    LOGGER.warning("after")

    assert caplog.messages == ["after"] and LOGGER.handlers == handlers


@pytest.mark.parametrize(
    ("subject", "line", "is_told"),
    [
        ("cart", "cookie 'cart' is not declared", True),
        (FOREIGN, f"left out: 'https://{FOREIGN}/x'", True),
        ("cart", "the cartography of nothing", False),
        ("/", "either / or", False),
        ("a|b", "a", False),
        ("", "anything", False),
    ],
)
def test_subject_is_a_word_of_the_line(subject: str, line: str, is_told: bool) -> None:
    assert (untold([line], [finding_of(subject)]) == []) == is_told
    assert untold([line], []) == [line]
