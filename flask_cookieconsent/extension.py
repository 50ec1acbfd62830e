"""The Flask extension object: `init_app` for any number of apps (application factory), one frozen state for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from functools import partial, wraps
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask, request

from flask_cookieconsent.api.routes import add_interface
from flask_cookieconsent.choice.codes import Codes
from flask_cookieconsent.choice.people_hooks import PeopleHooks
from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.choice.same_origin import Evidence, evidence
from flask_cookieconsent.core.choices_cookie import ChoicesCookie
from flask_cookieconsent.core.consent import LONGEST_TEXT, Codec
from flask_cookieconsent.core.fitting import longest_text
from flask_cookieconsent.core.kept_choice import KeptCodec
from flask_cookieconsent.core.own_service import own_service
from flask_cookieconsent.core.registry import Registry, build, with_framework
from flask_cookieconsent.core.services import Category, Service
from flask_cookieconsent.core.signing import derived
from flask_cookieconsent.http.explain import tell_domain, tell_long_retention, tell_ungrantable
from flask_cookieconsent.http.framework import framework_cookies
from flask_cookieconsent.http.middleware import ConsentMiddleware, hide
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.log.events import EventFactory, Keys, SampleEvent
from flask_cookieconsent.log.opening import open_log, spool_folder
from flask_cookieconsent.pages.blueprint import create_routes, own_pages, refuse_collisions
from flask_cookieconsent.pages.feeds import Feeds
from flask_cookieconsent.pages.guards import exempt_from_csrf, refuse_unguarded, tell_guards
from flask_cookieconsent.pages.kept_pages import KeptPages
from flask_cookieconsent.pages.layout import refuse_layout
from flask_cookieconsent.pages.policy import refuse_unnamed_controller
from flask_cookieconsent.pages.renderer import Renderer
from flask_cookieconsent.pages.stored_filter import StoredContent
from flask_cookieconsent.pages.template_api import TemplateApi, cache_key, prepare_templates

from .cli import commands
from .errors import RegistryError, SetupError
from .locales import LocaleSelector, initialise_flask_babel
from .settings import Settings, read
from .signals import call
from .state import People, State, get_state, secret_keys

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

    from flask_cookieconsent.log.database import DatabaseLog
    from flask_cookieconsent.log.models import Models

View = TypeVar("View", bound=Callable[..., Any])
Guard = TypeVar("Guard", bound=Callable[[], bool | Awaitable[bool]])
_utc_now = partial(datetime.now, UTC)


class CookieConsent(PeopleHooks):
    """The cookie consent of one or several Flask apps.

    `db` is the app's own Flask-SQLAlchemy; without one, events go to the logger `flask_cookieconsent.events`.
    `services` are those that every app has; `init_app` may add others. `categories` replaces the default five.
    `locale` returns the locale of the present page, such as `de`, where Flask-Babel does not. `clock` returns the
    present moment in UTC, and `timer` seconds that never go back, for tests and simulations. `user` returns the user
    who is signed in, None for nobody; Flask-Login is asked where it is set up.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        db: SQLAlchemy | None = None,
        services: Iterable[Service] = (),
        categories: Iterable[Category] | None = None,
        locale: LocaleSelector | None = None,
        user: Callable[[], Any] | None = None,
        clock: Callable[[], datetime] = _utc_now,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(user, db)
        self._db = db
        self._locale = locale
        self._services = tuple(services)
        self._categories = None if categories is None else tuple(categories)
        self._report_guard: Callable[[], bool | Awaitable[bool]] | None = None
        self._guarded: list[tuple[Callable[..., Any], Callable[..., Any]]] = []
        self._clock, self._timer = clock, timer
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, *, services: Iterable[Service] = ()) -> None:
        """Set the extension up for an app, with services of its own besides those that every app has.

        Configuration is read here, once.

        :raises SettingsError: with every wrong `COOKIECONSENT_` setting.
        :raises RegistryError: with every mistake of the declaration.
        :raises SetupError: if the app already has the extension, or a route of its own under the prefix.
        """
        if "cookieconsent" in app.extensions:
            raise SetupError("this app already has cookie consent; call init_app once for each app")
        settings = read(app.config)
        registry = self._registry((*self._services, *services), settings)
        with_framework(registry, framework_cookies(app))  # raises now what is known now
        tell_ungrantable(registry)
        tell_domain(ChoicesCookie(settings.choices_name, settings.cookie_domain), app.config.get("SERVER_NAME"))
        tell_long_retention(settings)
        state = _state(
            app, settings, registry, self._clock, self._timer, self._db, lambda: self._report_guard, self._people
        )
        renderer = Renderer(app, state)
        app.extensions |= {
            "cookieconsent": self,
            "cookieconsent.state": state,
            "cookieconsent.renderer": renderer,
        }
        if self._locale is not None:
            app.extensions["cookieconsent.locale"] = self._locale
        refuse_collisions(app, settings)
        _hide_refused(app, state)
        routes = create_routes(app, settings, renderer)
        add_interface(routes, renderer, Codes.of(app, state, spool_folder(app, settings)))
        blueprint = routes.blueprint
        tell_guards(blueprint)
        app.register_blueprint(blueprint)
        api = TemplateApi(app, state, renderer)
        prepare_templates(app, api, StoredContent(app, state, renderer))
        app.cli.add_command(commands)

        def complete() -> None:
            # Routes, CSRFProtect and Flask-Babel may have come after init_app.
            initialise_flask_babel(app)
            refuse_collisions(app, settings)
            refuse_unguarded(app, self._guarded)
            refuse_layout(renderer.templates, settings.base_template)
            refuse_unnamed_controller(app, state)
            exempt_from_csrf(app, blueprint)
            self._follow_people(app, state)
            # Flask asks the last one first, and the others may compress what these read.
            feeds, kept = Feeds(state), KeptPages(app, state, renderer, api)
            app.after_request_funcs.setdefault(None, []).append(lambda response: feeds.check(kept.check(response)))

        report_to = settings.url_prefix.fixed + "/violations"
        app.wsgi_app = ConsentMiddleware(app, state, complete, report_to=report_to)  # type: ignore[method-assign]

    def _registry(self, services: tuple[Service, ...], settings: Settings) -> Registry:
        registry = build(
            (own_service(settings.url_prefix.receipt_paths[0], settings.choices_name, settings.holds), *services),
            self._categories,
            policy_version=settings.policy_version,
            validity=settings.holds,
            exempt=settings.exempt or (),
        )
        length = longest_text(registry)
        if length > LONGEST_TEXT:
            excess = f"{len(registry.optional)} services need a cookie of {length} characters"
            raise RegistryError([f"{excess}; wanted at most {LONGEST_TEXT}: shorten their ids, or merge services"])
        return registry

    def requires(self, name: str) -> Callable[[View], View]:
        """Return a decorator for views that only work once a service, or a whole category, is allowed.

        Others get a page that leads to that switch of the preferences, or JSON where it was asked for: status 403.
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                if get_visit().allows(name):
                    return call(view, *args, **kwargs)
                return own_pages().problem(Problem.NEEDED, service=name)

            self._guarded.append((view, guarded))
            return cast(View, guarded)

        return decorate

    def cache_key(self) -> str:
        """Return a short key for caches of rendered pages and fragments: the same where a page looks the same.

        It holds the present visitor's decision and the language of the page, of neither more than all have in common
        who chose the same on the same day.
        """
        return cache_key()

    def is_own_request(self) -> bool:
        """Tell whether the present request is for one of the extension's pages, so that a login guard lets it pass."""
        return request.blueprint == "cookieconsent"

    def is_same_origin(self) -> bool:
        """Tell whether the browser says that a page of this very site sent the present request.

        It asks `Sec-Fetch-Site`, then `Origin`, then `Referer` (Fetch Metadata), so it needs no token and no session;
        origins in `COOKIECONSENT_TRUSTED_ORIGINS` count as the site. Where nothing is said the answer is no.
        """
        trusted = get_state().settings.trusted_origins
        return evidence(request.headers, request.host, trusted) is Evidence.SAME_SITE

    def report_guard(self, guard: Guard) -> Guard:
        """Register the function that tells whether whoever sent the present request may see the report.

        Use it as a decorator, `async def` or not; until there is one, the report does not exist (404), and where it
        returns anything but `True` the answer is 403.
        """
        self._report_guard = guard
        return guard

    @property
    def models(self) -> Models:
        """The models of the log on the `db`: `Event`, `Notice`, `Seal`, `DailyCount` and `Violation`, to query.

        :raises SetupError: if the extension was given no `db`.
        """
        db = self._needed_db()
        # Imported here: an app without a database needs no SQLAlchemy.
        from flask_cookieconsent.log.models import Models

        return Models.of(db)

    def create_tables(self) -> None:
        """Create the tables of the log where they do not exist yet; needs an app context.

        :raises SetupError: if the extension was given no `db`.
        """
        db = self._needed_db()
        # Imported here: an app without a database needs no SQLAlchemy.
        from flask_cookieconsent.log.tables import create_tables

        create_tables(db)

    def add_samples(self, samples: Iterable[SampleEvent]) -> int:
        """Insert invented events into the log of the current app, once (idempotent), and return how many.

        They have the scope `"sample"`, so that no report counts them. Needs an app context.

        :raises SetupError: if the extension was given no `db`.
        """
        self._needed_db()
        return cast("DatabaseLog", get_state().log).add_samples(samples)

    def _needed_db(self) -> SQLAlchemy:
        if self._db is None:
            raise SetupError("cookie consent has no database: found db=None, wanted CookieConsent(db=SQLAlchemy())")
        return self._db


def _hide_refused(app: Flask, state: State) -> None:
    """Let the app see a request only after the cookies that it may not read are gone from it (A10).

    A WSGI middleware would be too early: a proxy's word that the visitor came over HTTPS may not be known yet.
    """
    original = app.request_context

    def request_context(environ: dict[str, Any]) -> Any:
        hide(state, environ)
        return original(environ)

    app.request_context = request_context  # type: ignore[method-assign]


def _state(
    app: Flask,
    settings: Settings,
    registry: Registry,
    clock: Callable[[], datetime],
    timer: Callable[[], float],
    db: SQLAlchemy | None,
    report_guard: Callable[[], Callable[[], bool | Awaitable[bool]] | None],
    people: Callable[[], People | None],
) -> State:
    keys = secret_keys(app, settings)
    factory = EventFactory(
        scope=(settings.log_scope or settings.scope or app.name)[:40],
        app_scope=settings.app_scope,
        policy_version=settings.policy_version,
        clock=clock,
        keys=Keys.derive(keys),
        timer=timer,
        validity=registry.validity,
    )
    return State(
        settings=settings,
        declared=registry,
        framework=partial(framework_cookies, app),
        codec=Codec(keys, settings.scopes.of_pages),
        token_codec=Codec(keys, settings.scopes.of_app),
        choices_cookie=ChoicesCookie.of(settings.choices_name, settings.cookie_domain, keys),
        piece_keys=derived(keys, b"flask_cookieconsent.piece"),
        clock=clock,
        log=open_log(app, settings, registry, factory, db),
        log_scopes=factory.scopes,
        report_guard=report_guard,
        people=people,
        kept_codec=KeptCodec(keys),
        environ_key=f"flask_cookieconsent.{id(app)}",
    )
