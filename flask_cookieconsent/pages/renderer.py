"""Render our templates for one decision, and remember what is the same for everybody who chose the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, cast

from flask import Flask, current_app, has_request_context, request, url_for
from markupsafe import Markup

from flask_cookieconsent.choice.response import absent_cookies
from flask_cookieconsent.core.decision import Decision, OptOutSignals
from flask_cookieconsent.core.defaults import EMBEDS, PURPOSES, REFUSALS
from flask_cookieconsent.core.notices import Audience, Notice, canonical, digest, snapshot
from flask_cookieconsent.http.explain import Explanation, explain
from flask_cookieconsent.http.request import Visit, get_visit
from flask_cookieconsent.i18n import iso_duration, language, page_language
from flask_cookieconsent.locales import has_one_locale, in_locale, page_locale
from flask_cookieconsent.state import State

from .fragments import HOLES, NO_HOLES, Nothing, Piece
from .layout import add_site_values, lay_out
from .loaders import absent, forgotten, removals, tags
from .resources import Templates, Urls, build_urls, digest_of

# What decides about addresses in Flask itself.
_URL_METHODS = ("url_for", "inject_url_defaults", "create_url_adapter")

#: The templates in which a visitor is asked, told or answered; their sources are part of every notice (F2).
SHOWN = (
    *("banner.html", "preferences.html", "services.html", "service_details.html", "cookie_table.html"),
    *("placeholder.html", "embed_about.html", "link.html"),
)


@dataclass(frozen=True, eq=False)
class PageContext:
    """All that a piece of a page is made of: a decision, a language, our addresses, and the values that follow.

    It is compared by identity, and memoised, so that it is a short key for what is made of it.
    """

    decision: Decision
    locale: str
    urls: Urls
    values: Mapping[str, Any]
    #: Whether every page of the app has the same language.
    is_only_locale: bool
    #: The few pieces of every page, once they were made, by their template and the parts that it names.
    pieces: dict[Hashable, Piece] = field(default_factory=dict)


class Renderer:
    """What views and the template API render with, for one app; it holds nothing of any request.

    A fragment is remembered under all that it is made of: its page context, its template and the parts that the caller
    names. What it is made of is handed to it and nothing else, so one visitor's fragment cannot be another's. A
    template of the site's own may read the request, and so is never remembered.
    """

    def __init__(self, app: Flask, state: State) -> None:
        self._app = app
        self.state = state
        self.templates = Templates(app)
        self._remembered = lru_cache(maxsize=1024)(self._render_fragment)
        self._contexts = lru_cache(maxsize=256)(self._make_context)
        # Asked only where a mount point is all that our addresses depend on.
        self._urls_below = lru_cache(maxsize=64)(lambda script_root: build_urls())
        self._digests = lru_cache(maxsize=128)(self._digest)
        self._notices = lru_cache(maxsize=128)(self._notice)

    @cached_property
    def _needed(self) -> frozenset[str]:
        """The names of what is strictly necessary, categories and services."""
        # Under the strictest terms: what is on by silence is not needed.
        return self.state.decide(None, OptOutSignals(), self.state.today).allowed

    # -- fragments and pages ---------------------------------------------------------------------------------------

    def piece(self, template: str, context: PageContext, **parts: Hashable) -> Piece:
        """Return one of the few pieces of every page; it is remembered with its page context."""
        return self._piece((template, *parts.values()) if parts else template, template, context, parts)

    def loaders(self, context: PageContext) -> list[str]:
        """Return the loader of every allowed service, each by itself; they are remembered with their page context."""
        template, tags = "tag.html", enumerate(context.values["tags"])
        return [
            self._piece((template, number), template, context, {**NO_HOLES, "tag": tag}).text for number, tag in tags
        ]

    def _piece(self, key: Hashable, template: str, context: PageContext, parts: Mapping[str, Any]) -> Piece:
        piece = context.pieces.get(key)
        if piece is None:
            piece = self._render_fragment(template, context, *parts.items())
            if self._remembers(template):
                context.pieces[key] = piece
        return piece

    def fragment(self, template: str, context: PageContext, **parts: Hashable) -> Piece:
        """Return one of the many pieces of single pages; the latest are remembered."""
        make = self._remembered if self._remembers(template) else self._render_fragment
        return make(template, context, *parts.items())

    def render(self, template: str, decision: Decision | None, **more: Any) -> str:
        """Return what a template of ours makes of a decision, outside the site's layout."""
        return self.templates.get(template).render(self._values(decision) | more)

    def page(self, template: str, title: str, decision: Decision, **more: Any) -> str:
        """Return a whole page of ours, inside the site's layout, with the site's context processors."""
        ours = self._values(decision) | {"absent_cookies": absent_cookies(self.state)} | more
        add_site_values(self._app, ours)
        words, settings = page_language(), self.state.settings
        page = {
            "title": words.text(title),
            "content": Markup(self.templates.get(template).render(ours)),
            "words": words,
            "site": settings.controller or request.host,
            "home": request.script_root + "/",
        }
        return lay_out(self._app, self.templates, settings.base_template, page)

    def context_of(self, visit: Visit) -> PageContext:
        """Return the page context of a visit, looked up once for it and again where the language has changed since."""
        context: PageContext | None = visit.page_context
        if context is None or not (context.is_only_locale or context.locale == page_locale(self._app)):
            signed_in = visit.is_signed_in and not visit.is_shared
            context = self.context(visit.shown, page_locale(self._app), signed_in=signed_in)
            visit.page_context = context
        return context

    def context(self, decision: Decision, locale: str, *, signed_in: bool = False) -> PageContext:
        """Return the page context for the present request's addresses; *signed_in* people are told of all devices."""
        if not self._app.debug:
            return self._contexts(decision, locale, self._urls(), signed_in)
        context = self._make_context(decision, locale, self._urls(), signed_in)
        tells = has_request_context() and not get_visit(self.state).is_shared
        explanation = self._explanation(decision) if tells else None
        return replace(context, values={**context.values, "explanation": explanation})

    def _urls(self) -> Urls:
        return self._urls_below(request.environ.get("SCRIPT_NAME", "")) if self._has_fixed_urls else build_urls()

    @cached_property
    def _has_fixed_urls(self) -> bool:
        """Whether our addresses are the same on all pages below one mount point; asked with the first request.

        They are not where an app has several hosts, puts values of the request into its addresses, or makes them in
        its own way.
        """
        app = self._app
        own = (getattr(app, name).__func__ is not getattr(Flask, name) for name in _URL_METHODS)
        return not (app.url_default_functions or app.subdomain_matching or app.url_map.host_matching or any(own))

    # -- notices ---------------------------------------------------------------------------------------------------

    def notice_digest(self, locale: str, audience: Audience | None = None) -> str:
        """Return the SHA-256 of what an audience is shown in a language, by default that of the present visit."""
        make = self._digest if self._app.debug else self._digests
        return make(language(locale).locale, audience or get_visit(self.state).audience)

    def notice(self, locale: str, audience: Audience | None = None) -> Notice:
        """Return all that an audience is shown in a language, to be kept with the first event that answers it (F2)."""
        make = self._notice if self._app.debug else self._notices
        return make(language(locale).locale, audience or get_visit(self.state).audience)

    def shown(self, locale: str, audience: Audience | None = None) -> tuple[str, str]:
        """Return the banner and the preferences as somebody meets them who has not chosen.

        They are kept for everybody to see, so a template of the site's own finds nobody's request in them.
        """
        terms, signed_in = audience or get_visit(self.state).audience
        nobody = self.state.decide(None, OptOutSignals(), self.state.today, terms)
        parts: dict[str, Any] = {"next": "", "notice": "", "problem": None, "switched": (), "shown": (), "silent": ()}
        parts |= dict.fromkeys(("request", "session", "g"), Nothing()) | {"signed_in": signed_in}
        with in_locale(locale):
            return (
                self.render("banner.html", nobody, **parts, explanation=None),
                self.render("preferences.html", nobody, **parts, explanation=None),
            )

    # -- inside ----------------------------------------------------------------------------------------------------

    def _remembers(self, template: str) -> bool:
        """Tell whether nothing but its key decides what a fragment says: no template and no text of the site's own."""
        return not self._app.debug and self._has_plain_texts and self.templates.is_ours(template)

    @cached_property
    def _has_plain_texts(self) -> bool:
        """Whether each declared text is the same in one locale; lazy ones are, where Flask-Babel chooses the locale."""
        registry = self.state.registry
        texts = [text for group in registry.categories for text in (group.title, group.summary, group.refusal)]
        texts += [service.name for service in registry.services.values()]
        return all(isinstance(text, str) for text in texts) or not has_one_locale(self._app)

    def _values(self, decision: Decision | None) -> dict[str, Any]:
        locale = page_locale(self._app)
        if decision is None:
            return self._standing(locale, self._urls() if has_request_context() else None)
        return dict(self.context(decision, locale, signed_in=get_visit(self.state).is_signed_in).values)

    def _render_fragment(self, template: str, context: PageContext, *parts: tuple[str, Hashable]) -> Piece:
        return Piece.of(self.templates.get(template).render({**context.values, **HOLES, **dict(parts)}))

    def _make_context(self, decision: Decision, locale: str, urls: Urls, signed_in: bool) -> PageContext:
        standing = self._standing(locale, urls)
        values = standing | {
            "decision": decision,
            "consent": decision.consent,
            "terms": decision.terms,
            "signed_in": signed_in,
            "notice": self.notice_digest(standing["locale"], Audience(decision.terms, signed_in)),
            "needed": " ".join(name for name in sorted(decision.allowed) if name in self._needed),
            "allowed": " ".join(name for name in sorted(decision.allowed) if name not in self._needed),
            "tags": tags(decision),
            "absent": absent(decision),
            "removals": removals(decision),
            "forgotten": forgotten(decision, self.state.cookies if self.state.shares else None),
        }
        return PageContext(decision, locale, urls, values, has_one_locale(self._app))

    def _standing(self, locale: str, urls: Urls | None) -> dict[str, Any]:
        words = language(locale)
        return {
            "_": words.text,
            "words": words,
            "locale": words.locale,
            "iso_duration": iso_duration,
            "registry": self.state.registry,
            "registry_purposes": PURPOSES,
            "registry_embeds": EMBEDS,
            "registry_refusals": REFUSALS,
            "settings": self.state.settings,
            "urls": urls,
            "url_for": url_for,
            # What some pages leave out, for sites whose templates are strict about names.
            "token": "",
            "opened": False,
            "absent_cookies": (),
            "regions": (),
            "leftovers": (),
            "nonce": "",
            "explanation": None,
            "is_shared": False,
            "nobody": self.state.nobody.digest if self.state.shares else "",
            "was_withdrawn": False,
            "was_removed": False,
            "signed_in": False,
            "keeps_with_account": self.state.people() is not None,
        }

    def _explanation(self, decision: Decision) -> Explanation:
        visit = get_visit(self.state)
        return explain(
            self.state.cookies,
            decision,
            [name for name, _ in visit.cookies],
            host=request.host,
            path=request.script_root + request.path,
            secure=request.is_secure,
            dropped=visit.last_dropped.get(request.endpoint or "", ()),
        )

    def _digest(self, locale: str, audience: Audience) -> str:
        return digest(self._snapshot(locale, audience))

    def _notice(self, locale: str, audience: Audience) -> Notice:
        text = self._snapshot(locale, audience)
        version = self.state.registry.policy_version
        html = "\n".join(self.shown(locale, audience))
        return Notice(digest=digest(text), locale=locale, policy_version=version, snapshot=text, html=html)

    def _snapshot(self, locale: str, audience: Audience) -> str:
        words = language(locale)
        sources = {name: self.templates.digest(name) for name in SHOWN}
        sources |= {"fcc.css": digest_of("fcc.css"), "banner_style": self.state.settings.banner_style}
        with in_locale(locale):  # for the lazy texts of the site
            shown = snapshot(
                self.state.registry,
                locale=locale,
                texts=words.digest,
                templates=sources,
                translate=words.text,
                cookie_domain=self.state.settings.cookie_domain,
                audience=audience,
                scopes=self.state.settings.scopes.named,
            )
        return canonical(shown)


def get_renderer() -> Renderer:
    """Return the renderer of the current app."""
    return cast(Renderer, current_app.extensions["cookieconsent.renderer"])
