"""View functions of the cookie policy and its archive: earlier versions, their diff, and the page as shown (C7)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Flask, Response, abort

from flask_cookieconsent.core.notices import KeptNotice, changes
from flask_cookieconsent.core.regimes import EVERYWHERE, Regime
from flask_cookieconsent.core.services import N_
from flask_cookieconsent.errors import SettingsError
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.i18n import Language, page_language
from flask_cookieconsent.settings import PREFIX
from flask_cookieconsent.state import State, get_state

from .renderer import Renderer
from .resources import html_response

logger = logging.getLogger("flask_cookieconsent")


#: What each regime means, from the strictest.
_REGIMES = {
    Regime.OPT_IN: N_("Optional services are off until you allow them"),
    Regime.OPT_OUT: N_("Optional services are on until you switch them off"),
    Regime.NOTICE: N_("Optional services are on, and we tell you so"),
}


class Told(NamedTuple):
    """What the policy says of regions: what holds, and where."""

    term: str
    places: str


def regions_told(state: State, words: Language) -> list[Told]:
    """Return what holds where, nothing where a site makes no difference between regions."""
    regimes = [
        Told(words.text(term), ", ".join(places))
        for regime, term in _REGIMES.items()
        if state.regions.regimes and (places := list(_places(state, regime, words)))
    ]
    exempt = [
        Told(
            words.text(N_("%(name)s is used without consent, and you may object"), name=words.text(service.name)),
            ", ".join(words.text(N_("Everywhere")) if code == EVERYWHERE else words.region(code) for code in where),
        )
        for service in state.registry.services.values()
        if (where := state.regions.exempt.get(service.id))
    ]
    return regimes + exempt


def _places(state: State, regime: Regime, words: Language) -> Iterator[str]:
    if regime is Regime.OPT_IN:
        yield words.text(N_("Everywhere else"))
    yield from sorted(words.region(code) for code in state.regions.named(regime))


@dataclass(frozen=True)
class ArchivePages:
    """View functions for archived notices, each with a permanent URL that holds its digest."""

    renderer: Renderer

    def policy(self) -> Response:
        """Show the cookie policy, made from the registry, and its earlier versions in the language of the page."""
        words, state = page_language(), get_state()
        versions, regions = state.log.versions(words.locale), regions_told(state, words)
        return self._page("policy.html", N_("Cookie policy"), versions=versions, regions=regions)

    def version(self, digest: str) -> Response:
        """Show one version of the policy, and what changed since the one before."""
        version = _version(digest)
        before = _version_before(version)
        snapshot = json.loads(version.notice.snapshot)
        differences = changes(json.loads(before.notice.snapshot), snapshot) if before else []
        context = {"version": version, "notice_shown": snapshot, "changes": differences}
        return self._page("policy_version.html", N_("Cookie policy"), **context)

    def shown(self, digest: str) -> Response:
        """Show what visitors saw, as it was kept; nothing in it can be pressed."""
        version = _version(digest)
        visit = get_visit()
        visit.csp_override = "default-src 'none'; style-src 'self'; frame-ancestors 'self'; sandbox"
        return html_response(self.renderer.render("shown.html", visit.consult(), version=version))

    def _page(self, template: str, title: str, **context: Any) -> Response:
        return html_response(self.renderer.page(template, title, get_visit().consult(), **context))


def unnamed_controller(state: State) -> list[str]:
    """Return what is wrong with a site that asks for consent and does not say who asks, as error messages.

    Consent is informed only where the controller's name is known (GDPR article 13(1)(a), recital 42).
    """
    if not state.registry.optional or state.settings.controller:
        return []
    return [
        f"{PREFIX}CONTROLLER: found {state.settings.controller!r}, wanted the name of the company or person who is "
        "responsible for the site; visitors are asked for consent and must be told by whom"
    ]


def refuse_unnamed_controller(app: Flask, state: State) -> None:
    """Refuse to serve a site that does not say who asks; while it is debugged the log says so, and tests are free.

    :raises SettingsError: if nobody is named outside debug mode and tests.
    """
    mistakes = unnamed_controller(state)
    if not mistakes or app.testing:
        return
    if not app.debug:
        raise SettingsError(mistakes)
    logger.warning("%s; outside debug mode every request is an error without it", *mistakes)


def _version(digest: str) -> KeptNotice:
    return get_state().log.notice(digest) or abort(404)


def _version_before(version: KeptNotice) -> KeptNotice | None:
    """Return the version before another, of the same regime and exemptions: two regimes are two texts at one time."""
    log = get_state().log
    digests = [other.digest for other in log.notices(version.notice.locale)]
    earlier = digests[: digests.index(version.notice.digest)]
    found = (log.notice(digest) for digest in reversed(earlier))
    return next((each for each in found if each and _terms_in(each) == _terms_in(version)), None)


def _terms_in(version: KeptNotice) -> list[Any]:
    snapshot = json.loads(version.notice.snapshot)
    # Notices of the first three shapes say nothing of either.
    return [snapshot.get("regime", "opt-in"), sorted(snapshot.get("exempt", ()))]
