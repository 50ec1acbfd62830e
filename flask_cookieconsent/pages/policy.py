"""The pages of the policy's earlier versions: what was in force when, what changed, and what it looked like (C7)."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, make_response

from flask_cookieconsent.core.notices import KeptNotice, changes
from flask_cookieconsent.core.services import N_
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.state import get_state

from .renderer import Renderer

logger = logging.getLogger("flask_cookieconsent")


@dataclass(frozen=True)
class ArchivePages:
    """The view functions for notices that are kept; each has its own address for ever."""

    renderer: Renderer

    def policy(self) -> Response:
        """Show the cookie policy, made from the registry, and its earlier versions in the language of the page."""
        return self._page("policy.html", N_("Cookie policy"), versions=self._versions())

    def version(self, digest: str) -> Response:
        """Show one version of the policy, and what changed since the one before."""
        kept = self._found(digest)
        same = [each for each in get_state().log.notices() if each.notice.locale == kept.notice.locale]
        place = [each.notice.digest for each in same].index(digest)
        snapshot = json.loads(kept.notice.snapshot)
        before = json.loads(same[place - 1].notice.snapshot) if place else None
        found = changes(before, snapshot) if before else []
        return self._page("policy_version.html", N_("Cookie policy"), kept=kept, notice_shown=snapshot, changes=found)

    def shown(self, digest: str) -> Response:
        """Show what visitors saw, as it was kept; nothing in it can be pressed."""
        kept = self._found(digest)
        visit = get_visit()
        visit.csp_override = "default-src 'none'; style-src 'self'; frame-ancestors 'self'; sandbox"
        return make_response(self.renderer.render("shown.html", visit.consult(), kept=kept))

    def _versions(self) -> list[KeptNotice]:
        locale = page_language().locale
        try:
            return [each for each in get_state().log.notices() if each.notice.locale == locale]
        except Exception as error:  # the policy is shown all the same
            logger.error("earlier versions of the policy could not be listed", exc_info=error)
            return []

    @staticmethod
    def _found(digest: str) -> KeptNotice:
        return next((each for each in get_state().log.notices() if each.notice.digest == digest), None) or abort(404)

    def _page(self, template: str, title: str, **context: Any) -> Response:
        return make_response(self.renderer.page(template, title, get_visit().consult(), **context))
