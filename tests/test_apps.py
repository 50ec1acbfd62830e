"""The extension in apps of all kinds: alone, in company, before and after others."""

from __future__ import annotations

import gc
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Blueprint, Flask, abort, render_template_string, request
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from sqlalchemy.orm import DeclarativeBase
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from flask_cookieconsent import (
    Category,
    ConsentEventMixin,
    CookieConsent,
    RegistryError,
    Service,
    SettingsError,
    current_consent,
)
from flask_cookieconsent.catalogue import youtube
from flask_cookieconsent.log.models import create_tables, event_model
from flask_cookieconsent.state import get_state
from tests.old_kit import OURS, PAGE, Site, choose, language_service, notice_of, services, set_cookies


def works(site: Site, prefix: str = "/cookies", **options: Any) -> None:
    """Check that pages and choices work: nothing set at first, then a recorded yes, then a recorded no."""
    client = site.client()
    first = client.get("/", **options)
    assert first.status_code == 200
    assert "Set-Cookie" not in first.headers
    for choice, kind in (("accept", "given"), ("withdraw", "withdrawn")):
        assert choose(client, choice, prefix=prefix, **options).status_code == 303
        assert kind in {event.kind for event in site.events()}
        assert ("fcc-embed" in client.get("/", **options).text) == (choice == "accept")


def test_plain_app() -> None:
    works(Site())


@pytest.mark.parametrize("when", ["before", "after"])
def test_csrf_protect(when: str) -> None:
    """Its own check stays, and the app's others are as protected as they were."""
    site = Site(**{when: CSRFProtect})
    works(site)

    assert site.client().post("/only-post").status_code == 400
    assert choose(site.client(), "accept", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("when", ["before", "after"])
def test_babel_with_its_own_selector(when: str) -> None:
    site = Site(**{when: lambda app: Babel(app, locale_selector=lambda: request.args.get("lang", "nl"))})
    works(site)

    page = site.client().get("/").text
    assert "Alles weigeren" in page and "Reject all" not in page
    assert "Tout refuser" in site.client().get("/?lang=fr").text
    assert "Reject all" in site.client().get("/?lang=eo").text


def test_lazy_texts_are_in_the_language_of_each_page() -> None:
    """Two languages in one process: a text that was resolved at import would be wrong in one of them."""

    class Shouting:
        def __str__(self) -> str:
            return "Sprache" if request.args.get("lang") == "de" else "Language"

    service = Service(id="own", name=Shouting(), category="functionality", purpose="preferences")
    site = Site(
        declared=[service, youtube()],
        before=lambda app: Babel(app, locale_selector=lambda: request.args.get("lang", "en")),
    )
    client = site.client()

    assert "Sprache" in client.get("/cookies/?lang=de").text
    assert "Language" in client.get("/cookies/").text


@pytest.mark.parametrize("when", ["before", "after"])
def test_talisman(when: str) -> None:
    """Its policy of 'self' lets our style, script and frame in; pages and choices work."""
    works(Site(**{when: lambda app: Talisman(app, force_https=False, session_cookie_secure=False)}))


def test_url_prefix() -> None:
    site = Site(COOKIECONSENT_URL_PREFIX="/privacy/cookies")
    works(site, prefix="/privacy/cookies")

    receipt = set_cookies(choose(site.client(), "accept", prefix="/privacy/cookies"))["cookieconsent_receipt"]
    assert receipt["path"] == "/privacy/cookies/choice"


def test_server_name() -> None:
    works(Site(SERVER_NAME="shop.example"), base_url="https://shop.example")


def test_application_root() -> None:
    works(Site(APPLICATION_ROOT="/shop"))


def test_mounted_below_a_path() -> None:
    """Links, the receipt's path and the way back stay below the mount."""
    site = Site()
    client = Client(DispatcherMiddleware(Flask("root"), {"/shop": site.app}))
    page = client.get("/shop/").text
    assert 'action="/shop/cookies/choice"' in page and 'name="next" value="/shop/"' in page

    data = {
        "choice": "accept",
        "surface": "banner",
        "locale": "en",
        "notice": notice_of(site.client()),
        "next": "/shop/",
    }
    answer = client.post("/shop/cookies/choice", data=data, headers=OURS)
    assert answer.headers["Location"] == "/shop/#fcc-saved"
    assert set_cookies(answer)["cookieconsent_receipt"]["path"] == "/shop/cookies/choice"
    data["next"] = "/elsewhere"
    assert client.post("/shop/cookies/choice", data=data, headers=OURS).headers["Location"].startswith("/shop/cookies/")


def test_two_apps_in_one_process_with_one_db() -> None:
    """The second `create_app()` must neither fail nor see the first one's declaration."""
    db = SQLAlchemy()
    consent = CookieConsent(db=db)

    def create_app(name: str, declared: list[Service]) -> Flask:
        app = Flask(name)
        app.config.update(SECRET_KEY="k" * 24, SQLALCHEMY_DATABASE_URI="sqlite://")
        app.add_url_rule("/", "home", lambda: render_template_string("{{ cookieconsent.banner() }}"))
        db.init_app(app)
        consent.init_app(app, services=declared)
        with app.app_context():
            create_tables(db)
        return app

    one, other = create_app("one", [language_service()]), create_app("other", [youtube()])

    assert "Functionality cookies" in one.test_client().get("/").text
    assert "Third party cookies" not in one.test_client().get("/").text
    assert "Third party cookies" in other.test_client().get("/").text
    choose(one.test_client(), "reject")
    with one.app_context():
        assert len(get_state().log.newest(10)) == 1
    with other.app_context():
        assert get_state().log.newest(10) == []


def test_two_apps_share_one_consent() -> None:
    """With one key each keeps the other's answers untouched."""
    one = Site(declared=[language_service()], COOKIECONSENT_SECRET_KEY="s" * 32)
    other = Site(declared=[youtube()], COOKIECONSENT_SECRET_KEY="s" * 32)
    first = set_cookies(choose(one.client(), "accept"))["cookieconsent"].value
    client = other.client()
    client.set_cookie("cookieconsent", first)
    both = set_cookies(choose(client, "reject"))["cookieconsent"].value

    assert "language+" in both and "youtube-" in both
    assert other.events()[0].kind == "refused"


def test_same_app_twice_is_refused() -> None:
    site = Site()

    with pytest.raises(RuntimeError, match="already"):
        site.consent.init_app(site.app)


@pytest.mark.parametrize("path", ["/cookies", "/cookies/recipes"])
def test_colliding_route_is_an_error_that_names_it(path: str) -> None:
    def recipes(app: Flask) -> None:
        app.add_url_rule(path, "recipes", lambda: "Flour and butter.")

    with pytest.raises(RuntimeError, match=path):
        Site(before=recipes)
    with pytest.raises(RuntimeError, match=path):
        Site(after=recipes).client().get("/")


def test_wrong_settings_are_told_together() -> None:
    with pytest.raises(SettingsError) as caught:
        Site(COOKIECONSENT_URL_PREFIX="cookies", COOKIECONSENT_POLICY_VERSON="2")

    assert len(caught.value.mistakes) == 2
    assert "did you mean COOKIECONSENT_POLICY_VERSION?" in str(caught.value)


def test_no_secret_key_is_told() -> None:
    with pytest.raises(RuntimeError, match="SECRET_KEY"):
        CookieConsent(services=[language_service()]).init_app(Flask("app"))


def test_too_many_services_are_told() -> None:
    """The cookie must stay below 3.5 KB (DESIGN section 4)."""
    many = [
        Service(id=f"service_number_{n:03}", name="n", category="functionality", purpose="preferences")
        for n in range(200)
    ]

    with pytest.raises(RegistryError, match="characters"):
        Site(declared=many)


def test_key_rotation_keeps_choices() -> None:
    text = set_cookies(choose(Site(COOKIECONSENT_SECRET_KEY="o" * 24).client(), "reject"))["cookieconsent"].value
    rotated, other = Site(SECRET_KEY_FALLBACKS=["o" * 24]).client(), Site().client()
    for client in (rotated, other):
        client.set_cookie("cookieconsent", text)

    assert "fcc-banner" not in rotated.get("/").text
    assert "fcc-banner" in other.get("/").text


def test_nothing_optional_means_no_banner() -> None:
    client = Site(declared=[], after=lambda app: app.add_url_rule("/b", "b", _banner)).client()

    assert client.get("/b").text == ""
    assert client.get("/cookies/").status_code == 200


def _banner() -> str:
    return render_template_string("{{ cookieconsent.banner() }}").strip()


def test_own_category_without_a_service_acts_as_one() -> None:
    app = Flask("app")
    app.config["SECRET_KEY"] = "k" * 24
    necessary = Category(id="necessary", title="Needed", summary="s", refusal="r", necessary=True)
    comments = Category(id="comments", title="Comments", summary="Loads comments.", refusal="No comments.")
    CookieConsent(app, categories=[necessary, comments])
    client = app.test_client()
    choose(client, "save", service="comments")

    assert 'value="comments" checked' in client.get("/cookies/").text


# -- the database ----------------------------------------------------------------------------------------------------


def test_model_outlives_the_garbage_collector() -> None:
    """The base keeps weak references: without another, the table would stay and its model go."""
    db = SQLAlchemy()
    CookieConsent(db=db)
    gc.collect()

    assert event_model(db) is event_model(db)


def test_model_on_another_base() -> None:
    class Base(DeclarativeBase):
        pass

    db = SQLAlchemy(model_class=Base)

    assert event_model(db).__table__ is db.metadata.tables["cookieconsent_event"]


def test_model_of_the_apps_own() -> None:
    db = SQLAlchemy()

    class Choice(ConsentEventMixin, db.Model):  # type: ignore[name-defined, misc]
        __tablename__ = "our_choices"

    app = Flask("app")
    app.config["SECRET_KEY"] = "k" * 24
    CookieConsent(app, db=db)

    assert event_model(db) is Choice
    assert set(db.metadata.tables) == {
        *("our_choices", "cookieconsent_count", "cookieconsent_notice", "cookieconsent_seal"),
        "cookieconsent_violation",
    }


def test_recording_never_commits_the_apps_work(tmp_path: Any) -> None:
    """Committing the app's session would commit its half-done work."""
    site = Site(database=f"sqlite:///{tmp_path / 'app.db'}")
    with site.app.app_context():
        site.db.session.execute(sa.text("create table half_done (n integer)"))
        site.db.session.commit()

    def rolled_back(sender: Any, **extra: Any) -> None:
        site.db.session.execute(sa.text("insert into half_done values (1)"))
        site.db.session.rollback()

    from flask_cookieconsent import consent_given

    with consent_given.connected_to(rolled_back):
        choose(site.client(), "accept")

    assert len(site.events()) == 1
    with site.app.app_context():
        assert site.db.session.scalar(sa.text("select count(*) from half_done")) == 0


# -- for the app's own code ------------------------------------------------------------------------------------------


def test_requires_leads_to_the_switch() -> None:
    def more(app: Flask) -> None:
        site_consent = app.extensions["test_consent"]
        app.add_url_rule("/layout", "layout", site_consent.requires("language")(lambda: "compact"))
        app.add_url_rule("/group", "group", site_consent.requires("functionality")(lambda: "all of them"))

    site = Site()
    site.app.extensions["test_consent"] = site.consent
    more(site.app)
    client = site.client()

    refused = client.get("/layout")
    assert refused.status_code == 403 and "/cookies/#fcc-service-language" in refused.text
    assert "/cookies/#fcc-functionality" in client.get("/group").text
    assert client.get("/layout", headers={"Accept": "application/json"}).json["error"] == "needed"
    choose(client, "accept")
    assert client.get("/layout").text == "compact"


def test_login_guard_lets_our_pages_pass() -> None:
    """A site that walls off its consent page walls off withdrawal."""
    guard: list[Any] = []

    def guarded(app: Flask) -> None:
        @app.before_request
        def must_sign_in() -> None:
            if not guard[0].is_own_request():
                abort(401)

    site = Site(before=guarded)
    guard.append(site.consent)

    assert site.client().get("/").status_code == 401
    for path in ("/cookies/", "/cookies/policy", "/cookies/static/fcc.css"):
        with site.client().get(path) as response:
            assert response.status_code == 200


def test_current_consent_outside_a_request_denies() -> None:
    """A7: with an app context and without."""
    site = Site()

    assert current_consent.allows("performance") is False
    assert current_consent.allows("necessary") is True
    with site.app.app_context():
        assert current_consent.allows("performance") is False
        assert current_consent.allows("necessary") is True


def test_unknown_name_is_an_error_that_names_the_known() -> None:
    site = Site()

    with site.app.test_request_context("/"), pytest.raises(LookupError, match="google_analytics"):
        current_consent.allows("googel_analytics")


def test_app_without_the_extension_is_told() -> None:
    with Flask("bare").app_context(), pytest.raises(RuntimeError, match="init_app"):
        current_consent.allows("performance")


def test_helpers_in_imported_macros_and_every_kind_of_escaping() -> None:
    """Without context, with autoescaping off, and in a sandbox: never a stray tag, never an unescaped title."""
    from jinja2 import DictLoader
    from jinja2.sandbox import SandboxedEnvironment

    class SandboxedFlask(Flask):
        class jinja_environment(SandboxedEnvironment):  # noqa: N801 - the name is Flask's
            def __init__(self, app: Flask, **options: Any) -> None:
                options.setdefault("loader", app.create_global_jinja_loader())
                super().__init__(**options)
                self.app = app

    macros = "{% macro all() %}" + PAGE.replace("Our warehouse", "<i>&</i>") + "{% endmacro %}"
    for make, autoescape in ((Flask, True), (Flask, False), (SandboxedFlask, True)):
        app = make("app", template_folder=None)
        app.config.update(SECRET_KEY="k" * 24)
        app.select_jinja_autoescape = lambda name, autoescape=autoescape: autoescape  # type: ignore[method-assign]
        app.jinja_loader = DictLoader(
            {"macros.html": macros, "page.html": "{% import 'macros.html' as m %}{{ m.all() }}"}
        )  # type: ignore[assignment]
        CookieConsent(app, services=services())
        app.add_url_rule("/", "home", lambda app=app: app.jinja_env.get_template("page.html").render())
        page = app.test_client().get("/").text

        assert '<section class="fcc-banner ' in page
        assert "&lt;i&gt;&amp;&lt;/i&gt;" in page and "<i>&</i>" not in page


def test_overridden_template_is_never_remembered(tmp_path: Any) -> None:
    """What an override says of one visitor must not reach the next."""
    folder = tmp_path / "templates" / "cookieconsent"
    folder.mkdir(parents=True)
    (folder / "link.html").write_text("for {{ url_for('home', who='x') }} {{ caller_name }}")

    app = Flask("app", template_folder=str(tmp_path / "templates"))
    app.config.update(SECRET_KEY="k" * 24)
    CookieConsent(app, services=[language_service()])
    app.jinja_env.globals["caller_name"] = _Caller()
    app.add_url_rule("/", "home", lambda: render_template_string("{{ cookieconsent.link() }}"))

    assert "Anna" in app.test_client().get("/?name=Anna").text
    assert "Anna" not in app.test_client().get("/?name=Bert").text


class _Caller:
    def __str__(self) -> str:
        return request.args["name"]


def test_query_of_one_visitor_never_reaches_another() -> None:
    """Pieces are remembered, the way back is not."""
    client = Site().client()

    assert 'value="/?name=Anna"' in client.get("/?name=Anna").text
    assert "Anna" not in client.get("/?name=Bert").text
    assert (
        'value="/?q=&#34;&gt;&lt;b&gt;' in client.get("/", query_string='q="><b>').text
        or "<b>" not in client.get("/", query_string='q="><b>').text
    )


def test_nonce_is_in_the_page_and_not_in_the_next() -> None:
    def page() -> str:
        return render_template_string("{{ cookieconsent.head(nonce=nonce) }}", nonce=request.args.get("n"))

    client = Site(after=lambda app: app.add_url_rule("/n", "n", page)).client()

    assert client.get("/n?n=first").text.count('nonce="first"') == 1
    assert client.get("/n?n=second").text.count('nonce="second"') == 1
    assert "nonce" not in client.get("/n").text


def test_blueprint_of_the_app_is_no_own_request() -> None:
    site = Site(before=lambda app: app.register_blueprint(_blog()))

    with site.app.test_request_context("/blog"):
        site.app.preprocess_request()
        assert site.consent.is_own_request() is False


def _blog() -> Blueprint:
    blueprint = Blueprint("blog", __name__)
    blueprint.add_url_rule("/blog", "list", lambda: "posts")
    return blueprint
