"""Render one embed: the provider's frame or widget where it is allowed, and its placeholder where it is not (A9)."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import Any

from markupsafe import Markup, escape

from flask_cookieconsent.core.services import Frame, Service, Widget
from flask_cookieconsent.embeds.lookup import Embed
from flask_cookieconsent.embeds.pasted_text import is_blank
from flask_cookieconsent.embeds.segments import NotShown
from flask_cookieconsent.http.request import Visit, get_visit
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.state import State

from .forms import render_forms, render_load_form
from .fragments import bounded, fill
from .loaders import loader_data
from .renderer import Renderer

#: The directives of a policy in which a placeholder, and what takes its place, needs its own origin.
NEEDS = ("form-action", "img-src", "frame-src")

#: Characters of the title of an embed that an address, or a request, may carry.
LONGEST_TITLE = 200

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def render_embed(state: State, renderer: Renderer, embed: Embed, *, title: Any, poster: str = "") -> Markup:
    """Return what a visitor sees of an embed; *title* is a text, *poster* the path of an image of the site."""
    visit = get_visit(state)
    visit.shows_embeds = True
    place = visit.place(embed.digest)
    is_allowed = embed.service.id in visit.shown.allowed
    # Escaped here, because a text and a Markup of the same letters are one key to a memory.
    parts: dict[str, Any] = {"service_id": embed.service.id, "frame": embed.content, "title": escape(title)}
    if isinstance(embed.content, Widget):
        # From this a page shows it again; the link of an element that a script fills leads people elsewhere.
        parts |= {"address": embed.reference, "place": place}
        html = _render_widget(renderer, visit, embed.service, embed.content, parts, is_allowed)
    else:
        if is_allowed:
            parts["frame"] = _framed(state, renderer, embed, embed.content, parts["title"])
        else:
            parts |= {"poster": poster, "address": embed.content.link, "is_shared": visit.is_shared}
        template = "embed.html" if is_allowed else "placeholder.html"
        html = fill(renderer.fragment(template, renderer.context_of(visit), **parts).text, place=place)
    if not is_allowed:
        html += _forms_of(renderer, visit, embed, parts["title"], place)
    html = bounded("embed", html.strip(), key=state.piece_keys[0], made=visit.made)
    visit.swaps.append((html, lambda: render_plain(renderer, title, embed.content.link)))
    return html


def render_plain(renderer: Renderer, title: Any, address: str) -> Markup:
    """Return an embed for readers that have no consent to ask about: its title, and a link to its page if it has one.

    It is the same for everybody, and needs no request: for mail, feeds, PDF, search indexes.
    """
    return Markup(renderer.render("plain.html", None, title=title, address=address).strip())


def render_not_shown(state: State, renderer: Renderer, content: NotShown, *, is_plain: bool, title: Any = "") -> Markup:
    """Return what stands in the place of content that no service can embed: why, and a link, and nothing to load it.

    It is the same for everybody. In a feed, and where it is to be plain, it is the title, by default the host, and a
    link, or nothing.
    """

    def show_plain() -> Markup:
        return render_plain(renderer, title or content.host, content.address) if content.address else Markup("")

    if is_plain:
        return show_plain()
    html = Markup(renderer.render("not_shown.html", None, **asdict(content), title=title).strip())
    get_visit(state).swaps.append((html, show_plain))
    return html


def usual_title(service: Service) -> str:
    """Return the title of an embed that was given none."""
    words = page_language()
    return words.text("Content of %(name)s", name=words.text(service.name))


def is_readable(title: Any) -> bool:
    """Tell whether a title says anything; half of a surrogate pair, as broken JSON has it, could not be sent."""
    text = "" if title is None else str(title)
    return not is_blank(text) and not _SURROGATE.search(text)


def _framed(state: State, renderer: Renderer, embed: Embed, frame: Frame, title: Markup) -> Frame:
    """Return what an allowed embed shows: the provider's frame, or our page around it where caches share pages.

    The policy of those is the same for everybody, and names no host of a frame that only some have allowed.
    """
    if not state.shares or embed.service.id not in state.registry.optional:
        return frame
    urls = renderer.context_of(get_visit(state)).urls
    return replace(frame, src=urls.framed(embed.service.id, frame.link, title.unescape()[:LONGEST_TITLE]))


def _render_widget(
    renderer: Renderer, visit: Visit, service: Service, widget: Widget, parts: dict[str, Any], is_allowed: bool
) -> Markup:
    """Render a widget or its placeholder; it is rare, and holds mappings, so it is not remembered."""
    if is_allowed:
        tag = loader_data(service, widget.tag, visit.shown)
        return Markup(renderer.render("widget.html", visit.shown, **parts, nonce=visit.nonce, tag=tag))
    return Markup(renderer.render("placeholder.html", visit.shown, **parts, poster=""))


def _forms_of(renderer: Renderer, visit: Visit, embed: Embed, title: Markup, place: str) -> Markup:
    """Return the forms of a placeholder below `link()`; above it they wait for that, where no form of the site is."""
    html = Markup("")
    context = renderer.context_of(visit)
    if visit.has_link and not visit.has_form:
        html += render_forms(renderer, visit, context, posts=True)
    is_frame = not isinstance(embed.content, Widget)
    # To a policy the glyph is an image.
    needs = NEEDS if is_frame else NEEDS[:2]
    visit.needs = tuple(dict.fromkeys((*visit.needs, *needs)))
    if is_frame:
        form = render_load_form(renderer, context, embed, title, place)
        if visit.has_link:
            html += form
        else:
            visit.load_forms.append(form)
    return html
