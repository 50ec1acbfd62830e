"""Render one embed: the provider's frame or widget where it is allowed, and its placeholder where it is not (A9)."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from flask_cookieconsent.choice.response import way_back
from flask_cookieconsent.core.services import Service, Widget
from flask_cookieconsent.embeds.lookup import Embed
from flask_cookieconsent.http.request import Visit, get_visit
from flask_cookieconsent.state import State

from .fragments import fill
from .loaders import loader_data
from .renderer import Renderer


def render_embed(state: State, renderer: Renderer, embed: Embed, *, title: Any, poster: str = "") -> Markup:
    """Return what a visitor sees of an embed; *title* is a text, *poster* the path of an image of the site."""
    visit = get_visit(state)
    # A page may show one video twice, but each has an address of its own, and its frame a name.
    visit.embeds += 1
    is_allowed = embed.service.id in visit.consult().allowed
    # Escaped here, because a text and a Markup of the same letters are one key to a memory.
    parts: dict[str, Any] = {"service_id": embed.service.id, "frame": embed.content, "title": escape(title)}
    if isinstance(embed.content, Widget):
        return Markup(_render_widget(renderer, visit, embed.service, embed.content, parts, is_allowed=is_allowed))
    if not is_allowed:
        visit.needs = ("frame-src", "form-action")
        parts["poster"] = poster
    piece = renderer.fragment("embed.html" if is_allowed else "placeholder.html", renderer.context_of(visit), **parts)
    return fill(piece.text, place=visit.embeds, next=way_back() if piece.leads_back else "")


def _render_widget(
    renderer: Renderer, visit: Visit, service: Service, widget: Widget, parts: dict[str, Any], *, is_allowed: bool
) -> str:
    """Render a widget or what stands in its place; it is rare, and holds mappings, so it is not remembered."""
    parts |= {"place": visit.embeds, "nonce": visit.nonce, "next": way_back(), "poster": ""}
    if is_allowed:
        return renderer.render(
            "widget.html", visit.decision, **parts, tag=loader_data(service, widget.tag, visit.decision)
        )
    # Inside a form of the site nothing with a form of its own can stand.
    if widget.in_form:
        return renderer.render("needed.html", visit.decision, **parts)
    visit.needs = ("frame-src", "form-action")
    return renderer.render("placeholder.html", visit.decision, **parts)
