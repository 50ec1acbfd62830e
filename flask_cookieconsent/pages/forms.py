"""Render the forms that our buttons post with, outside the forms of the site: HTML knows no form inside another."""

from __future__ import annotations

from markupsafe import Markup

from flask_cookieconsent.choice.return_address import way_back
from flask_cookieconsent.embeds.lookup import Embed
from flask_cookieconsent.http.request import Visit

from .fragments import fill
from .renderer import PageContext, Renderer


def next_of(visit: Visit, context: PageContext) -> str:
    """Return where a form of the page leads back to.

    A page that caches share says without scripts what nobody has chosen, so there it is the preferences; and what a
    visitor wrote into its address is in no copy of it.
    """
    return context.urls.preferences if visit.is_shared else way_back()


def render_forms(renderer: Renderer, visit: Visit, context: PageContext, *, posts: bool) -> Markup:
    """Return the digest of a page's decision, for the script, and with *posts* the form of every button of ours."""
    piece = renderer.piece("forms.html", context, posts=posts)
    if not posts:
        return piece.html
    visit.has_form = True
    # The form posts to this site, whatever the policy of the page says.
    visit.needs = visit.needs or ("form-action",)
    return fill(piece.text, next=next_of(visit, context))


def render_load_form(renderer: Renderer, context: PageContext, embed: Embed, title: Markup, place: str) -> Markup:
    """Return the form with which a placeholder loads its embed once; *place* is the id of the embed in its page."""
    piece = renderer.fragment("load_form.html", context, service_id=embed.service.id, frame=embed.content, title=title)
    return fill(piece.text, place=place)
