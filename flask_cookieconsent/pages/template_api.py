"""The one Jinja object `cookieconsent`: what templates of a site put into their pages."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote

from flask import Flask, has_request_context, request, url_for
from markupsafe import Markup, escape
from werkzeug.urls import iri_to_uri

from flask_cookieconsent.choice.form import LONGEST_NEXT
from flask_cookieconsent.core.decision import Signals
from flask_cookieconsent.core.defaults import EMBEDS, PURPOSES, REFUSALS
from flask_cookieconsent.core.notices import Notice, canonical, digest, snapshot
from flask_cookieconsent.core.services import Frame, Widget
from flask_cookieconsent.embeds.lookup import find_embed, local_poster
from flask_cookieconsent.embeds.share import NETWORKS, share_link
from flask_cookieconsent.errors import EmbedError
from flask_cookieconsent.http.explain import Explanation, explain
from flask_cookieconsent.http.request import CurrentConsent, get_current, get_edge
from flask_cookieconsent.i18n import in_locale, iso_duration, language, page_locale
from flask_cookieconsent.state import State

from .loaders import forgotten, loader_data, removals, tags
from .resources import Templates, digest_of

#: The templates in which a visitor is asked, told or answered; their sources are part of every notice.
SHOWN = (
    *("banner.html", "preferences.html", "services.html", "service_details.html", "cookie_table.html"),
    *("placeholder.html", "needed.html", "embed_about.html", "link.html"),
)

#: The templates whose output is remembered, and what they include.
REMEMBERED = ("head.html", "tag.html", "banner.html", "saved.html", "link.html", "hidden_fields.html")

# Stand-ins that a remembered fragment keeps for what differs from request to request.
_NEXT, _NONCE = "fcc-next-stand-in", "fcc-nonce-stand-in"

# A widget further down the page needs the nonce that the page gave to its head.
_PAGE_NONCE = "fcc.nonce"

# RFC 3986, section 3.3: what a path may hold as it is.
_SAFE_IN_PATH = "/:@!$&'()*+,;=~"


_CHECK_ATTRIBUTE = re.compile(r' data-check="[^"]*"')


_NONCE_ATTRIBUTE = re.compile(rf' nonce="{_NONCE}"')


class CookieConsentHelper:
    """What templates call as `cookieconsent`; it holds nothing of any request.

    Pieces that are the same for every visitor with the same choices are rendered once and remembered, but never when
    the site has overridden a template: such a template may say something about the visitor.
    """

    def __init__(self, app: Flask, state: State) -> None:
        self._app = app
        self._state = state
        self._templates = Templates(app)
        self._remembered = lru_cache(maxsize=512)(self._render_fragment)
        self._digests = lru_cache(maxsize=64)(self._digest)
        self._notices = lru_cache(maxsize=64)(self._notice)

    # -- what templates use --------------------------------------------------------------------------------------

    def allows(self, name: str) -> bool:
        """Tell whether a service, or every service of a category, is allowed for this visitor."""
        return get_current(self._state).allows(name)

    def head(self, nonce: str | None = None) -> Markup:
        """Return the stylesheet, the tags of allowed services and the script that makes choosing smoother."""
        current = get_current(self._state)
        if current.decision.hosts:
            get_edge(self._state).shows_granted = True
        html = self._fragment("head.html", current)
        request.environ[_PAGE_NONCE] = nonce or ""
        if request.method not in ("GET", "HEAD"):
            html = _CHECK_ATTRIBUTE.sub("", html)  # whoever looked again would send the form again
        if nonce is None:
            return Markup(_NONCE_ATTRIBUTE.sub("", html))
        return Markup(html.replace(_NONCE, str(escape(nonce))))

    def banner(self) -> Markup:
        """Return the banner where the visitor has to be asked, the signal's line where it has answered, or nothing."""
        current = get_current(self._state)
        if request.blueprint == "cookieconsent" and request.endpoint != "cookieconsent.policy":
            return Markup("")
        return self._with_next(self._fragment("banner.html", current))

    def link(self) -> Markup:
        """Return the link to the preferences and, while anything is granted, the button that withdraws it."""
        return self._with_next(self._fragment("link.html", get_current(self._state)))

    def embed(
        self, service_or_url: str, reference: str | None = None, *, title: str, poster: str | None = None
    ) -> Markup:
        """Return third-party content where it is allowed, and its placeholder where it is not (A9).

        *service_or_url* is an address as people paste it, or the id of a service with *reference*, the id or address
        of the content; a captcha or a payment form is the same everywhere and needs none. *title* tells a visitor
        what it is, before and after it is loaded. *poster* is a picture of this site for the placeholder, given by
        its path or address; one from elsewhere would be asked for before anybody has chosen.

        :raises EmbedError: if no declared service knows the address, the title is missing, or the poster is not ours.
        """
        service, found = find_embed(self._state.registry.services, service_or_url, reference)
        if not title.strip():
            raise EmbedError(f"embed {service.id!r}: the title is empty; say in a few words what is shown")
        picture = local_poster(poster, request.host) if poster else ""
        current = get_current(self._state)
        # A page may show one video twice, but each has an address of its own, and its frame a name.
        place = request.environ["fcc.place"] = request.environ.get("fcc.place", 0) + 1
        context: dict[str, Any] = {"service": service, "frame": found, "title": title, "place": place}
        if current.allows(service.id):
            if isinstance(found, Frame):
                return Markup(self._render("embed.html", current, **context))
            tag, nonce = loader_data(service, found.tag, current.decision), request.environ.get(_PAGE_NONCE, "")
            return Markup(self._render("widget.html", current, **context, tag=tag, nonce=nonce))
        if isinstance(found, Widget) and found.in_form:
            return Markup(self._render("needed.html", current, **context))
        get_edge(self._state).needs = ("frame-src", "form-action")
        return Markup(self._render("placeholder.html", current, **context, poster=picture, next=self._next()))

    def share(self, network: str, url: str | None = None, title: str = "") -> Markup:
        """Return a plain link that shares a page, this one by default, and loads nothing from the network.

        :raises ValueError: if the network is unknown or the address is not one of the web.
        """
        return Markup(self._render("share.html", None, icon="", **self._shared(network, url, title)))

    def share_links(self, *networks: str, url: str | None = None, title: str = "") -> Markup:
        """Return a list of such links with icons of ours, on every network unless some are named.

        To a Content-Security-Policy the icons are images of the site itself: `img-src 'self'`.

        :raises ValueError: as `share` does.
        """
        found = [self._shared(each, url, title) for each in networks or NETWORKS]
        return Markup(self._render("share_links.html", None, links=found))

    def _shared(self, network: str, url: str | None, title: str) -> dict[str, str]:
        address = share_link(network, url or iri_to_uri(request.base_url), title)
        return {"network": network, "name": NETWORKS[network][0], "address": address}

    # -- what the views use --------------------------------------------------------------------------------------

    def page(self, template: str, title: str, current: CurrentConsent, **context: Any) -> str:
        """Return a whole page of ours, inside the site's layout, with the site's context processors.

        The layout gets one name from us, so that every other means there what it means on the site's own pages.
        """
        ours = self._context(current) | context
        self._app.update_template_context(ours)
        content = Markup(self._templates.get(template).render(ours))
        words = language(page_locale())
        base = self._state.settings.base_template
        page = {"base_template": base, "title": words.text(title), "content": content, "words": words}
        theirs: dict[str, Any] = {"fcc_page": page}
        self._app.update_template_context(theirs)
        return self._templates.get("page.html").render(theirs)

    def standalone(self, template: str, current: CurrentConsent | None, **context: Any) -> str:
        """Return a page of ours that is not inside the site's layout."""
        return self._render(template, current, **context)

    def saved(self, after: CurrentConsent) -> str:
        """Return the word that a choice is saved, for a page that is not read again."""
        return self._render("saved.html", after)

    def notice_digest(self, locale: str) -> str:
        """Return the digest of what a visitor is shown in a language."""
        make = self._digest if self._app.debug else self._digests
        return make(language(locale).locale)

    def notice(self, locale: str) -> Notice:
        """Return all that a visitor is shown in a language, to be kept with the first event that answers it (F2)."""
        make = self._notice if self._app.debug else self._notices
        return make(language(locale).locale)

    def shown(self, locale: str) -> tuple[str, str]:
        """Return the banner and the preferences as somebody meets them who has not chosen."""
        nobody = CurrentConsent(self._state, None, Signals())
        parts = {"next": "", "token": "", "notice": "", "problem": "", "switched": (), "shown": (), "explanation": None}
        with in_locale(locale):
            return self._render("banner.html", nobody, **parts), self._render("preferences.html", nobody, **parts)

    def state_digest(self, current: CurrentConsent) -> str:
        """Return a short word that differs where the choices do; the same for everybody who has chosen the same."""
        text, signals, _ = current.key
        return hashlib.sha256(f"{text} {signals}".encode()).hexdigest()[:16]

    # -- inside --------------------------------------------------------------------------------------------------

    @cached_property
    def _is_overridden(self) -> bool:
        return self._templates.is_overridden(*REMEMBERED)

    def _fragment(self, template: str, current: CurrentConsent) -> str:
        if self._is_overridden or self._app.debug:
            return self._render(template, current, next=_NEXT, nonce=_NONCE)
        # Nothing but these decides how one of our own templates comes out.
        return self._remembered(template, current.key, page_locale(), request.script_root, self._links())

    def _links(self) -> tuple[str, ...]:
        # Only an app with several hosts, or with values of the request in its addresses, has other links elsewhere.
        app = self._app
        if not (app.url_default_functions or app.subdomain_matching or app.url_map.host_matching):
            return ()
        return tuple(url_for(f"cookieconsent.{each}") for each in ("preferences", "policy", "choice"))

    def _render_fragment(self, template: str, *key: Any) -> str:
        return self._render(template, get_current(self._state), next=_NEXT, nonce=_NONCE)

    def _render(self, template: str, current: CurrentConsent | None, **context: Any) -> str:
        return self._templates.get(template).render(self._context(current) | context)

    def _context(self, current: CurrentConsent | None) -> dict[str, Any]:
        words = language(page_locale())
        values = {
            "_": words.text,
            "words": words,
            "iso_duration": iso_duration,
            "registry": self._state.registry,
            "registry_purposes": PURPOSES,
            "registry_embeds": EMBEDS,
            "registry_refusals": REFUSALS,
            "settings": self._state.settings,
            "url_for": url_for,
            # What some pages leave out, for sites whose templates are strict about names.
            "token": "",
            "opened": False,
        }
        if current is not None:
            values |= {
                "decision": current.decision,
                "consent": current.consent,
                "locale": words.locale,
                "notice": self.notice_digest(words.locale),
                "tags": tags(current.decision),
                "removals": removals(current.decision),
                "forgotten": forgotten(current.decision),
                "state": self.state_digest(current),
                "explanation": self._explanation(current) if self._app.debug and has_request_context() else None,
            }
        return values

    def _explanation(self, current: CurrentConsent) -> Explanation:
        return explain(
            self._state.cookies,
            current.decision,
            [name for name, _ in get_edge(self._state).pairs],
            host=request.host,
            path=request.script_root + request.path,
            secure=request.is_secure,
            dropped=self._state.dropped.get(request.endpoint or "", ()),
        )

    def _digest(self, locale: str) -> str:
        return digest(self._snapshot(locale))

    def _notice(self, locale: str) -> Notice:
        found = self._snapshot(locale)
        version = self._state.registry.policy_version
        html = "\n".join(self.shown(locale))
        return Notice(digest=digest(found), locale=locale, policy_version=version, snapshot=found, html=html)

    def _snapshot(self, locale: str) -> str:
        words = language(locale)
        sources = {name: self._templates.digest(name) for name in SHOWN}
        sources |= {"fcc.css": digest_of("fcc.css"), "look": self._state.settings.banner_style}
        with in_locale(locale):  # for the lazy texts of the site
            found = snapshot(
                self._state.registry, locale=locale, texts=words.digest, templates=sources, translate=words.text
            )
        return canonical(found)

    def _with_next(self, html: str) -> Markup:
        if _NEXT not in html:
            return Markup(html)
        edge = get_edge(self._state)  # the form posts to this site, whatever the policy of the page says
        edge.needs = edge.needs or ("form-action",)
        return Markup(html.replace(_NEXT, str(escape(self._next()))))

    def _next(self) -> str:
        # The answer to a POST has no address of its own to return to.
        if request.method not in ("GET", "HEAD"):
            return url_for("cookieconsent.preferences")
        path = quote(request.script_root + request.path, safe=_SAFE_IN_PATH)
        query = quote(request.query_string, safe=_SAFE_IN_PATH + "%?")
        address = path + ("?" + query if query else "")
        return address if len(address) <= LONGEST_NEXT else url_for("cookieconsent.preferences")
