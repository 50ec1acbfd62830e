"""View functions of embeds: the frame page that shows one once, and the embeds of a page that is open."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request

from flask_cookieconsent.choice.form import LONGEST_BODY
from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.choice.same_origin import Evidence, evidence
from flask_cookieconsent.core.services import Frame
from flask_cookieconsent.errors import EmbedError
from flask_cookieconsent.http.body import is_too_long
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.state import get_state

from .embed import LONGEST_TITLE, render_embed
from .preferences import Pages
from .renderer import Renderer
from .resources import html_response, no_store

#: Embeds that one request may ask for; each is resolved and rendered anew.
MOST_EMBEDS = 100

#: Their addresses and titles, in bytes.
LONGEST_LIST = 131_072


class FramePages:
    """View functions that show third-party content to one visitor; none of them changes anything."""

    def __init__(self, renderer: Renderer, pages: Pages) -> None:
        self._renderer = renderer
        self._problem = pages.problem

    def frame(self, service_id: str) -> Any:
        """Show one embed in a frame; nothing is stored (A9).

        Whoever presses *Load once* posts for it. Whoever only asks (GET), as the pages do that caches share, gets it
        where its service is allowed, and else the button.
        """
        state, visit = get_state(), get_visit()
        visit.consult()
        fields = request.form if request.method == "POST" else request.args
        service = state.registry.services.get(service_id)
        if service is None or service.parse is None:
            return self._problem(Problem.UNKNOWN_EMBED)
        if is_too_long(LONGEST_BODY):
            return self._problem(Problem.TOO_LONG)
        if _is_of_another_site():
            return self._problem(Problem.OTHER_SITE)
        try:
            content = state.embeds.resolve(service_id, fields.get("url", "")).content
        except EmbedError:
            return self._problem(Problem.UNREADABLE_EMBED)
        if not isinstance(content, Frame):
            return self._problem(Problem.UNREADABLE_EMBED)
        title = fields.get("title", "")[:LONGEST_TITLE]
        is_shown = request.method == "POST" or service_id in visit.decision.allowed
        sources = " ".join(service.hosts.get("frame-src", ()))
        opened = f"frame-src {sources}; form-action 'none'" if is_shown else "img-src 'self'; form-action 'self'"
        visit.csp_override = f"default-src 'none'; style-src 'self'; frame-ancestors 'self'; base-uri 'none'; {opened}"
        parts = {"service": service, "frame": content, "title": title}
        template = "frame.html" if is_shown else "frame_held.html"
        return no_store(html_response(self._renderer.render(template, visit.decision, **parts)))

    def embeds(self) -> Any:
        """Render embeds of an open page for the present decision, as a JSON list; null for what nobody can show.

        The fields `service`, `url` and `title` come once for each, in the order of the answer.
        """
        state = get_state()
        get_visit().consult()
        if is_too_long(LONGEST_LIST):
            return self._problem(Problem.TOO_LONG)
        if _is_of_another_site():
            return self._problem(Problem.OTHER_SITE)
        fields = [request.form.getlist(name)[:MOST_EMBEDS] for name in ("service", "url", "title")]
        rendered: list[str | None] = []
        for service_id, url, title in zip(*fields, strict=False):
            try:
                embed = state.embeds.resolve(service_id, url)
            except EmbedError:
                rendered.append(None)
                continue
            words = title.strip()[:LONGEST_TITLE] or page_language().text(embed.service.name)
            rendered.append(render_embed(state, self._renderer, embed, title=words))
        return no_store(jsonify(embeds=rendered))


def _is_of_another_site() -> bool:
    return evidence(request.headers, request.host, get_state().settings.trusted_origins) is Evidence.OTHER_SITE
