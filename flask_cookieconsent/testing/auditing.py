"""The audit as an assertion: a site does nothing that it does not declare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.testing import FlaskClient

from flask_cookieconsent.errors import SetupError

if TYPE_CHECKING:
    from flask_cookieconsent.audit.findings import Finding
    from flask_cookieconsent.audit.report import Report


@dataclass(frozen=True)
class ConsentAudit:
    """What the fixture `consent_audit` is: a function that audits a site; `folder` is where pytest was started."""

    folder: Path

    def __call__(
        self,
        app: Flask,
        *,
        paths: Iterable[str] = (),
        skip: Iterable[str] = (),
        sign_in: Callable[[FlaskClient], Any] | None = None,
        strict: bool = False,
    ) -> Report:
        """Walk the app's routes as four visitors, compare with the declaration, and return the report.

        *paths* are looked at as well, and what begins with one of *skip* is not. *sign_in* signs a client in, by code
        of the site's own. With *strict* warnings count as errors.

        :raises AssertionError: if there are errors; it names each with its place and its remedy.
        :raises SetupError: if the app has no consent, or the parser of HTML is not installed.
        """
        __tracebackhide__ = True
        try:
            from flask_cookieconsent.audit.report import audit
            from flask_cookieconsent.audit.walk import Wishes
        except ModuleNotFoundError as error:
            if error.name != "justhtml":
                raise
            raise SetupError('the audit reads HTML; wanted: pip install "Flask-CookieConsent[audit]"') from error

        report = audit(app, Wishes(paths=tuple(paths), skip=tuple(skip), sign_in=sign_in))
        wrong = report.findings if strict else report.errors
        if wrong:
            raise AssertionError(_told(wrong))
        return report


def _told(findings: Iterable[Finding]) -> str:
    lines = ["this site does what it does not declare:"]
    for finding in findings:
        lines += ["", f"{finding.level}: {finding.rule}: {finding.subject} {finding.says}"]
        lines += [f"    {place.route} ({place.visitor}) {place.element}" for place in finding.places[:3]]
        lines += [f"    > {line}" for line in finding.remedy]
    return "\n".join(lines)
