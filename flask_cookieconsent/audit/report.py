"""Run an audit: walk the app, judge what was seen, and merge it into a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask import Flask

from flask_cookieconsent.locales import site_locales
from flask_cookieconsent.pages.policy import unnamed_controller
from flask_cookieconsent.state import get_state

from .check import unfair_in
from .cookies import cookie_findings, place
from .findings import Finding, Place, merged
from .hosts import host_findings
from .proposals import with_proposal
from .routes import origin
from .visitors import visitors_of
from .walk import Walk, Wishes, walk


@dataclass(frozen=True)
class Report:
    """The findings of an audit, errors first, and how much was looked at."""

    findings: tuple[Finding, ...]
    #: Answers, routes that answered, and visitors.
    requests: int
    routes: int
    visitors: tuple[str, ...]
    #: Routes that were not looked at, each with the reason.
    not_reached: tuple[tuple[str, str], ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that are errors."""
        return tuple(each for each in self.findings if each.level == "error")


#: What judges a walk, in the order of the rules.
JUDGES: tuple[Callable[[Walk], Iterable[Finding]], ...] = (host_findings, cookie_findings)


def audit(app: Flask, wishes: Wishes | None = None) -> Report:
    """Audit an app in this process, as four visitors."""
    walked = walk(app, visitors_of(get_state(app).registry), wishes or Wishes())
    return reported(walked, [finding for judge in (*JUDGES, _templates, _unreadable) for finding in judge(walked)])


def reported(walked: Walk, findings: Iterable[Finding]) -> Report:
    """Return the report of a walk and its findings."""
    host = origin(walked.app).partition("://")[2]
    return Report(
        findings=tuple(with_proposal(finding, host) for finding in merged(findings)),
        requests=len(walked.answers),
        routes=len({answer.address.route for answer in walked.answers}),
        visitors=tuple(visitor.name for visitor in walked.visitors),
        not_reached=walked.not_reached,
    )


def _templates(walked: Walk) -> Iterator[Finding]:
    """Yield what the banner and the preferences do against refusing, in every language of the site."""
    with walked.app.test_request_context(base_url=origin(walked.app)):
        for mistake in unnamed_controller(walked.state):
            yield Finding("unfair-template", "controller", mistake, (Place("the settings", "", "everybody"),))
        if walked.state.registry.optional:
            for locale in site_locales():
                for mistake in unfair_in(locale):
                    where = Place("the templates", "", "everybody", locale)
                    yield Finding("unfair-template", mistake.partition(":")[0], mistake, (where,))


def _unreadable(walked: Walk) -> Iterator[Finding]:
    for answer in walked.answers:
        says = f"raises {answer.error}" if answer.error else f"answers {answer.status}"
        if answer.error or (answer.status >= 500 and not answer.is_error_page):
            yield Finding("unreadable-page", answer.address.route, says, (place(answer, answer.method),))
