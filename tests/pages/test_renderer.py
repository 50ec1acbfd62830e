"""What the renderer remembers: fragments under all that they are made of, and nothing of a request."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from flask import request
from jinja2 import nodes
from markupsafe import Markup

from flask_cookieconsent.core.decision import OptOutSignals
from flask_cookieconsent.core.services import Frame
from flask_cookieconsent.pages import embed, forms, template_api
from flask_cookieconsent.pages.fragments import fill
from flask_cookieconsent.pages.renderer import Renderer
from tests.kit.sites import Site, make_site, soup_of

#: The parts that callers hand over, by the template that is remembered; every other name follows from the decision.
FRAGMENTS: dict[str, dict[str, Any]] = {
    "head.html": {"rechecks": True, "is_shared": False},
    "banner.html": {},
    "adopted.html": {},
    "link.html": {},
    "embed.html": {"service_id": "films", "frame": Frame, "title": "A film"},
    "placeholder.html": {
        **{"service_id": "films", "frame": Frame, "title": "A film", "poster": "", "address": "", "is_shared": False}
    },
    "forms.html": {"posts": True},
    "load_form.html": {"service_id": "films", "frame": Frame, "title": "A film"},
}
#: What Flask makes global, and what differs from one request to the next.
OF_THE_REQUEST = {"request", "session", "g", "config", "get_flashed_messages", "url_for"}


def renderer_of(site: Site) -> Renderer:
    renderer: Renderer = site.app.extensions["cookieconsent.renderer"]
    return renderer


def unexplained(renderer: Renderer, template: str, parts: dict[str, Any], decision: Any) -> set[str]:
    """Return the names that a template, or what it includes, asks for and that are not made of its key."""
    environment = renderer.templates.environment
    asked: set[str] = set()
    own: set[str] = set()
    for part in renderer.templates.parts_of(template):
        tree = environment.parse(environment.loader.get_source(environment, part)[0])  # type: ignore[union-attr]
        names = list(tree.find_all(nodes.Name))
        asked |= {name.name for name in names if name.ctx == "load"}
        own |= {name.name for name in names if name.ctx == "store"}
    return (asked - own - set(renderer.context(decision, "en").values) - set(parts) - {"next", "place", "loop"}) | (
        asked & OF_THE_REQUEST
    )


@pytest.mark.parametrize("template", FRAGMENTS)
def test_key_of_a_fragment_is_all_that_it_is_made_of(template: str) -> None:
    """A8: no remembered template asks for anything that is not in its key, nor for the request."""
    site = make_site()
    with site.app.test_request_context():
        decision = site.app.extensions["cookieconsent.state"].decide(None, OptOutSignals(), site.clock().date())
        assert unexplained(renderer_of(site), template, FRAGMENTS[template], decision) == set()


@pytest.mark.parametrize("text", ["{{ request.args.who }}", "{% include 'cookieconsent/more.html' %}", "{{ visitor }}"])
def test_key_of_a_fragment_twin(text: str) -> None:
    """A8: a template of ours that asked the request, itself or by what it includes, would be seen."""
    templates = {"cookieconsent/link.html": text, "cookieconsent/more.html": "{{ session.name }}"}
    site = make_site(templates=templates)
    with site.app.test_request_context():
        decision = site.app.extensions["cookieconsent.state"].decide(None, OptOutSignals(), site.clock().date())
        assert unexplained(renderer_of(site), "link.html", {}, decision) != set()


def test_every_remembered_template_is_tried() -> None:
    """A8: the templates above are those that the template API names, apart from the few that are never remembered."""
    named = set(re.findall(r'"(\w+\.html)"', "".join(map(inspect.getsource, (template_api, embed, forms)))))

    others = {"widget.html", "share.html", "share_links.html", "not_shown.html", "plain.html", "plain_link.html"}
    assert named - set(FRAGMENTS) == others
    assert set(FRAGMENTS) <= named


def test_included_template_of_the_site_is_seen() -> None:
    """A8: a fragment is the site's as soon as anything that it includes is, and the others stay ours."""
    site = make_site(templates={"cookieconsent/tag.html": "", "cookieconsent/embed_about.html": ""})
    templates = renderer_of(site).templates

    ours = {name: templates.is_ours(name) for name in FRAGMENTS}

    assert {name for name, is_ours in ours.items() if not is_ours} == {"head.html", "placeholder.html"}


def test_template_that_is_only_known_when_rendered_is_an_error() -> None:
    """A8: a part whose name is computed cannot be asked whether it is ours."""
    site = make_site(templates={"cookieconsent/link.html": "{% include name %}"})

    with pytest.raises(ValueError, match="only known when it is rendered"):
        renderer_of(site).templates.parts_of("link.html")


def test_holes_are_filled_and_escaped() -> None:
    """A8: a fragment has three holes, and nothing but them is replaced."""
    site = make_site()
    with site.app.test_request_context():
        renderer = renderer_of(site)
        decision = site.app.extensions["cookieconsent.state"].decide(None, OptOutSignals(), site.clock().date())
        context = renderer.context(decision, "en")
        head = renderer.fragment("head.html", context, rechecks=True)
        frame = Frame(
            src="https://player.example.net/abc", link="https://films.example.net/", kind="video", shape="wide"
        )
        film = renderer.fragment(
            "embed.html", renderer.context(decision, "en"), service_id="films", frame=frame, title="A film"
        )

    assert soup_of(fill(head.text, nonce='"><b>')).select_one("script")["nonce"] == '"><b>'  # type: ignore[index]
    assert 'id="fcc-place-0a1b2c3d"' in fill(film.text, place="0a1b2c3d")
    assert "hole" not in fill(head.text, nonce="n") + fill(film.text, place="0a1b2c3d")


def test_text_and_markup_of_the_same_letters_differ() -> None:
    """A9: a title that is text is escaped, also after another page has said the same letters as HTML."""
    pages = {"home.html": "{{ cookieconsent.embed(film, title=title) }}"}
    site = make_site(templates=pages)
    for title in (Markup("<b>A</b>"), "<b>A</b>", Markup("<b>A</b>")):
        site.app.jinja_env.globals["title"] = title
        page = site.visitor().get("/").text
        assert ("<b>A</b>" in page) == isinstance(title, Markup)


def test_context_of_a_decision_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page with ten embeds computes what follows from the decision once."""
    calls: list[Any] = []
    monkeypatch.setattr("flask_cookieconsent.pages.renderer.tags", lambda decision: calls.append(decision) or [])
    ten = "".join(f"{{{{ cookieconsent.embed(film, title='Film {n}') }}}}" for n in range(10))
    site = make_site(templates={"home.html": "{{ cookieconsent.head() }}" + ten})

    assert site.visitor().get("/").text.count("fcc-placeholder ") == 10
    assert len(calls) == 1


def test_addresses_carry_what_the_app_adds() -> None:
    """An app that puts a language into every address has it in ours too, whatever else is filled into them."""
    site = make_site()
    site.app.url_defaults(lambda endpoint, values: values.setdefault("lang", request.args.get("lang", "en")))

    for language in ("nl", "fr"):
        page = soup_of(site.visitor().get("/", query_string={"lang": language}))
        assert page.select_one("form[id^=fcc-load-]")["action"] == f"/cookies/frame/films?lang={language}"
        assert page.select_one(".fcc-placeholder button[value=allow]")["formaction"].count(f"lang={language}") == 1
        assert page.select_one(".fcc-link a")["href"] == f"/cookies/?lang={language}"
        (script,) = page.select("script[data-choice]")
        assert script["src"].endswith(f"/fcc.js?lang={language}")
        with site.visitor().get(script["src"]) as file:
            assert file.headers["Cache-Control"].endswith("immutable")


def test_addresses_below_a_mount_point() -> None:
    """An app below a prefix of its server, and the same app beside it, each lead to their own pages."""
    site = make_site()
    for root in ("", "/shop", "/blog"):
        page = soup_of(site.app.test_client().get("/", base_url=f"http://localhost{root}/").text)
        assert page.select_one(".fcc-link a")["href"] == f"{root}/cookies/"
