"""The remedy of each rule: something to paste, or one comment that says what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flask_cookieconsent import Cookie
from flask_cookieconsent.audit.findings import Finding, Place
from flask_cookieconsent.audit.proposals.clues import Clue, Spot
from flask_cookieconsent.audit.proposals.in_templates import Case
from flask_cookieconsent.audit.proposals.proposals import with_proposals
from flask_cookieconsent.audit.proposals.remedies import REMEDIES, remedy
from flask_cookieconsent.audit.rules import RULES
from flask_cookieconsent.audit.visitors import visitors_of
from flask_cookieconsent.audit.walking.walk import Walk, Wishes, walk
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.state import get_state
from tests.kit.pasting import python
from tests.kit.sites import make_site, own, services, small_app

PLACE = Place("/page/<id>", "/page/7", "undecided", "app.js:3", "page", ("page.html", "layout.html"))
REGISTRY = build(services())
#: A subject for each rule that is not about a host.
NAMES = {"cookie": "_ec", "storage": "_ec", "read": "_ec", "withdrawal": "_ec", "stale-cookie": "lang"}


def subject_of(rule: str) -> str:
    """Return a cookie for the rules of cookies and keys, and for the others a host."""
    return next((name for word, name in NAMES.items() if word in rule), "player.example.net")


def told(rule: str, subject: str = "", says: str = "says so", clue: Clue | None = None, **more: Any) -> tuple[str, ...]:
    """Return the remedy of a finding."""
    finding = Finding(rule, subject or subject_of(rule), says, (PLACE,), more.pop("given", ()))
    return remedy(Case(finding, clue or Clue(), REGISTRY, **more))


def without_remedy(rules: Any) -> set[str]:
    """Return the rules for which nobody has written a remedy."""
    return set(rules) - set(REMEDIES)


def test_each_rule_has_a_remedy() -> None:
    assert without_remedy(RULES) == set()
    assert without_remedy([*RULES, "a-new-rule"]) == {"a-new-rule"}  # the bad twin


@pytest.fixture(scope="module")
def walked() -> Walk:
    """Return the walk of a sound site with the usual services."""
    site = make_site(app=small_app())
    return walk(site.app, visitors_of(get_state(site.app).registry)[:1], Wishes())


@pytest.mark.parametrize("rule", RULES)
def test_finding_of_each_rule_gets_lines_that_compile(walked: Walk, rule: str) -> None:
    """Also one that nobody has thought of: no place, no element, and nothing that the answers show of it."""
    element = f'<iframe src="https://{subject_of(rule)}/7" title="It">'
    bare = Finding(rule, subject_of(rule), "says so")
    full = Finding(rule, subject_of(rule), "says so", (Place("/", "/", "undecided", element, "home", ("home.html",)),))
    for finding in with_proposals([bare, full], walked):
        compile(python(finding.remedy), rule, "exec")
        assert all("\n" not in line for line in finding.remedy)
    assert with_proposals([full], walked)[0].remedy


def test_rule_without_a_remedy_keeps_what_its_judge_gives() -> None:
    assert remedy(Case(Finding("a-new-rule", "x", "says so", (), ("# this",)), Clue(), REGISTRY)) == ("# this",)
    assert remedy(Case(Finding("a-new-rule", "x", "says so"), Clue(), REGISTRY)) == ()


@pytest.mark.parametrize(
    "rule", ["shared-page", "unfair-template", "page-without-pieces", "unreadable-page", "unfair-look"]
)
def test_judge_knows_better(rule: str) -> None:
    assert told(rule, given=("# this",)) == ("# this",)
    assert told(rule)[0].startswith(("#", "response."))


@pytest.mark.parametrize(
    ("tag", "directive", "tags", "lines"),
    [
        (
            '<iframe src="https://player.example.net/7" title="A &amp; B">',
            "frame-src",
            False,
            ["instead of", '{{ cookieconsent.embed("https://player.example.net/7", title="A & B") }}'],
        ),
        (
            '<iframe src="https://player.example.net/7">',
            "frame-src",
            False,
            ["instead of", '{{ cookieconsent.embed("https://player.example.net/7", title="") }}'],
        ),
        (
            '<script src="https://player.example.net/7">',
            "script-src",
            True,
            ["delete", "head() loads it"],
        ),
        ("<script>", "script-src", True, ["delete the <script> that names https://player.example.net/7 "]),
        ('<link rel="preconnect" href="https://player.example.net">', "style-src", False, ["delete"]),
        ('<link rel="stylesheet" href="https://player.example.net/7">', "style-src", True, ["delete", "loads it once"]),
        (
            '<img src="https://player.example.net/7" alt>',
            "img-src",
            False,
            [
                "around",
                '{% if cookieconsent.allows("films") %}<img src="https://player.example.net/7" alt>{% endif %}',
            ],
        ),
        ("<style>", "font-src", False, ['{% if cookieconsent.allows("films") %}<style> … </style>{% endif %}']),
        (
            '<body background="https://player.example.net/7">',
            "img-src",
            False,
            [
                "take https://player.example.net/7 out of <body",
                'there where\n# {% if cookieconsent.allows("films") %}.',
            ],
        ),
    ],
)
def test_element_is_replaced_by_its_kind(tag: str, directive: str, tags: bool, lines: list[str]) -> None:
    spot = Spot(tag, "https://player.example.net/7", directive, "page.html")
    found = told("contact-before-choice", clue=Clue((spot,)), service="films", tags=tags)

    assert all(part in "\n".join(found) for part in lines)
    assert "# In page.html, " in found[0]


def test_element_with_content_is_wrapped_as_a_whole() -> None:
    spot = Spot("<style>", "https://player.example.net/7", "style-src", "page.html")
    found = told("contact-before-choice", clue=Clue((spot,)), service="films")

    assert found[-1] == '{% if cookieconsent.allows("films") %}<style> … </style>{% endif %}'


def test_base_is_deleted_and_not_what_it_leads_away() -> None:
    relative = Spot(
        '<script src="/static/app.js">', "https://player.example.net/static/app.js", "script-src", "page.html"
    )
    found = told("undeclared-host", clue=Clue((relative, relative)), declaring=("# why",))

    assert found == (
        "# why",
        "# In page.html, delete the <base> that leads addresses of this site to player.example.net.",
    )


def test_many_elements_are_not_all_told() -> None:
    spots = tuple(Spot(f"<img id={n}>", "https://player.example.net/7", "img-src", "page.html") for n in range(9))
    found = told("contact-before-choice", clue=Clue(spots), service="films")

    assert found[-1] == "# and 5 more in the same way"


@pytest.mark.parametrize(
    ("tag", "line"),
    [
        (
            '<script src="https://cdn.jsdelivr.net/npm/vue@3/dist/vue.js" defer>',
            "<script src=\"{{ url_for('static', filename='vue.js') }}\" defer></script>",
        ),
        (
            '<link rel="stylesheet" href="//cdn.jsdelivr.net/npm/vue@3/dist/vue.js">',
            "<link rel=\"stylesheet\" href=\"{{ url_for('static', filename='vue.js') }}\">",
        ),
        ('<script src="https://cdn.jsdelivr.net/npm/vue@3/di…', "{{ url_for('static', filename='vue.js') }}"),
    ],
)
def test_file_of_everybody_becomes_one_of_the_site(tag: str, line: str) -> None:
    spot = Spot(tag, "https://cdn.jsdelivr.net/npm/vue@3/dist/vue.js", "script-src", "page.html")

    assert told("undeclared-host", clue=Clue((spot,)), declaring=("# why",), copies=True)[-1] == line


@pytest.mark.parametrize(
    ("lasts", "lines"),
    [
        (
            timedelta(days=90),
            (
                'Cookie(name="_ec", purpose="Tells visitors apart.", duration=timedelta(days=90)),'
                '  # in the service "counter"',
                "# Or set _ec with max_age=2592000.",
            ),
        ),
        (timedelta(days=500), ("# Set _ec with max_age=2592000.",)),
        (None, ("# Set _ec with max_age=2592000.",)),
    ],
)
def test_life_is_declared_or_shortened(lasts: timedelta | None, lines: tuple[str, ...]) -> None:
    assert told("cookie-too-long", clue=Clue(lasts=lasts, was_set=True)) == lines


def test_cookie_of_a_visit_is_set_without_a_life() -> None:
    registry = build([own("notes", "functionality", Cookie(name="n", purpose="Keeps it."))])
    finding = Finding("cookie-too-long", "n", "says so")

    assert remedy(Case(finding, Clue(), registry)) == ("# Set n with no max_age and no expires.",)


def test_pieces_are_those_that_lack() -> None:
    assert told("page-without-pieces", "layout.html", "lacks {{ cookieconsent.banner() }}") == (
        "# In page.html or the layout that it extends, at the beginning of <body>:",
        "{{ cookieconsent.banner() }}",
    )
    assert len(told("page-without-pieces", "layout.html", "lacks something")) == 6


def test_remedy_of_the_first_page_does_not_leave_everything_out() -> None:
    """What begins with a slash is the whole site."""
    where = Place("/", "/", "undecided", "GET", "home")
    line = remedy(Case(Finding("unreadable-page", "/", "raises", (where,)), Clue(), REGISTRY))

    assert line == ("# Mend what / raises in the view home",)
    assert told("unreadable-page")[0].endswith("--skip /page/7")


def test_controller_that_nobody_fills_in_stays_an_error() -> None:
    (line,) = told("unfair-template", "controller", "COOKIECONSENT_CONTROLLER: found ''")
    names: dict[str, Any] = {}
    exec(line, names)

    assert names["COOKIECONSENT_CONTROLLER"] == ""


def test_policy_that_is_broken() -> None:
    assert "nonce of your policy" in told("csp-violation", "script-src inline")[0]
    assert told("csp-violation", "img-src data")[0].startswith("# Take data out of the page, or let img-src")
    assert told("csp-violation", "frame-src player.example.net", service="films")[0].startswith(
        "# player.example.net is"
    )


def test_script_asks_before_it_stores() -> None:
    found = told("storage-before-choice", given=("if (cookieconsent.allows(1)) …",))

    assert found[:2] == ("# In app.js:3, around what touches _ec:", '# if (cookieconsent.allows("counter")) { … }')
