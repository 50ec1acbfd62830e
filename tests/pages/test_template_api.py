"""What templates of a site get from `cookieconsent`: in macros, in sandboxes, in two languages, of no other visitor."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, has_request_context, render_template, render_template_string, request
from flask_babel import Babel
from flask_babel.speaklater import LazyString
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from flask_cookieconsent import Cookie, EmbedError, current_consent
from tests.kit.sites import FILM, LAYOUT, make_app, make_site, own, remote_references, soup_of

PARTS = (".fcc-banner", ".fcc-link", ".fcc-placeholder", 'link[href$="fcc.css"]', 'script[src$="fcc.js"]')


def has_all_parts(html: Any) -> bool:
    """Tell whether every part of the extension is in a page as elements, none of them as text."""
    soup = soup_of(html)
    return all(soup.select_one(each) for each in PARTS) and "fcc-" not in soup.text


# -- in every kind of environment -----------------------------------------------------------------------------------

MACROS = {
    "macros.html": """{% macro top() %}{{ cookieconsent.head() }}{% endmacro %}
{% macro body(film) %}{{ cookieconsent.banner() }}{{ cookieconsent.embed(film, title="A <b>film</b>") }}
{% if cookieconsent.allows("third_party") %}<i>allowed</i>{% endif %}{{ cookieconsent.link() }}{% endmacro %}""",
    "home.html": """{% import "macros.html" as m %}<!doctype html><head>{{ m.top() }}</head><body>{{ m.body(film) }}""",
}


def _without_escaping(app: Flask) -> None:
    app.jinja_env.autoescape = False


def _selective(app: Flask) -> None:
    app.select_jinja_autoescape = lambda name: False  # type: ignore[method-assign]


def _sandboxed(app: Flask) -> None:
    class Sandbox(ImmutableSandboxedEnvironment):
        def __init__(self, app: Flask, **options: Any) -> None:
            super().__init__(loader=DictLoader(MACROS), **options)
            self.loader = app.create_global_jinja_loader()
            self.app = app

    app.jinja_environment = Sandbox  # type: ignore[assignment]


def _strict(app: Flask) -> None:
    app.jinja_options = {**app.jinja_options, "undefined": StrictUndefined}


def _trimming(app: Flask) -> None:
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}


def _asynchronous(app: Flask) -> None:
    app.jinja_options = {**app.jinja_options, "extensions": ["jinja2.ext.loopcontrols", "jinja2.ext.do"]}


ENVIRONMENTS = [_without_escaping, _selective, _sandboxed, _strict, _trimming, _asynchronous]


@pytest.mark.parametrize("change", [lambda app: None, *ENVIRONMENTS])
def test_parts_render_in_every_jinja_environment(change: Callable[[Flask], None]) -> None:
    """Macros imported without context, escaping off, a sandbox, strict names: each part is there, as elements."""
    app = make_app(MACROS)
    change(app)
    visitor = make_site(app=app).visitor()

    page = visitor.get("/")

    assert page.status_code == 200
    assert has_all_parts(page)
    assert "<b>film</b>" not in page.text
    assert visitor.get("/cookies/").status_code == 200
    assert visitor.get("/cookies/policy").status_code == 200
    visitor.press(page, "Accept all")
    assert "<i>allowed</i>" in visitor.get("/").text
    assert visitor.get("/cookies/").status_code == 200


def test_parts_render_in_every_jinja_environment_twin() -> None:
    """A page that shows markup as text fails the check."""
    good = soup_of(make_site().visitor().get("/"))
    assert has_all_parts(str(good))
    assert not has_all_parts(str(good) + '&lt;span class="fcc-link"&gt;')


def test_titles_are_escaped_without_autoescape() -> None:
    """A title is text, even on a site that has switched escaping off."""
    template = """{{ cookieconsent.embed(film, title='"><script>alert(1)</script>') }}"""
    app = make_app({"home.html": template})
    app.jinja_env.autoescape = False
    visitor = make_site(app=app).visitor()

    assert remote_references(visitor.get("/").text) == []
    visitor.choose("accept")
    assert remote_references(visitor.get("/").text) == ["<iframe src='https://player.example.net/abc'>"]


# -- languages ------------------------------------------------------------------------------------------------------


def babel_site(templates: dict[str, str] | None = None, **more: Any) -> Any:
    app = make_app(templates, BABEL_DEFAULT_LOCALE="en")
    Babel(app, locale_selector=lambda: request.args.get("lang", "en"))
    return make_site(app=app, **more)


def spoken(page: Any) -> tuple[str, str]:
    soup = soup_of(page)
    return soup.select_one(".fcc-banner")["lang"], soup.select_one(".fcc-banner button[value=reject]").text


def test_two_languages_in_one_process() -> None:
    """B6: each page speaks its own language, whichever came first; an unknown one is English throughout."""
    visitor = babel_site().visitor()

    found = [spoken(visitor.get(f"/?lang={lang}")) for lang in ("nl", "fr", "de", "en", "nl", "eo", "fr")]

    assert [lang for lang, _ in found] == ["nl", "fr", "de", "en", "nl", "en", "fr"]
    assert len({text for _, text in found}) == 4
    assert found[3][1] == found[5][1] == "Reject all"


def test_choice_in_another_language() -> None:
    """F2, B6: the event names the language and the notice of the page; another language is another notice."""
    site = babel_site()
    for lang in ("nl", "eo"):
        site.clock.forward(minutes=1)
        visitor = site.visitor()
        page = visitor.get(f"/?lang={lang}")
        button = soup_of(page).select_one(".fcc-banner button[value=accept]").text
        assert visitor.press(page, button).status_code == 303

    dutch, esperanto = site.events()
    assert (dutch.locale, esperanto.locale) == ("nl", "eo")
    assert dutch.notice not in (esperanto.notice, site.digest)


def test_lazy_texts_follow_the_page() -> None:
    """Texts of the site that are lazy are resolved on each page, in its own language."""
    texts = {"en": "Basket", "nl": "Mandje"}
    basket = own("basket", "functionality", Cookie(name="b", purpose="Keeps it.", duration=timedelta(days=1)))
    lazy = LazyString(lambda: texts[request.args.get("lang", "en") if has_request_context() else "en"])
    visitor = babel_site(services=[replace(basket, name=lazy)]).visitor()

    for lang, text in (("en", "Basket"), ("nl", "Mandje"), ("en", "Basket")):
        names = [each.text for each in soup_of(visitor.get(f"/cookies/?lang={lang}")).select(".fcc-service h3")]
        assert text in names


SPEAKING = """<!doctype html><html lang="{{ get_locale() }}"><head><title>{% block title %}{% endblock %}</title>
</head><body><nav>{{ _("Save choices") }}|{{ _("Hello %(name)s", name="you") }}|{{ settings.name }}|
{{- locale }}|{{ tags }}</nav>
<p class="next">{{ next or "" }}</p>{% block content %}{% endblock %}<footer>{{ cookieconsent.link() }}</footer>"""


@pytest.mark.parametrize("path", ["/cookies/", "/cookies/policy", "/needs"])
def test_layout_of_the_site_keeps_its_names(path: str) -> None:
    """B6: on the extension's pages the site's own layout means what it means elsewhere: its `_`, its `settings`."""
    site = babel_site({"base.html": SPEAKING, "plain.html": "{% extends 'base.html' %}"})
    app = site.app
    app.jinja_env.globals["_"] = lambda text, **values: "Site:" + text % values
    app.jinja_env.globals["get_locale"] = lambda: "en"
    app.context_processor(lambda: {"settings": {"name": "Shop"}, "locale": "site-locale", "tags": "site-tags"})
    app.add_url_rule("/ordinary", "ordinary", lambda: render_template("plain.html"))
    object.__setattr__(app.extensions["cookieconsent.state"].settings, "base_template", "base.html")
    app.add_url_rule("/needs", "needs", site.consent.requires("films")(lambda: ""))
    visitor = site.visitor()

    ordinary, ours = soup_of(visitor.get("/ordinary")), soup_of(visitor.get(path))

    assert ours.nav.text == ordinary.nav.text == "Site:Save choices|Site:Hello you|Shop|site-locale|site-tags"
    assert ours.select_one(".next").text == ""
    assert ours.title.text.strip()


# -- embeds and share links -----------------------------------------------------------------------------------------


def render(template: str, **values: Any) -> str:
    site = make_site(TESTING=True)  # so that what is refused is raised
    with site.app.test_request_context("/about"):
        return render_template_string(template, **values)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("embed('https://unknown.example', title='x')", "no declared service can embed .*films, posts"),
        ("embed('nothing', '7', title='x')", "no service 'nothing'; this site declares .*films"),
        ("embed('counter', '7', title='x')", "no declared service can embed '7'"),
        ("embed('posts', 'abc', title='x')", "service 'posts' cannot embed 'abc'"),
        (f"embed('{FILM}', title=' ')", "the title is empty"),
    ],
)
def test_embed_that_cannot_be_shown(call: str, message: str) -> None:
    """A9: an author is told what to write instead."""
    with pytest.raises(EmbedError, match=message):
        render("{{ cookieconsent." + call + " }}")


@pytest.mark.parametrize(
    ("poster", "path"),
    [
        ("/static/film.jpg", "/static/film.jpg"),
        ("/static/a film.jpg?v=1&w=2#top", "/static/a film.jpg?v=1&w=2"),
        ("http://localhost/static/film.jpg", "/static/film.jpg"),
        ("https://LOCALHOST/film.jpg", "/film.jpg"),
        ('/x.jpg?"onerror="x', '/x.jpg?"onerror="x'),
    ],
)
def test_poster_is_a_picture_of_this_site(poster: str, path: str) -> None:
    """A3, A9: what fills the space before the choice is the site's own file, and says nothing to a screen reader."""
    page = render("{{ cookieconsent.embed(film, title='x', poster=poster) }}", film=FILM, poster=poster)
    (picture,) = soup_of(page).select(".fcc-placeholder > img")

    assert picture.attrs == {"class": ["fcc-poster"], "src": path, "alt": "", "loading": "lazy"}
    assert not remote_references(page)


@pytest.mark.parametrize(
    "poster",
    [
        *("https://i.ytimg.com/vi/x/hq.jpg", "//i.ytimg.com/x.jpg", "//localhost/x.jpg", "///evil.example/x.jpg"),
        *("http://localhost:81/x.jpg", "http://localhost.evil.example/x.jpg", "http://me@localhost/x.jpg"),
        *("http://localhost//evil.example/x.jpg", "http://localhost", "https:/x.jpg", "https:///x.jpg"),
        *("/\\evil.example/x.jpg", "/\t/evil.example/x.jpg", "\n//evil.example/x.jpg", "\\\\evil.example/x.jpg"),
        *(" /x.jpg", "x.jpg", "?x.jpg", "data:image/png;base64,AAAA", "javascript:x", "ftp://localhost/x.jpg"),
        "http://[x.jpg",
    ],
)
def test_poster_from_elsewhere(poster: str) -> None:
    """A3: the bad twin, a picture from another host, would be asked for before anybody has chosen."""
    with pytest.raises(EmbedError, match=re.escape(repr(poster)) + " is no picture of this site; another host would"):
        render("{{ cookieconsent.embed(film, title='x', poster=poster) }}", film=FILM, poster=poster)


@pytest.mark.parametrize("poster", [None, ""])
def test_no_poster(poster: str | None) -> None:
    page = soup_of(render("{{ cookieconsent.embed(film, title='x', poster=poster) }}", film=FILM, poster=poster))

    assert page.select(".fcc-placeholder")
    assert not page.select("img")


def test_poster_is_for_the_placeholder_only() -> None:
    """A9: once it is allowed there is the frame, and no picture behind it."""
    home = "<body>{{ cookieconsent.embed(film, title='A film', poster='/static/film.jpg') }}{{ cookieconsent.link() }}"
    visitor = make_site(templates={"home.html": home}).visitor()
    assert soup_of(visitor.get("/")).select("img")

    visitor.press(visitor.get("/"), "Always allow Example Films")

    assert soup_of(visitor.get("/")).select(".fcc-embed iframe")
    assert not soup_of(visitor.get("/")).select("img")


def test_unknown_name_is_an_error() -> None:
    """A7: a misspelt name is an error that names the known ones, never a silent no."""
    with pytest.raises(LookupError, match="no service or category 'film'; this site declares .*films"):
        render("{{ cookieconsent.allows('film') }}")


def test_default_category_without_services_is_off() -> None:
    """A7: a default category that the site does not use is simply not allowed."""
    site = make_site(services=())
    with site.app.test_request_context():
        assert render_template_string("{{ cookieconsent.allows('tracking') }}") == "False"


@pytest.mark.parametrize("network", ["facebook", "x", "linkedin"])
def test_share_is_a_plain_link(network: str) -> None:
    """A9: a share link loads nothing, asks nothing, and names the page or the address it was given."""
    html = render(f"{{{{ cookieconsent.share('{network}', title='<Us> & them') }}}}")

    assert remote_references(html) == []
    assert "http%3A%2F%2Flocalhost%2Fabout" in soup_of(html).a["href"]
    with pytest.raises(ValueError, match="address"):
        render(f"{{{{ cookieconsent.share('{network}', url='javascript:alert(1)') }}}}")


def test_share_does_not_make_a_page_private() -> None:
    """A8: a page with nothing but share links is the same for everybody."""
    site = make_site(templates={"home.html": "{{ cookieconsent.share('x') }}"})
    assert "Vary" not in site.visitor().get("/").headers


def test_outside_a_request() -> None:
    """A7: outside a request nobody has chosen, so nothing optional is allowed, with or without an app."""
    assert not current_consent.allows("films")
    site = make_site()
    with site.app.app_context():
        assert current_consent.allows("necessary")
        assert not current_consent.allows("films")
        assert render_template_string("{{ cookieconsent.allows('films') }}") == "False"
        with pytest.raises(LookupError):
            current_consent.allows("nothing")


def test_nothing_optional_asks_nothing() -> None:
    """C1: a site with nothing optional has no banner, no switches and a link to its policy."""
    visitor = make_site(services=(), templates={"home.html": LAYOUT}).visitor()
    soup = soup_of(visitor.get("/"))

    assert not soup.select(".fcc-banner, .fcc-signal, form")
    assert soup.select_one('footer a[href="/cookies/policy"]')
    assert not soup_of(visitor.get("/cookies/")).select("input[type=checkbox], button")
    assert not soup_of(visitor.get("/", headers={"Sec-GPC": "1"})).select(".fcc-signal")


def test_banner_says_what_a_category_is_used_for() -> None:
    """C1, C2: what a service does and its category's words leave out stands in the banner, once, before the choice."""
    services = [own("ads", "tracking", purpose="advertising"), own("more", "tracking", purpose="advertising")]
    usual = [own("arrival", "tracking", purpose="attribution")]
    said = "Measures what our advertisements lead to, and shows you others elsewhere."

    assert make_site(services=services + usual).visitor().get("/about").text.count(said) == 1
    assert said not in make_site(services=usual).visitor().get("/about").text


def test_page_says_what_a_refusal_takes_away() -> None:
    """C2: who refuses a captcha learns that a form will not work, and who cannot refuse it is told why."""
    said = "Without it you cannot send the form that it protects"
    optional = own("check", "functionality", purpose="bot_protection")
    always = own("check", "necessary", purpose="bot_protection", justification="Robots would come.")

    assert said in make_site(services=[optional]).visitor().get("/cookies/").text
    page = make_site(services=[always]).visitor().get("/cookies/").text
    assert said not in page and "Robots would come." in page


# -- outside a request ------------------------------------------------------------------------------------------------

ALL_PARTS = """<head>{{ cookieconsent.head(nonce="n") }}</head><body>{{ cookieconsent.banner() }}
{{ cookieconsent.embed(film, title="A <b>film</b>", poster="https://cdn.example/film.jpg") }}
{{ cookieconsent.share("x", url=film) }}{{ cookieconsent.share_links("x", url=film) }}
{% if cookieconsent.allows("third_party") %}<i>allowed</i>{% endif %}{{ cookieconsent.link() }}"""


def in_a_worker(source: str, **config: Any) -> str:
    """Return what a template gives where there is an app and no request: a task queue that sends mail, a command."""
    with make_site(**config).app.app_context():
        return render_template_string(source, film=FILM)


@pytest.mark.parametrize("config", [{}, {"SERVER_NAME": "shop.example.com"}, {"DEBUG": True}])
def test_layout_in_a_worker(config: dict[str, Any]) -> None:
    """A newsletter in the layout of the site has no tag, no banner and no form; an embed is its title and a link."""
    soup = soup_of(in_a_worker(ALL_PARTS, **config))

    assert not soup.select("script, link, form, button, input, iframe, img, i, .fcc-banner, .fcc-placeholder")
    assert [each.text for each in soup.select(f'p > a[href="{FILM}"]')] == ["A <b>film</b>"]
    assert remote_references(str(soup)) == []


def test_link_in_a_worker() -> None:
    """It leads to the preferences where Flask knows the host of the site, and is nothing where it does not."""
    address = "http://shop.example.com/cookies/"

    assert in_a_worker("{{ cookieconsent.link() }}", SERVER_NAME="shop.example.com") == (
        f'<a href="{address}">Cookie settings</a>'
    )
    assert in_a_worker("{{ cookieconsent.link() }}") == ""
    bare = in_a_worker("{{ cookieconsent.link() }}", SERVER_NAME="shop.example.com", services=())
    assert bare == f'<a href="{address}policy">Cookie policy</a>'


def test_share_in_a_worker_needs_an_address() -> None:
    """There is no present page to share; the error says what to write."""
    with pytest.raises(ValueError, match="url: found none outside a request, wanted the address of the page to share"):
        in_a_worker("{{ cookieconsent.share('x') }}")


def test_mistakes_in_a_worker_are_told() -> None:
    """What is wrong on a page is wrong in mail."""
    with pytest.raises(EmbedError, match="no declared service"):
        in_a_worker("{{ cookieconsent.embed('https://other.example/', title='T') }}", TESTING=True)
    with pytest.raises(EmbedError, match="title is empty"):
        in_a_worker("{{ cookieconsent.embed(film, title='') }}", TESTING=True)


def test_poster_on_a_named_host() -> None:
    """A health check that calls the site by its number is no reason to take its own picture for another's."""
    site = make_site(SERVER_NAME="shop.example.com")
    with site.app.test_request_context("/", headers={"Host": "10.0.0.7"}):
        source = "{{ cookieconsent.embed(film, title='x', poster='https://shop.example.com/film.jpg') }}"
        page = soup_of(render_template_string(source, film=FILM))
    assert page.select_one(".fcc-poster")["src"] == "/film.jpg"


def test_pieces_of_a_page_that_caches_share() -> None:
    """A3, A8: nobody's: both questions hidden, no tag, and no address of whoever came first in any form."""
    visitor = make_site(COOKIECONSENT_PAGES="cacheable").visitor()
    visitor.choose("accept")
    page = visitor.get("/?mail=a@b.example")
    soup = soup_of(page)

    assert [each.has_attr("hidden") for each in soup.select(".fcc-waiting")] == [True, True]
    assert [bool(soup.select_one(f".fcc-waiting > {each}")) for each in (".fcc-banner", ".fcc-signal")] == [True, True]
    assert not soup.select("script[data-service], .fcc-embed, .fcc-withdraw, [data-forget]")
    assert {each["value"] for each in soup.select("input[name=next]")} == {"/cookies/"}
    assert "a@b.example" not in page.text
    assert remote_references(page.text) == []


def test_early_script_is_in_pages_that_caches_share() -> None:
    """Neither our own pages, which are their visitor's, nor private ones have it."""
    shared, private = (make_site(COOKIECONSENT_PAGES=each).visitor() for each in ("cacheable", "private"))

    assert "/early.js" in shared.get("/").text
    assert "/early.js" not in shared.get("/cookies/").text + private.get("/").text


def test_banner_of_our_own_page_is_the_visitors() -> None:
    """The policy is read by somebody: it asks whoever has not answered, and nobody else."""
    visitor = make_site(COOKIECONSENT_PAGES="cacheable").visitor()
    before = visitor.get("/cookies/policy")
    visitor.choose("reject")
    after = visitor.get("/cookies/policy")

    assert [bool(soup_of(each).select(".fcc-banner")) for each in (before, after)] == [True, False]
    assert "fcc-waiting" not in before.text
    assert before.cache_control.private
