"""The Jinja object `cookieconsent`: what templates of a site put into their pages, and outside a request into mail."""

from __future__ import annotations

from typing import Any

from flask import Flask, has_request_context, request, url_for
from jinja2 import Environment
from markupsafe import Markup
from werkzeug.routing import BuildError
from werkzeug.urls import iri_to_uri

from flask_cookieconsent.core.decision import OptOutSignals
from flask_cookieconsent.embeds.lookup import local_poster
from flask_cookieconsent.embeds.pasted_text import address_in, is_blank
from flask_cookieconsent.embeds.segments import NotShown
from flask_cookieconsent.embeds.share import NETWORKS, is_address, share_address, share_link
from flask_cookieconsent.embeds.targets import Target, read_target
from flask_cookieconsent.errors import EmbedError
from flask_cookieconsent.http.own_hosts import OwnHosts
from flask_cookieconsent.http.request import Visit, get_visit
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.locales import page_locale
from flask_cookieconsent.state import State

from .embed import is_readable, render_embed, render_not_shown, render_plain, usual_title
from .forms import next_of, render_forms
from .fragments import bounded, fill
from .refused_values import RefusedValues
from .renderer import PageContext, Renderer
from .stored_filter import StoredContent


class TemplateApi:
    """What templates call as `cookieconsent`; every call asks about the visitor of the present request.

    Outside a request there is nobody to ask: no banner, no tags, and embeds are a title and a link.
    """

    def __init__(self, app: Flask, state: State, renderer: Renderer) -> None:
        self._own = OwnHosts.of(app.config, state.settings)
        self._state = state
        self._renderer = renderer
        self._refused = RefusedValues(app)
        self._prefix = state.settings.url_prefix.fixed

    def allows(self, name: str) -> bool:
        """Tell whether a service, or every service of a category, is allowed for this visitor.

        :raises LookupError: if the site declares nothing of that name.
        """
        return get_visit(self._state).allows(name)

    def head(self, nonce: str | None = None) -> Markup:
        """Return the stylesheet, the tags of allowed services and the script that makes choosing smoother.

        *nonce* is the one of the app's own Content-Security-Policy, for every script of this page. Outside a request
        there is nothing to style and nobody to load a tag for, and the result is empty.
        """
        if not has_request_context():
            return Markup("")
        visit = get_visit(self._state)
        visit.show()
        context = self._renderer.context_of(visit)
        if context.decision.hosts:
            visit.shows_granted = True
        # Whoever looked again at the answer to a POST would send the form again.
        parts = {"rechecks": visit.reads, "is_shared": visit.is_shared}
        if nonce:
            visit.nonce = nonce
            piece = self._renderer.piece("head.html", context, **parts)
            return self._bounded("head", fill(piece.text, nonce=nonce), visit)
        piece = self._renderer.piece("head.html", context, **parts, nonce="")
        return self._bounded("head", piece.html, visit)

    def cache_key(self) -> str:
        """Return a short key for caches of fragments, such as `{% cache 60, "films", cookieconsent.cache_key() %}`."""
        return cache_key()

    def banner(self) -> Markup:
        """Return the banner where the visitor has to be asked, the signal's line where it has answered, or nothing."""
        if not has_request_context():
            return Markup("")
        visit = get_visit(self._state)
        is_below = self._prefix in visit.path
        if is_below and request.blueprint == "cookieconsent" and request.endpoint != "cookieconsent.policy":
            visit.consulted = True
            return self._adopted(visit)
        html, context = self._piece("banner.html", visit)
        if visit.is_shared:
            html = self._waiting(html, context)
        if context.decision.asks and not visit.has_form:
            html += render_forms(self._renderer, visit, context, posts=True)
        return self._bounded("banner", self._adopted(visit) + html, visit)

    def link(self) -> Markup:
        """Return the link to the preferences and, while anything is granted, the button that withdraws it.

        With it come the forms that the placeholders above it post with. Outside a request it is a plain link to
        that page, or nothing where Flask can build no external URL (`SERVER_NAME`).
        """
        if not has_request_context():
            return self._plain_link()
        visit = get_visit(self._state)
        html, context = self._piece("link.html", visit)
        if context.decision.registry.optional and not visit.has_form:
            posts = bool(context.decision.grants or visit.places) or visit.is_shared
            html += render_forms(self._renderer, visit, context, posts=posts)
        visit.has_link = True
        return self._bounded("link", html + Markup("").join(visit.load_forms) if visit.load_forms else html, visit)

    def embed(
        self,
        service_or_url: Any,
        reference: Any = None,
        *,
        title: Any,
        poster: Any = None,
        plain: bool = False,
    ) -> Markup:
        """Return third-party content where it is allowed, and its placeholder where it is not (A9).

        *service_or_url* is an address or the code of a frame as people paste it, or the id of a service with
        *reference*, the id or address of the content; a captcha or a payment form is the same everywhere and needs
        none. *title* tells a visitor what it is, before and after it is loaded. *poster* is a picture of this site for
        the placeholder, given by its path or address; one from elsewhere would be asked for before anybody has chosen.
        With *plain*, and outside a request, the result is the title and a link, the same for everybody.

        What is not known is not loaded, and there is nothing to press that would load it: a link stands in its place,
        nothing where the value is blank. `RefusedValues` has the rule for what is raised, and when.

        :raises EmbedError: in debug mode and tests, if no declared service knows the address, the title is empty, or
            the poster is not ours.
        """
        # Fields of editors hold anything, and lazy strings are none yet.
        given = "" if service_or_url is None else str(service_or_url)
        named = None if reference is None else str(reference)
        is_plain = plain or not has_request_context()
        try:
            embed = self._state.embeds.find(given, named)
        except EmbedError as error:
            self._refused.tell(error)
            pasted = self._state.embeds.pasted(given, named)
            return self._unknown(pasted, given, title, is_plain=is_plain)
        if not is_readable(title):
            name = embed.service.id
            self._refused.tell(EmbedError(f"embed {name!r}: the title is empty; say in a few words what is shown"))
            title = usual_title(embed.service)
        if is_plain:
            return render_plain(self._renderer, title, embed.content.link)
        picture = self._own_picture(str(poster)) if poster else ""
        return render_embed(self._state, self._renderer, embed, title=title, poster=picture)

    def share(self, network: str, url: str | None = None, title: str = "") -> Markup:
        """Return a plain link that shares a page, this one by default, and loads nothing from the network.

        :raises ValueError: if the network is unknown or the address is not one of the web.
        """
        link = _share_link(network, url, title)
        return Markup(self._renderer.render("share.html", None, icon="", **link))

    def share_links(self, *networks: str, url: str | None = None, title: str = "") -> Markup:
        """Return a list of such links with icons of ours, on every network unless some are named.

        To a Content-Security-Policy the icons are images of the site itself: `img-src 'self'`.

        :raises ValueError: as `share` does.
        """
        links = [_share_link(network, url, title) for network in networks or NETWORKS]
        return Markup(self._renderer.render("share_links.html", None, links=links))

    def _bounded(self, name: str, html: Markup, visit: Visit) -> Markup:
        return bounded(name, html, key=self._state.piece_keys[0], made=visit.made)

    def _adopted(self, visit: Visit) -> Markup:
        """Return the line that tells, once, of a choice that was made on another device."""
        if not visit.is_adopted or visit.is_shared:
            return Markup("")
        return self._renderer.piece("adopted.html", self._renderer.context_of(visit)).html

    def _waiting(self, banner: Markup, context: PageContext) -> Markup:
        """Return a banner, and the line of a signal, that stay hidden: the browser alone knows whom it is to ask."""
        html = Markup(f'<div class="fcc-waiting" hidden>{banner}</div>')
        signalled = self._state.decide(None, OptOutSignals(gpc=True), self._state.today, context.decision.terms)
        if signalled.is_answered_by_signal:
            line = self._renderer.piece("banner.html", self._renderer.context(signalled, context.locale)).html
            html += Markup(f'<div class="fcc-waiting fcc-signalled" hidden>{line}</div>')
        return html

    def _own_picture(self, poster: str) -> str:
        try:
            return local_poster(poster, {*self._own.named, request.host.lower()})
        except EmbedError as error:
            self._refused.tell(error)
            return ""

    def _unknown(self, pasted: str, service: str, title: Any, *, is_plain: bool) -> Markup:
        """Return what stands in the place of a text that nobody knows: who would be contacted, and a link, or nothing.

        What a declared *service* refuses, or one that has its host, cannot be shown: that the site has not declared it
        would be untrue.
        """
        if is_blank(pasted):
            return Markup("")
        target = read_target(address_in(pasted) or "", {*self._own.named, self._own.present()}) or Target()
        content = NotShown(target.address, target.host, self._state.embeds.is_declared(target))
        named = self._state.registry.services.get(service)
        if named and not target.address:
            content = NotShown(host=page_language().text(named.name), is_declared=True)
        title = title if is_readable(title) else ""
        return render_not_shown(self._state, self._renderer, content, title=title, is_plain=is_plain)

    def _plain_link(self) -> Markup:
        page = "preferences" if self._state.registry.optional else "policy"
        try:
            address = url_for(f"cookieconsent.{page}", _external=True)
        except (RuntimeError, BuildError):
            return Markup("")
        return Markup(self._renderer.render("plain_link.html", None, address=address))

    def _piece(self, template: str, visit: Visit) -> tuple[Markup, PageContext]:
        visit.show()
        context = self._renderer.context_of(visit)
        piece = context.pieces.get(template) or self._renderer.piece(template, context)
        # A template of the site's own may have a form of its own.
        return fill(piece.text, next=next_of(visit, context)) if piece.leads_back else piece.html, context


def cache_key() -> str:
    """Return what pieces of a page depend on: the digest of the present decision, and the page's language."""
    visit = get_visit()
    return f"{visit.consult().digest}-{page_locale()}{'-account' if visit.is_signed_in else ''}"


def _share_link(network: str, url: str | None, title: str) -> dict[str, str]:
    if url is None:
        if not has_request_context():
            raise ValueError("url: found none outside a request, wanted the address of the page to share")
        address = share_address(network, _present_address(), title)
    else:
        address = share_link(network, url, title)
    return {"network": network, "name": NETWORKS[network][0], "address": address}


def _present_address() -> str:
    """Return the URL of the present page; its path alone where the `Host` header is no host, which a client writes."""
    path = iri_to_uri(request.script_root + request.path)
    address = f"{request.scheme}://{request.host}{path}"
    return address if is_address(address) else path


def prepare_templates(app: Flask, api: TemplateApi, content: StoredContent) -> None:
    """Put our object and our filter into the Jinja environment as soon as there is one.

    Flask makes it when it is first asked for, and what the app says about it later is not heard.
    """

    def prepare(environment: Environment) -> Environment:
        environment.globals["cookieconsent"] = api
        environment.filters["cookieconsent_embeds"] = content.filter
        return environment

    if "jinja_env" in vars(app):
        prepare(app.jinja_env)
        return
    make = app.create_jinja_environment
    app.create_jinja_environment = lambda: prepare(make())  # type: ignore[method-assign,assignment,return-value]
