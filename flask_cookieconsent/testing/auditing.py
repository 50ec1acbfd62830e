"""The audit as an assertion: a site does nothing that it does not declare."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.testing import FlaskClient

from flask_cookieconsent.errors import SetupError

if TYPE_CHECKING:
    from flask_cookieconsent.audit.report import Report


@dataclass(frozen=True)
class ConsentAudit:
    """What the fixture `consent_audit` is: a function that audits a site; its options file is in `folder`."""

    folder: Path

    def __call__(
        self,
        app: Flask,
        *,
        paths: Iterable[str] = (),
        skip: Iterable[str] = (),
        sign_in: Callable[[FlaskClient], Any] | None = None,
        browser: bool = False,
        strict: bool = False,
    ) -> Report:
        """Walk the app's routes as four visitors, compare with the declaration, and return the report.

        *paths* are looked at as well, and what begins with one of *skip* is not; what `cookieconsent-audit.toml` says,
        in pytest's root folder, holds too. *sign_in* signs a client in, by code of the site's own. With *browser*
        Chromium looks at the pages too, and stands-in answer for other hosts. With *strict* warnings count as errors.

        :raises AssertionError: if there are errors; it is the report, with the place and the remedy of each.
        :raises OptionsError: if the file or the arguments have mistakes.
        :raises SetupError: if the app has no consent, or the parser of HTML is not installed.
        """
        __tracebackhide__ = True
        run = partial(self._report, app, tuple(paths), tuple(skip), sign_in, browser=browser, strict=strict)
        try:
            report = _without_loop(run)
        except ModuleNotFoundError as error:
            if error.name != "justhtml":
                raise
            raise SetupError('the audit needs a parser of HTML: pip install "Flask-CookieConsent[audit]"') from error
        if report.failing:
            raise AssertionError(_told(report))
        return report

    def _report(
        self,
        app: Flask,
        paths: tuple[str, ...],
        skip: tuple[str, ...],
        sign_in: Callable[[FlaskClient], Any] | None,
        *,
        browser: bool,
        strict: bool,
    ) -> Report:
        from flask_cookieconsent.audit import FILE
        from flask_cookieconsent.audit.browser.browse import browse
        from flask_cookieconsent.audit.options import Options, read_options
        from flask_cookieconsent.audit.quiet import heard
        from flask_cookieconsent.audit.report import audit, finished
        from flask_cookieconsent.state import get_state

        file = self.folder / FILE
        options = read_options(file, get_state(app).today) if file.exists() else Options()
        options = options.with_more(paths, skip)
        if sign_in is None:
            wishes = options.wishes()
        else:  # what the file says need not be imported
            wishes = replace(replace(options, sign_in="").wishes(), sign_in=sign_in)
        with heard() as lines:
            return finished(audit(app, wishes, options.accepted, browse if browser else None), lines, strict=strict)


def _without_loop(run: Callable[[], Report]) -> Report:
    """Call a function where no event loop runs, because neither Playwright nor an async view can do with one.

    A test that is a coroutine has one, and so has the thread of pytest-playwright after the first page.
    """
    if asyncio._get_running_loop() is None:
        return run()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def _told(report: Report) -> str:
    """Return a report whose first line, which pytest's summary shows, is what comes of it."""
    from flask_cookieconsent.audit.formats.table import text

    return f"{report.verdict}\n\n{text(report)}"
