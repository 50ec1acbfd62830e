"""The extension beside others, before and after them, mounted, and at start-up."""

from __future__ import annotations

import re
import threading
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Blueprint, Flask, render_template_string, session
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from flask_cookieconsent import Category, CookieConsent, RegistryError, SettingsError, SetupError, current_consent
from flask_cookieconsent.http.middleware import ConsentMiddleware
from flask_cookieconsent.log.tables import create_tables
from flask_cookieconsent.state import get_state
from tests.kit.sites import (
    EVERYTHING,
    FILM,
    SAME_ORIGIN,
    Clock,
    Site,
    cookies_set,
    make_app,
    make_site,
    own,
    paths_set,
    remote_references,
    services,
    soup_of,
)


def walk(site: Site, **options: Any) -> None:
    """Be asked, accept, load one embed, withdraw: nothing set at first, all on, all off, and each step in the log."""
    visitor = site.visitor(**options)
    first = visitor.get("/")
    assert first.headers.getlist("Set-Cookie") == []
    assert remote_references(first.text) == []
    assert visitor.press(first, "Load once").status_code == 200
    assert visitor.press(first, "Accept all").headers["Location"].startswith("/")
    assert visitor.allowed() == EVERYTHING
    site.clock.forward(minutes=1)
    visitor.press(visitor.get("/about"), "Withdraw consent")
    assert visitor.allowed() == set()
    assert [each.kind for each in site.events()] == ["given", "withdrawn"]


def before_and_after(extend: Any, **config: Any) -> list[Site]:
    """Return two sites: one that another extension was added to before this one, and one after."""
    app = make_app(**config)
    extend(app)
    after = make_site(**config)
    extend(after.app)
    return [make_site(app=app), after]


@pytest.mark.smoke
def test_csrf_protect() -> None:
    """B9: under an app-wide CSRFProtect the choice keeps its own check, and the app's forms keep theirs."""
    for site in before_and_after(CSRFProtect):
        walk(site)
        visitor = site.visitor()
        assert visitor.open("/posted", "POST").status_code == 400
        for headers, status in (({"Sec-Fetch-Site": "cross-site"}, 403), ({}, 403)):
            data = {"choice": "accept", "notice": site.digest, "locale": "en"}
            assert visitor.open("/cookies/choice", "POST", data=data, headers=headers).status_code == status


@pytest.mark.smoke
def test_talisman() -> None:
    """A9: a policy of 'self' with a nonce lets the extension's parts in, and blocks none of its forms."""
    for site in before_and_after(
        lambda app: Talisman(app, force_https=False, content_security_policy_nonce_in=["script-src"])
    ):
        walk(site)
        assert "default-src 'self'" in site.visitor().get("/").headers["Content-Security-Policy"]


def test_talisman_sends_to_https() -> None:
    """D1: where Talisman moves everybody to HTTPS, the choice goes along and its cookie has the prefix."""
    site = make_site()
    Talisman(site.app, session_cookie_secure=True)

    assert site.visitor().get("/").status_code == 302
    walk(site, https=True)


@pytest.mark.smoke
def test_babel() -> None:
    """B6: Babel with a selector of its own, before or after."""
    for site in before_and_after(lambda app: Babel(app, locale_selector=lambda: "nl")):
        visitor = site.visitor()
        page = visitor.get("/")
        assert soup_of(page).select_one(".fcc-banner")["lang"] == "nl"
        label = soup_of(page).select_one(".fcc-banner button[value=accept]").text
        assert visitor.press(page, label).status_code == 303
        assert site.events()[0].locale == "nl"


def test_default_locale_without_babel() -> None:
    """B6: without Babel the configured language is used, and one that is no language is English."""
    for locale, lang in (("fr", "fr"), ("xx", "en"), ("", "en"), ("not a locale", "en")):
        page = make_site(BABEL_DEFAULT_LOCALE=locale).visitor().get("/")
        assert soup_of(page).select_one(".fcc-banner")["lang"] == lang


@pytest.mark.parametrize(
    ("config", "prefix"),
    [
        ({"COOKIECONSENT_URL_PREFIX": "/legal/choices"}, "/legal/choices"),
        ({"SERVER_NAME": "localhost"}, "/cookies"),
        ({"APPLICATION_ROOT": "/shop"}, "/cookies"),
        ({"SESSION_COOKIE_PATH": "/shop", "SESSION_COOKIE_DOMAIN": "localhost"}, "/cookies"),
    ],
)
def test_configured_addresses(config: dict[str, str], prefix: str) -> None:
    """Each page, form and cookie follows where the app says it lives."""
    site = make_site(**config)
    visitor = site.visitor()
    page = visitor.get("/")

    answer = visitor.press(page, "Accept all")

    assert soup_of(page).select_one(".fcc-choose")["href"] == f"{prefix}/"
    assert paths_set(answer, "cookieconsent_receipt") == [f"{prefix}/choice", f"{prefix}/api/choice"]
    assert cookies_set(answer)["cookieconsent"]["path"] == "/"
    with visitor.get(f"{prefix}/static/fcc.css") as style:
        assert style.status_code == 200
    assert soup_of(visitor.get(f"{prefix}/policy")).find("code", string="cookieconsent_receipt")


@pytest.mark.parametrize("mount", ["/shop", "/a/b", "/caf%C3%A9"])
def test_mounted(mount: str) -> None:
    """Below a mount every link, form, way back and cookie keeps the mount."""
    site = make_site()
    script_name = unquote(mount).encode().decode("latin-1")  # as WSGI has it
    outer = Client(DispatcherMiddleware(Flask("outer"), {script_name: site.app}))
    page = outer.get(f"{mount}/about", headers=SAME_ORIGIN)
    form = soup_of(page.text).select_one("#fcc-form")
    data = {each["name"]: each["value"] for each in form.select("input")} | {"choice": "accept"}

    answer = outer.post(form["action"], data=data, headers=SAME_ORIGIN)

    assert form["action"] == unquote(f"{mount}/cookies/choice")
    assert answer.headers["Location"] == f"{mount}/about#fcc-saved"
    own = [f"{mount}/cookies/choice", f"{mount}/cookies/api/choice"]
    assert paths_set(answer, "cookieconsent_receipt") == own
    outside = dict(data, next="/about")
    assert (
        outer.post(form["action"], data=outside, headers=SAME_ORIGIN).headers["Location"]
        == f"{mount}/cookies/#fcc-saved"
    )


def test_two_apps_in_one_dispatcher() -> None:
    """Two apps behind one address keep their registries apart, also where one calls the other."""
    shop = make_site(services=[own("cart", "functionality")])
    blog = make_site()
    together = Client(DispatcherMiddleware(shop.app, {"/blog": blog.app}))

    shop.app.jinja_loader.mapping["home.html"] = "{{ cookieconsent.banner() }}"
    assert "Third party cookies" not in together.get("/").text
    assert "Third party cookies" in together.get("/blog/").text
    with shop.app.test_request_context():
        assert not current_consent.allows("cart")
        with pytest.raises(LookupError):
            current_consent.allows("films")


def test_behind_a_proxy() -> None:
    """D1, B9: where TLS ends at a proxy that says so, the cookie is the one for HTTPS and the origin is still ours."""
    site = make_site()
    site.app.wsgi_app = ProxyFix(site.app.wsgi_app, x_proto=1, x_host=1)
    visitor = site.visitor(X_Forwarded_Proto="https", X_Forwarded_Host="www.example.com")

    answer = visitor.choose("accept", headers={"Origin": "https://www.example.com", "Sec-Fetch-Site": ""})

    assert answer.status_code == 303
    assert "__Host-cookieconsent" in cookies_set(answer)


RULES = ["/cookies", "/cookies/", "/cookies/recipes", "/cookies/<kind>", "/cookies/choice"]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("late", [False, True])
def test_colliding_route_is_named(rule: str, late: bool) -> None:
    """A route of the app under the extension's prefix is an error that names it, before init_app and after."""
    app = make_app() if not late else make_site().app
    app.add_url_rule(rule, "recipes", lambda: "")

    with pytest.raises(RuntimeError, match=rf"route '{rule}' \(endpoint 'recipes'\).*COOKIECONSENT_URL_PREFIX"):
        app.test_client().get("/") if late else make_site(app=app)


@pytest.mark.parametrize("rule", ["/cookies-of-the-day", "/<page>", "/<path:page>", "/my/cookies"])
def test_other_routes_are_welcome(rule: str) -> None:
    """A route that merely looks alike, or catches all the rest, is none of the extension's business."""
    app = make_app()
    app.add_url_rule(rule, "other", lambda page="": "other")
    site = make_site(app=app)

    assert site.visitor().get("/cookies/").status_code == 200
    assert site.visitor().choose("reject").status_code == 303


def test_failed_start_leaves_nothing_behind() -> None:
    """Mistakes are told together, and before anything of the app is changed."""
    app = make_app(COOKIECONSENT_URL_PREFIX="cookies", COOKIECONSENT_POLICY_DATE="tomorrow", COOKIECONSENT_SCOPES="x")
    with pytest.raises(SettingsError) as wrong:
        CookieConsent(app)
    assert len(wrong.value.mistakes) == 3
    assert "did you mean COOKIECONSENT_SCOPE" in str(wrong.value)
    with pytest.raises(RegistryError, match="declared twice"):
        CookieConsent(make_app(), services=[own("a", "functionality")] * 2)
    assert "cookieconsent" not in app.extensions


def test_wrong_key_is_not_shown() -> None:
    """A mistake in a secret is told without the secret."""
    with pytest.raises(SettingsError) as wrong:
        CookieConsent(make_app(COOKIECONSENT_SECRET_KEY="hunter2"))
    assert "hunter2" not in str(wrong.value)


def test_services_of_the_extension_and_of_the_app() -> None:
    """Each app has what the extension was made with, and what it brings itself."""
    consent = CookieConsent(services=[own("shared", "functionality")])
    registries = []
    for more in ([], [own("extra", "tracking")]):
        app = make_app()
        consent.init_app(app, services=more)
        registries.append(app.extensions["cookieconsent.state"].registry.optional)
    assert registries == [("shared",), ("shared", "extra")]


def test_db_of_the_app() -> None:
    """`init_app` may bring the database."""
    db, app = SQLAlchemy(), make_app(SQLALCHEMY_DATABASE_URI="sqlite://")
    db.init_app(app)
    CookieConsent(db=db, services=services()).init_app(app)
    with app.app_context():
        db.create_all()
        assert (
            app.test_client().post("/cookies/choice", data={"choice": "reject"}, headers=SAME_ORIGIN).status_code == 303
        )
        assert db.session.execute(db.text("SELECT kind FROM cookieconsent_event")).scalars().all() == ["refused"]
        db.session.remove()
        db.engine.dispose()


def test_session_of_the_app_survives() -> None:
    """Flashes and sign-ins of the app come through every page and every choice."""
    site = make_site()

    @site.app.get("/sign-in")
    def sign_in() -> str:
        session["user"] = "ada"
        return render_template_string("{{ cookieconsent.banner() }}")

    site.app.add_url_rule("/who", "who", lambda: session.get("user", "nobody"))
    visitor = site.visitor()
    visitor.get("/sign-in")
    for choice in ("accept", "withdraw", "reject"):
        visitor.choose(choice)

    assert visitor.get("/who").text == "ada"


def test_consent_is_of_the_request() -> None:
    """Threads that serve different visitors at once never see each other's choices."""
    site = make_site()
    yes, no = site.visitor(), site.visitor()
    yes.choose("accept")
    no.choose("reject")
    wrong: list[str] = []

    def read(visitor: Any, expected: bool) -> None:
        for _ in range(30):
            if ("player.example.net" in visitor.get("/").text) is not expected:
                wrong.append(visitor.cookie())

    threads = [threading.Thread(target=read, args=each) for each in ((yes, True), (no, False)) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_two_first_requests_at_once() -> None:
    """Two threads that serve the first two requests both find the app complete."""

    class Between(ConsentMiddleware):
        reads = 0

        @property
        def _complete(self) -> Any:
            self.reads += 1
            return (lambda: None) if self.reads == 1 else None

        @_complete.setter
        def _complete(self, value: Any) -> None:
            pass

    app = make_app()
    edge = Between(app, get_state(make_site().app), lambda: None, report_to="/")
    assert Client(edge).get("/plain").status_code == 200


def test_deferred_routes_of_the_app() -> None:
    """A page added after init_app has the helpers as well."""
    site = make_site()
    site.app.add_url_rule(
        "/late", "late", lambda: render_template_string("{{ cookieconsent.embed(f, title='x') }}", f=FILM)
    )
    assert "fcc-placeholder" in site.visitor().get("/late").text


def test_without_the_extension() -> None:
    """Asking in an app that has no consent says what is missing."""
    with make_app().test_request_context(), pytest.raises(RuntimeError, match=r"call consent\.init_app\(app\)"):
        current_consent.allows("films")


def test_plain_app() -> None:
    """Without any other extension, a visitor can be asked, accept, load one embed and withdraw."""
    walk(make_site())


def test_two_apps_share_one_extension_and_one_db() -> None:
    """A second `create_app()` neither fails nor sees what the first one declares or records."""
    db = SQLAlchemy()
    consent = CookieConsent(db=db)
    apps = []
    for declared in ([own("language", "functionality")], [own("arrival", "tracking")]):
        app = make_app(SQLALCHEMY_DATABASE_URI="sqlite://")
        db.init_app(app)
        consent.init_app(app, services=declared)
        with app.app_context():
            create_tables(db)
        apps.append(app)
    first, second = (Site(app, consent, Clock(), db) for app in apps)

    first.visitor().choose("reject")

    assert [each.kind for each in first.events()] == ["refused"]
    assert second.events() == []
    assert 'value="language"' in first.visitor().get("/cookies/").text
    assert 'value="language"' not in second.visitor().get("/cookies/").text
    for app in apps:
        with app.app_context():
            db.engine.dispose()


def test_two_apps_share_one_cookie() -> None:
    """With one key each app keeps the other's answers untouched."""
    key = "one key for two apps"
    shop = make_site(services=[own("cart", "functionality")], COOKIECONSENT_SECRET_KEY=key).visitor()
    blog = make_site(services=[own("theme", "functionality")], COOKIECONSENT_SECRET_KEY=key).visitor()
    shop.choose("accept")
    blog.client.set_cookie("cookieconsent", str(shop.cookie()))

    blog.choose("reject")

    assert {"cart+", "theme-"} <= set(re.findall(r"\w+[+-]", str(blog.cookie())))
    assert [each.kind for each in blog.site.events()] == ["refused"]


def test_same_app_twice_is_refused() -> None:
    """A second `init_app` of one app is a mistake, and says so."""
    site = make_site()

    with pytest.raises(RuntimeError, match="already"):
        site.consent.init_app(site.app)


def test_no_secret_key_is_an_error() -> None:
    """B9, D1: nothing can be signed without a key, which is said at start-up."""
    with pytest.raises(RuntimeError, match="SECRET_KEY"):
        CookieConsent(Flask("app"), services=services())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SECRET_KEY", 20261127),
        ("SECRET_KEY_FALLBACKS", "the former key"),
        ("SECRET_KEY_FALLBACKS", b"the former key"),
        ("SECRET_KEY_FALLBACKS", 20251127),
        ("SECRET_KEY_FALLBACKS", [20251127]),
        ("SECRET_KEY_FALLBACKS", ["", "the former key"]),
    ],
)
def test_keys_of_the_app_that_are_no_keys(key: str, value: Any) -> None:
    """D1: what an environment makes of a key is refused by name; each letter of a text would sign choices otherwise."""
    with pytest.raises(SetupError, match=f"^{key}: found a value .*, wanted a (list of )?string") as wrong:
        CookieConsent(make_app(**{key: value}), services=services())
    assert "former" not in str(wrong.value) and "1127" not in str(wrong.value)


def test_too_many_services_are_an_error() -> None:
    """D1: the cookie must stay below 3.5 KB, or browsers and proxies drop it."""
    many = [own(f"service_number_{number:03}", "functionality") for number in range(200)]

    with pytest.raises(RegistryError, match="characters"):
        make_site(services=many)


def test_key_rotation_keeps_choices() -> None:
    """D1: a choice that was signed with a former key stands as long as the key is among the fallbacks."""
    old = make_site(SECRET_KEY="the former key").visitor()
    old.choose("reject")
    rotated, other = make_site(SECRET_KEY_FALLBACKS=["the former key"]), make_site()

    for site, asks in ((rotated, False), (other, True)):
        page = site.visitor(Cookie=f"cookieconsent={old.cookie()}").get("/")
        assert bool(soup_of(page).select_one(".fcc-banner")) is asks


def test_own_category_without_a_service_acts_as_one() -> None:
    """A category of the site's own is a switch by itself until a service is declared in it."""
    app = make_app()
    necessary = Category(id="necessary", title="Needed", summary="s", refusal="r", necessary=True)
    comments = Category(id="comments", title="Comments", summary="Loads comments.", refusal="No comments.")
    consent = CookieConsent(app, categories=[necessary, comments])
    visitor = Site(app, consent, Clock(), SQLAlchemy()).visitor()

    visitor.choose("save", "comments")

    assert visitor.allowed() == {"comments"}


def test_blueprint_of_the_app_is_no_own_request() -> None:
    """E1: `is_own_request` is true of the extension's pages alone."""
    site = make_site()
    blog = Blueprint("blog", __name__)
    blog.add_url_rule("/blog", "list", lambda: str(site.consent.is_own_request()))
    site.app.register_blueprint(blog)

    assert site.visitor().get("/blog").text == "False"


@pytest.mark.parametrize(("server", "told"), [("www.shop.co.uk", True), ("www.shop.com", False), (None, False)])
def test_cookie_domain_elsewhere_is_told_at_start(
    server: str | None, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """B10: where the app says what its host is, a domain that does not cover it is named before anybody comes."""
    make_site(SERVER_NAME=server, COOKIECONSENT_COOKIE_DOMAIN="shop.com")

    assert any("COOKIE_DOMAIN" in record.message for record in caplog.records) == told


def test_consent_asked_by_nobody_is_an_error() -> None:
    """C2: a site that asks without a controller serves nothing; the error names key, value and what is wanted."""
    app = make_site(COOKIECONSENT_CONTROLLER=None).app

    with pytest.raises(SettingsError, match="COOKIECONSENT_CONTROLLER: found None, wanted the name of the company"):
        app.test_client().get("/")
    assert "COOKIECONSENT_CONTROLLER" in app.test_cli_runner().invoke(args=["cookieconsent", "check"]).output


def test_missing_controller_is_told_while_a_site_is_built(caplog: pytest.LogCaptureFixture) -> None:
    """C2: once, and not to tests; who first hears of it from the server in production hears of it too late."""
    for config in ({"DEBUG": True}, {"TESTING": True}, {"DEBUG": True, "TESTING": True}):
        visitor = make_site(**{"COOKIECONSENT_CONTROLLER": None} | config).visitor()
        assert [visitor.get(path).status_code for path in ("/", "/about")] == [200, 200]

    (told,) = (each.getMessage() for each in caplog.records if "CONTROLLER" in each.getMessage())
    assert told.startswith("COOKIECONSENT_CONTROLLER: found None, wanted the name of the company or person ")
    assert told.endswith("; outside debug mode every request is an error without it")


@pytest.mark.parametrize("config", [{"DEBUG": True}, {"TESTING": True}, {"COOKIECONSENT_CONTROLLER": "Example NV"}])
def test_controller_may_be_missing_while_a_site_is_built(config: dict[str, Any]) -> None:
    """Debug mode and tests of a site need no name yet."""
    app = make_site(**{"COOKIECONSENT_CONTROLLER": None} | config).app

    assert app.test_client().get("/").status_code == 200


def test_controller_may_be_missing_where_nothing_is_asked() -> None:
    """Without anything optional nobody asks; and commands, such as those of a build, ask nobody either."""
    quiet = make_site(services=(), COOKIECONSENT_CONTROLLER=None).app
    assert quiet.test_client().get("/cookies/policy").status_code == 200
    app = make_site(COOKIECONSENT_CONTROLLER="").app
    assert app.test_cli_runner().invoke(args=["cookieconsent", "init-db"]).exit_code == 0
    assert app.test_cli_runner().invoke(args=["cookieconsent", "check"]).exit_code == 1
