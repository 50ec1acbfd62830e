"""Our pages inside the layout of a site, whatever that layout does."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response, render_template
from flask_talisman import Talisman
from jinja2 import DictLoader, FileSystemLoader

from flask_cookieconsent import CookieConsent, SetupError
from flask_cookieconsent.pages.layout import add_site_values
from tests.kit.sites import BARE, EVERYTHING, LAYOUT, TEMPLATES, make_site, services, soup_of

HEAD = "<!doctype html><html lang='en'><title>Shop</title>{{ cookieconsent.head() }}<body>{{ cookieconsent.banner() }}"
#: Layouts that do not show our pages, by what happens in them.
UNFIT = {
    "undefined": HEAD + "{{ user.name.first }}{% block content %}{% endblock %}{{ cookieconsent.link() }}",
    "late": HEAD + "{{ cookieconsent.link() }}{% block content %}{% endblock %}{{ 1 / 0 }}",
    "dynamic": "{% extends parent %}",
    "hidden": HEAD + "{% if false %}{% block content %}{% endblock %}{% endif %}{{ cookieconsent.link() }}",
    "missing": None,
}
PAGES = ("/cookies/", "/cookies/policy", "/cookies/choice/receipt", "/cookies/choice/check")


def unfit(name: str) -> dict[str, Any]:
    source = UNFIT[name]
    templates = {} if source is None else {"base.html": source}
    return {"templates": templates | {"body.html": HEAD}, "COOKIECONSENT_BASE_TEMPLATE": "base.html"}


@pytest.mark.parametrize("name", UNFIT)
def test_pages_are_there_in_every_layout(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """E1: where the site's layout cannot hold a page it has ours, and each press counts."""
    site = make_site(**unfit(name))
    site.app.add_template_global("body.html", "parent")
    visitor = site.visitor()

    for path in PAGES:
        page = soup_of(visitor.get(path))
        assert page.select_one(".fcc-preferences, .fcc-policy, h1"), path
    assert "'base.html' does not show a consent page" in caplog.text
    assert visitor.press(visitor.get("/cookies/"), "Accept all").status_code == 303
    assert visitor.allowed() == EVERYTHING
    assert visitor.press(visitor.get("/cookies/"), "Withdraw consent", within="footer").status_code == 303
    assert visitor.allowed() == set()


@pytest.mark.parametrize("how", ["debug", "testing"])
@pytest.mark.parametrize("name", UNFIT)
def test_developers_see_what_is_wrong_with_a_layout(name: str, how: str) -> None:
    site = make_site(**unfit(name))
    site.app.add_template_global("body.html", "parent")
    setattr(site.app, how, True)
    site.app.config["PROPAGATE_EXCEPTIONS"] = True

    with pytest.raises(Exception, match="user|division|block `content`|base.html"):
        site.visitor().get("/cookies/")


@pytest.mark.parametrize(
    "templates",
    [
        {"base.html": HEAD + "{% block body %}{% endblock %}"},
        {"base.html": "{% extends 'root.html' %}{% block main %}{% endblock %}", "root.html": HEAD},
        {"base.html": HEAD + "{% include 'part.html' %}", "part.html": "{% block content %}{% endblock %}"},
    ],
    ids=["another block", "parents", "included"],
)
def test_layout_without_the_block_is_refused(templates: dict[str, str]) -> None:
    """Seen in the source, it is an error with the first request: the settings would be an empty page."""
    site = make_site(templates=templates, COOKIECONSENT_BASE_TEMPLATE="base.html")
    site.app.config["PROPAGATE_EXCEPTIONS"] = True

    with pytest.raises(SetupError, match="found 'base.html', which has no block `content`; wanted a template in which"):
        site.visitor().get("/")


@pytest.mark.parametrize(
    "templates",
    [
        {"base.html": LAYOUT},
        {"base.html": "{% extends 'layout.html' %}{% block title %}{{ super() }}{% endblock %}"},
        {
            "base.html": HEAD + "{% block body %}{% endblock %}",
            "cookieconsent/page.html": "{% extends fcc_page.base_template %}"
            "{% block body %}{{ fcc_page.content }}{% endblock %}",
        },
    ],
    ids=["plain", "extending", "own page.html"],
)
def test_layouts_that_hold_our_pages(templates: dict[str, str]) -> None:
    """The bad twins of the check: a block of a parent counts, and so does another one that the site fills itself."""
    site = make_site(templates=templates, COOKIECONSENT_BASE_TEMPLATE="base.html")
    page = site.visitor().get("/cookies/")

    assert soup_of(page).select("button[value=save]") and "fcc-page" not in page.text


def test_context_processor_that_raises_costs_its_values_alone(caplog: pytest.LogCaptureFixture) -> None:
    site = make_site(templates={"base.html": LAYOUT.replace("<main>", "<main>{{ shop }}")})
    site.app.context_processor(lambda: {"shop": 1 / 0})
    site.app.context_processor(lambda: {"season": "winter"})

    assert site.visitor().get("/cookies/").status_code == 200
    assert "context processor" in caplog.text


def test_values_of_the_site() -> None:
    """Ours stay, those of the app come from plain and asynchronous processors."""
    app = Flask("valued")

    async def season() -> dict[str, Any]:
        return {"season": "winter", "title": "theirs"}

    app.context_processor(season)
    values: dict[str, Any] = {"title": "ours"}
    with app.test_request_context():
        add_site_values(app, values)

    assert (values["title"], values["season"]) == ("ours", "winter")
    assert {"g", "request"} <= set(values)


class Later(Flask):
    """Flask as it is being developed: its own way to a template's values has another signature."""

    def update_template_context(self, ctx: Any, context: dict[str, Any]) -> None:  # type: ignore[override]
        raise NotImplementedError


def test_pages_need_nothing_that_flask_changes() -> None:
    """Flask 3.2 has given `update_template_context` a parameter; pages of ours do without it."""
    app = Later("later")
    app.config |= BARE
    CookieConsent(app, services=services())

    assert [app.test_client().get(path).status_code for path in PAGES] == [200] * len(PAGES)


# -- our own layout ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("controller", "name"), [("Example NV & Co", "Example NV & Co"), (None, "localhost")])
def test_own_layout_says_whose_site_it_is(controller: str | None, name: str) -> None:
    """A visitor sees where they are, and the way home, below a mount point too."""
    # Who asks nothing needs no name.
    site = make_site(COOKIECONSENT_CONTROLLER=controller, services=services() if controller else ())
    for root in ("", "/shop"):
        page = soup_of(site.app.test_client().get("/cookies/", base_url=f"http://localhost{root}/").text)
        home = page.select_one("header a")
        assert home is not None and (home.text, home["href"]) == (name, f"{root}/")


@pytest.mark.parametrize(
    "policy",
    [
        {"script-src": ["'strict-dynamic'"], "style-src": "'self'"},
        {"script-src": [], "style-src": "'self'"},
    ],
    ids=["strict-dynamic", "nonce alone"],
)
def test_own_layout_has_the_nonce_of_the_app(policy: dict[str, Any]) -> None:
    """Flask-Talisman puts a nonce into its policy, and all our scripts have it, once something is granted too."""
    site = make_site()
    Talisman(
        site.app,
        content_security_policy={"default-src": "'none'"} | policy,
        content_security_policy_nonce_in=["script-src"],
    )
    visitor = site.visitor(https=True)
    visitor.choose("accept")
    for path in PAGES:
        page = visitor.get(path)
        nonces = {script.get("nonce") for script in soup_of(page).select("script")}
        (nonce,) = nonces
        assert nonce and f"'nonce-{nonce}'" in page.headers["Content-Security-Policy"]


def test_own_layout_has_no_nonce_of_its_own() -> None:
    """The bad twin: where the app has none there is none."""
    assert not soup_of(make_site().visitor().get("/cookies/")).select("[nonce]")


# -- the environment of the site -----------------------------------------------------------------------------------

DELIMITERS = {
    "brackets": {"variable_start_string": "[[", "variable_end_string": "]]"},
    "all": {
        "block_start_string": "<%",
        "block_end_string": "%>",
        "variable_start_string": "${",
        "variable_end_string": "}",
        "comment_start_string": "<#",
        "comment_end_string": "#>",
    },
    "common": {"variable_start_string": "<", "variable_end_string": ">"},
}


def spelt(source: str, options: dict[str, str]) -> str:
    """Return a template of a site with that site's delimiters."""
    pairs = {
        "{%": "block_start_string",
        "%}": "block_end_string",
        "{{": "variable_start_string",
        "}}": "variable_end_string",
    }
    for old, name in pairs.items():
        source = source.replace(old, options.get(name, old))
    return source


@pytest.mark.parametrize("name", ["brackets", "all"])
@pytest.mark.parametrize("late", [False, True], ids=["before ours", "after ours"])
def test_delimiters_of_the_site(name: str, late: bool) -> None:
    """Our templates are written with the delimiters of the site, and those that it overrides are its own."""
    options = DELIMITERS[name]
    app = Flask("bracketed")
    app.config |= BARE | {"COOKIECONSENT_BASE_TEMPLATE": "layout.html"}
    own = {"cookieconsent/share.html": "{% if network %}<b>{{ network }}</b>{% endif %}"}
    app.jinja_loader = DictLoader({key: spelt(text, options) for key, text in (TEMPLATES | own).items()})
    app.jinja_options = {} if late else options
    site = make_site(app=app)
    app.jinja_options = options
    app.add_url_rule("/", "home", lambda: render_template("page.html", heading="Home"))
    visitor = site.visitor()
    pages = [visitor.get(path) for path in ("/", *PAGES)]

    assert [each.status_code for each in pages] == [200] * 5
    assert [each for page in pages for each in ("{{", "{%", "[[", "<%", "${", "endraw") if each in page.text] == []
    assert visitor.press(pages[0], "Accept all").status_code == 303
    assert visitor.allowed() == EVERYTHING
    with app.test_request_context():
        assert app.jinja_env.globals["cookieconsent"].share("x", "https://example.com") == "<b>x</b>"


def test_delimiters_that_stand_in_our_own_text() -> None:
    """Where the site's delimiter is an ordinary letter of HTML, our text is kept from being read as code."""
    app = Flask("angled")
    app.config |= BARE
    app.jinja_options = DELIMITERS["common"]
    app.jinja_loader = FileSystemLoader([])
    CookieConsent(app, services=services())

    page = app.test_client().get("/cookies/")
    assert page.status_code == 200 and soup_of(page.text).select("button[value=save]")


def test_options_of_jinja_may_come_after_ours() -> None:
    """`init_app` does not make the environment, so that what the app says later is heard; a made one is taken."""
    app = Flask("late")
    app.config |= BARE
    CookieConsent(app, services=services())
    app.jinja_options = {"trim_blocks": True}
    made = Flask("made")
    made.config |= BARE
    environment = made.jinja_env
    CookieConsent(made, services=services())

    assert app.jinja_env.trim_blocks and "cookieconsent" in app.jinja_env.globals
    assert "cookieconsent" in environment.globals and "cookieconsent_embeds" in environment.filters


def test_debug_panel_is_turned_off_by_an_empty_template() -> None:
    for templates, count in (({}, 1), ({"cookieconsent/panel.html": ""}, 0)):
        site = make_site(templates=templates)
        site.app.debug = True
        page: Response = site.visitor().get("/")
        assert len(soup_of(page.get_data(as_text=True)).select(".fcc-panel")) == count
