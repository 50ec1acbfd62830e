"""Run an audit: walk the app, judge what was seen, and merge it into a report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask import Flask

from flask_cookieconsent.locales import site_locales
from flask_cookieconsent.pages.policy import unnamed_controller
from flask_cookieconsent.state import get_state

from .accepted import Accepted, sort_out
from .findings import Finding, Place, merged
from .judges.check import unfair_in
from .judges.cookies import cookie_findings, place, was_seen
from .judges.hosts import host_findings
from .judges.layout import layout_findings
from .judges.sharing import sharing_findings
from .judges.unused import content_findings, unused_findings
from .masks import masked, masked_path, masked_text
from .proposals.proposals import with_proposals
from .quiet import untold
from .rules import IN_BROWSER, OF_VISITORS, RULES
from .sources import Sources
from .visitors import visitors_of
from .walking.routes import ERROR_PAGE, SIGN_IN, origin
from .walking.walk import Walk, Wishes, walk


@dataclass(frozen=True)
class Report:
    """The findings of an audit, errors first, and how much was looked at."""

    #: Those that are not accepted; what was accepted until a day that is over is among them.
    findings: tuple[Finding, ...]
    #: Answers, routes that answered, and visitors.
    requests: int
    routes: int
    visitors: tuple[str, ...]
    #: Routes that were not looked at, each with the reason.
    not_reached: tuple[tuple[str, str], ...]
    #: The day of the audit.
    day: date = date.min
    accepted: tuple[tuple[Finding, Accepted], ...] = ()
    expired: tuple[tuple[Finding, Accepted], ...] = ()
    #: What the owner should know, and what counts for nothing.
    notes: tuple[str, ...] = ()
    #: The file of the app itself, relative; empty where it is not among the owner's sources.
    home: str = ""
    #: Whether warnings count as errors do.
    strict: bool = False
    #: The rules that were judged; some need a browser, some what visitors' browsers have told.
    judged: frozenset[str] = frozenset(RULES)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that are errors."""
        return tuple(each for each in self.findings if each.level == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that are warnings."""
        return tuple(each for each in self.findings if each.level == "warning")

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings for which a build fails."""
        return self.findings if self.strict else self.errors

    @property
    def scope(self) -> str:
        """How much was looked at, in words."""
        if not self.requests:
            return ", ".join(self.visitors)
        left = f"; routes not looked at: {len(self.not_reached)}" if self.not_reached else ""
        scripts = "; no script ran, see --browser" if self.routes and IN_BROWSER - self.judged else ""
        return f"{self.requests} requests to {self.routes} routes, as {', '.join(self.visitors)}{left}{scripts}"

    @property
    def not_judged(self) -> tuple[str, ...]:
        """The rules that nothing is said about, in their order."""
        return tuple(rule for rule in RULES if rule not in self.judged)

    @property
    def verdict(self) -> str:
        """What comes of it, in one line."""
        counts = [_count(self.errors, "error"), _count(self.warnings, "warning")]
        counts += [f"{len(self.accepted)} accepted"] if self.accepted else []
        outcome = "The audit fails" if self.failing else "The audit passes"
        return f"{outcome}: {', '.join(counts)} ({self.scope})."

    def run_out(self, finding: Finding) -> Accepted | None:
        """Return the line that accepted a finding until a day that is over."""
        return next((line for each, line in self.expired if each == finding), None)


#: What judges a walk, in the order of the rules.
JUDGES: tuple[Callable[[Walk], Iterable[Finding]], ...] = (
    host_findings,
    cookie_findings,
    sharing_findings,
    layout_findings,
    content_findings,
    unused_findings,
)


#: Looks at the pages of a walk in a browser too: its findings, and the names of the cookies that it saw.
Browses = Callable[[Walk, Wishes], tuple[Iterable[Finding], Collection[str]]]


def audit(
    app: Flask, wishes: Wishes | None = None, accepted: Sequence[Accepted] = (), browses: Browses | None = None
) -> Report:
    """Audit an app in this process, as four visitors, and in a browser too if told how; what is *accepted* is apart."""
    wishes = wishes or Wishes()
    walked = walk(app, visitors_of(get_state(app).registry), wishes)
    findings = [finding for judge in (*JUDGES, _templates, _nothing_read, _unreadable) for finding in judge(walked)]
    if browses is not None:
        more, cookies = browses(walked, wishes)
        # What no answer has set a script may have.
        findings = [each for each in findings if each.rule != "stale-cookie" or not was_seen(each.subject, cookies)]
        findings += more
    judged = RULES.keys() - OF_VISITORS - (IN_BROWSER if browses is None else frozenset())
    return reported(walked, findings, accepted, judged)


def reported(
    walked: Walk, findings: Iterable[Finding], accepted: Sequence[Accepted], judged: Collection[str]
) -> Report:
    """Return the report of a walk and its findings."""
    today = walked.state.today
    sources = Sources(walked.app)
    # First, because a remedy names the file of the owner's that it is for.
    located = [sources.located(finding) for finding in merged(findings)]
    proposed = with_proposals(located, walked)
    by_line = sort_out(map(masked, proposed), accepted, today)
    return Report(
        findings=by_line.counting,
        requests=len(walked.answers),
        routes=len({answer.address.route for answer in walked.answers}),
        visitors=tuple(visitor.name for visitor in walked.visitors),
        not_reached=tuple((masked_path(route), masked_path(why)) for route, why in walked.not_reached),
        day=today,
        accepted=by_line.accepted,
        expired=by_line.expired,
        notes=tuple(_of_unused(by_line.unused, judged)),
        home=sources.home,
        judged=frozenset(judged),
    )


def _of_unused(lines: Iterable[Accepted], judged: Collection[str]) -> Iterator[str]:
    """Yield what to do with lines that accept nothing; what a script does may be there and not be seen."""
    is_sure = set(judged) >= IN_BROWSER
    for line in lines:
        if line.rule in judged:
            also = "" if is_sure or line.rule in OF_VISITORS else " if --browser says so, too"
            yield f"accepts nothing that is there any more, take it out{also}: {line.line}"


def finished(report: Report, lines: Iterable[str] = (), *, strict: bool = False) -> Report:
    """Return a report in which warnings may count, with notes of what was logged and is no finding."""
    told = (*report.findings, *(finding for finding, _ in report.accepted))
    logged = tuple(f"the log says: {masked_text(line)}" for line in untold(lines, told))
    return replace(report, notes=(*report.notes, *logged), strict=strict)


def _count(findings: Sequence[Finding], word: str) -> str:
    return f"{len(findings) or 'no'} {word}{'' if len(findings) == 1 else 's'}"


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


def _nothing_read(walked: Walk) -> Iterator[Finding]:
    """Yield the visitors who were shown no page of the site's own views: then nothing is known, and nothing passes."""
    beside = (ERROR_PAGE, SIGN_IN, "cookieconsent")
    readers = {each.visitor for each in walked.pages if each.status < 400 and each.address.endpoint not in beside}
    missing = [visitor.name for visitor in walked.visitors if visitor not in readers]
    if missing:
        subject = "some visitors" if readers else "every visitor"
        says = f"no page of the site was shown to: {', '.join(missing)}"
        remedy = (
            "# Say how to sign in, --sign-in, name a page that everybody is shown, --path, or take out what is skipped."
        )
        if readers:
            remedy = "# Let who refuses, and who has not chosen, read the site as who accepts does."
        where = tuple(Place("the site", "", name) for name in missing)
        yield Finding("nothing-read", subject, says, where, (remedy,))


def _unreadable(walked: Walk) -> Iterator[Finding]:
    for answer in walked.answers:
        if answer.error.startswith("KeptPageError"):
            continue  # told as what it is, a page that is shared
        says = f"raises {answer.error}" if answer.error else f"answers {answer.status}"
        if answer.error or (answer.status >= 500 and not answer.is_error_page):
            yield Finding("unreadable-page", answer.address.route, says, (place(answer, answer.method),))
