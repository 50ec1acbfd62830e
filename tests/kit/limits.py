"""Time limit of each phase of each test: what waits for ever ends its process, with the stacks of all threads."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Generator

import pytest

#: Seconds that the set-up, the call or the teardown of one test may take, unless `FCC_TEST_SECONDS` says otherwise.
SECONDS = 300.0


class TimeLimit:
    """Plugin for pytest that bounds what fixtures and tests take, once more for each time that a test is tried again.

    `pytest-timeout` and pytest's own `faulthandler_timeout` set one timer for a whole test and stop it at the first
    failure. A browser that hangs makes a test fail first, and hangs while it is closed.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._seconds = float(os.environ.get("FCC_TEST_SECONDS") or SECONDS)
        capture = config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            self._stderr = os.dup(2)

    def pytest_unconfigure(self) -> None:
        os.close(self._stderr)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        return (yield from self._limited())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        return (yield from self._limited())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        return (yield from self._limited())

    def _limited(self) -> Generator[None, object, object]:
        # It needs no interpreter, so it ends also what keeps the lock of the interpreter.
        faulthandler.dump_traceback_later(self._seconds, file=self._stderr, exit=True)
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()
