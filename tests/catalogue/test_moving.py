"""Moving in: what the catalogue has is found by its script, host, name or a cookie; the rest becomes a skeleton."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent import catalogue as factories
from flask_cookieconsent.catalogue.moving.foreign import Moved, read, read_table
from flask_cookieconsent.catalogue.moving.known import by_cookie, by_name, by_snippet, call, catalogue
from flask_cookieconsent.catalogue.moving.names import GROUPS, JOBS, STRICTEST
from flask_cookieconsent.catalogue.moving.plan import Plan, planned
from flask_cookieconsent.catalogue.moving.snippet import read as read_snippet
from flask_cookieconsent.core.defaults import CATEGORIES, NECESSARY_PURPOSES, PURPOSES
from tests.kit.papers import DOCS, needs_pages, rows

TODAY = date(2026, 11, 27)
STATS = {"match": "S-[0-9]{4}", "example": "S-1234"}
ADS = {"match": "A-[0-9]{4}", "example": "A-1234"}
TOWN = {"https://cdn.town.example": {"for": ["script-src"]}}
#: A catalogue of four: two of one vendor, one on a server of the site's own, and one that is embedded.
DECLARED: dict[str, Any] = {
    "town_stats": {
        "name": "Town Stats",
        "parameters": {"account": STATS},
        "hosts": TOWN,
        "cookies": [{"name": "_town*"}, {"name": ["shared", "_townie"]}],
    },
    "town_ads": {"name": "Town Ads", "parameters": {"account": ADS}, "hosts": TOWN, "cookies": [{"name": "shared"}]},
    "own_count": {
        "name": "Own Count",
        "parameters": {
            "server": {"is": "server", "example": "https://count.example"},
            "site": {"match": "[0-9]{5}", "example": "12345"},
            "mode": {"choices": ["plain", "full"], "default": "plain"},
        },
        "hosts": {"{server|origin}": {"for": ["script-src"]}},
        "tag": {"src": "{server}/own.js", "queue": {"name": "ownq", "aliases": ["_ownq"]}},
    },
    "films": {
        "name": "Films & Co.",
        "hosts": {"https://*.films.example": {"for": ["frame-src"]}},
        "cookies": [{"name": "watched", "domain": "films.example"}],
        "embed": {
            "src": "https://play.films.example/{v}",
            "addresses": [{"hosts": ["films.example"], "path": "/[0-9]+"}],
        },
    },
}


#: What a vendor counts with where scripts are off: it is on a host of its embeds, and embeds nothing.
PICTURE = '<noscript><img src="https://films.example/7"></noscript>'


def lines(text: str) -> list[str]:
    """Return the lines that the catalogue has for a snippet."""
    return [each.code for each in by_snippet(read_snippet(text), DECLARED)]


def script(url: str, code: str = "") -> str:
    """Return the snippet of a script."""
    return f'<script src="{url}"></script><script>{code}</script>'


@pytest.mark.parametrize(
    ("snippet", "found"),
    [
        (script("https://cdn.town.example/t.js", "go('S-1234')"), ['town_stats("S-1234")']),
        (script("https://cdn.town.example/t.js", "go('A-1234')"), ['town_ads("A-1234")']),
        (script("https://cdn.town.example/t.js"), ['town_stats("?")', 'town_ads("?")']),
        (script("https://cdn.town.example/t.js", "go('S-1234', 'S-4321')"), ['town_stats("?")', 'town_ads("?")']),
        (script("https://my.example/own.js", "_ownq.push(12345)"), ['own_count("?", "12345")']),
        ('<iframe src="https://www.films.example/x"></iframe>', ["films()"]),
        ("<script>var u = 'https://play.films.example/7'</script>", ["films()"]),
        (script("https://cdn.town.example/t.js", "go('A-1234')") + PICTURE, ['town_ads("A-1234")']),
        (script("https://town.example/t.js"), []),
        (script("https://cdn.town.example.evil.example/t.js"), []),
        ('<iframe src="https://evilfilms.example/1"></iframe>', []),
        ("https://cdn.town.example/t.js", []),
    ],
)
def test_service_is_found_by_what_it_contacts(snippet: str, found: list[str]) -> None:
    assert lines(snippet) == found


def test_line_says_what_is_to_be_filled_in() -> None:
    made = call("own_count", DECLARED["own_count"], ["12345", "54321"])

    assert made.code == 'own_count("?", "?")'
    assert made.gaps == ("server: one such as https://count.example", "site: one such as 12345")


@pytest.mark.parametrize("text", ['12345")', "12345\n", "12\\345", "１２３４５"])
def test_text_that_is_not_all_of_an_id_is_no_value(text: str) -> None:
    """Nothing of a snippet gets into a line of Python but what a parameter takes as a whole."""
    assert call("own_count", DECLARED["own_count"], [text]).code == 'own_count("?", "?")'


def test_gap_is_refused_by_the_factory() -> None:
    """What stands for a value is none: a line that nobody has filled in declares nothing."""
    made = call("meta_pixel", catalogue()["meta_pixel"])

    assert made.code == 'meta_pixel("?")'
    with pytest.raises(ValueError, match=r"pixel_id: found '\?', wanted one such as"):
        factories.meta_pixel("?")


@pytest.mark.parametrize("id", catalogue())
def test_no_parameter_takes_what_stands_for_one(id: str) -> None:
    data = catalogue()[id]
    needed = [each for each in data.get("parameters", {}).values() if "default" not in each]

    assert len(call(id, data).gaps) == max(len(needed), bool(data.get("one_of")))


@pytest.mark.parametrize(
    ("name", "id"),
    [("Town Stats", "town_stats"), ("town-stats", "town_stats"), ("films & co", "films"), ("town", None), ("", None)],
)
def test_service_is_found_by_its_name(name: str, id: str | None) -> None:
    assert by_name(name, DECLARED) == id


def test_other_tools_have_names_of_their_own() -> None:
    assert by_name("facebookpixel", catalogue()) == "meta_pixel"
    assert by_name("facebookpixel", DECLARED) is None
    assert all(word.isascii() and word == word.lower() and word.isalnum() for word in JOBS)


@pytest.mark.parametrize(
    ("name", "domain", "ids"),
    [
        ("_town_1", "", ["town_stats"]),
        ("_town*", "", ["town_stats"]),
        ("_townie", "", ["town_stats"]),
        ("shared", ".my.example", ["town_stats", "town_ads"]),
        ("watched", "", []),
        ("watched", ".films.example", ["films"]),
        ("watched", "evilfilms.example", []),
        ("_to", "", []),
        ("*", "", []),
    ],
)
def test_service_is_found_by_a_cookie(name: str, domain: str, ids: list[str]) -> None:
    assert by_cookie(name, domain, DECLARED) == ids


# -- what other tools were told ----------------------------------------------------------------------------------------


def plan(data: Any) -> Plan:
    """Return what becomes of a configuration."""
    moved = read(data)
    assert moved is not None
    return planned(moved, DECLARED, TODAY)


def calls(made: Plan) -> list[str]:
    """Return the lines of the catalogue."""
    return [each.code for each in made.calls]


def told(made: Plan, sentence: str) -> list[str]:
    """Return what is left behind, if a sentence of it has these words."""
    return [each for each in made.left if sentence in each]


def test_klaro() -> None:
    made = plan(
        {
            "default": True,
            "hideDeclineAll": True,
            "services": [
                {"name": "townStats", "purposes": ["analytics"], "default": True},
                {"name": "movies", "title": "Films & Co."},
                {"name": "chat", "title": "Chat", "purposes": ["functional"], "required": True}
                | {"cookies": ["chat", ["^chat_.*$", "/", ".my.example"], {"pattern": "c2", "path": "/"}, {}]},
            ],
        }
    )

    assert calls(made) == ['town_stats("?")', "films()"]
    (chat,) = made.skeletons
    assert (chat.id, chat.data["name"], chat.data["categories"]) == ("chat", "Chat", ["functionality"])
    assert [each["name"] for each in chat.data["cookies"]] == ["chat", "chat_*", "c2"]
    assert told(made, "default: every service was ticked beforehand") and told(made, "townStats: was ticked beforehand")
    assert told(made, "hidden refusal is never carried over") and told(made, "chat: was always on")
    assert told(made, "chat: a cookie that is a regular expression became nothing in JSON")


def test_vanilla_cookieconsent() -> None:
    made = plan(
        {
            "mode": "opt-out",
            "categories": {
                "necessary": {"enabled": True, "readOnly": True},
                "analytics": {
                    "enabled": True,
                    "autoClear": {
                        "cookies": [{"name": "_town_1"}, {"name": "/^own_/"}, {"name": {}}, {"name": "shared"}]
                    },
                    "services": {"films": {"label": "Films", "cookies": [{"name": "watched"}]}},
                },
            },
            "language": {"translations": {"en": {"consentModal": {"acceptAllBtn": "Yes"}}, "de": "/de.json"}},
        }
    )

    assert calls(made) == ["films()", 'town_stats("?")']
    assert [(each.id, each.data["cookies"]) for each in made.skeletons] == [
        ("analytics", [{"name": "own_*", "purpose": ""}])
    ]
    assert (
        told(made, "mode: opt-out") and told(made, "en: a banner without a refusal") and not told(made, "de: a banner")
    )
    assert told(made, "analytics: was ticked beforehand") and told(made, "necessary: was always on")
    assert told(made, "shared: is of town_stats or town_ads")


def test_tarteaucitron() -> None:
    made = plan(["townstats", "podium", "podium", ""])

    assert (calls(made), [each.id for each in made.skeletons]) == (['town_stats("?")'], ["podium"])
    assert told(made, "highPrivacy")


def test_complianz_brings_its_ids() -> None:
    settings = {"compile_statistics": "town-stats", "UA_code": "S-1234", "thirdparty_services_on_site": ["films"]}
    made = plan({"settings": settings | {"socialmedia_on_site": {"podium": 1, "other": 0}}, "banners": []})

    assert (calls(made), [each.id for each in made.skeletons]) == (['town_stats("S-1234")', "films()"], ["podium"])
    anonymous = plan({"settings": {"compile_statistics": "yes-anonymous"}})
    assert told(anonymous, "anonymous statistics without a question")


TABLE = """Cookie name;Provider;Category;Purpose;Expiry;Type
_town_1;town.example;Statistics;Counts;2 years;HTTP Cookie
own_#;my.example;Statistics;Counts;2 years;HTTP Cookie
own.key;my.example;Statistics;Keeps it.;Persistent;HTML Local Storage
px;my.example;Marketing;x;Session;Pixel Tracker
bad name;my.example;Statistics;x;Session;HTTP Cookie
CookieConsent;my.example;Necessary;State;1 year;HTTP Cookie
"""


def test_cookiebot_as_a_table() -> None:
    moved = read_table(TABLE)
    assert moved is not None
    made = planned(moved, DECLARED, TODAY)

    assert calls(made) == ['town_stats("?")']
    (skeleton,) = made.skeletons
    assert (skeleton.id, skeleton.data["categories"]) == ("my_example", ["performance"])
    assert skeleton.data["cookies"] == [
        {"name": "own_*", "purpose": "Counts.", "kept": "400 days"},
        {"name": "own.key", "purpose": "Keeps it.", "storage": "local"},
    ]
    assert told(made, "px: no cookie") and told(made, "bad name: is no name") and told(made, "necessary: was always on")
    assert told(made, "CookieConsent: what the tool itself keeps")


def test_cookiebot_as_json() -> None:
    rows = [{"Name": "_town_1", "Provider": "x", "Category": "Statistics", "Expiry": "1 day"}]
    tables = {"cookieTableStatistics": [["_town_1", "x", "Counts", "1 day", "HTTP", 1, "", ""]]}

    assert calls(plan(rows)) == calls(plan(tables)) == ['town_stats("?")']


@pytest.mark.parametrize(
    "data", [{}, [], [1], [{}], [{"name": "a"}], {"categories": []}, {"services": 1}, None, 1, "a", True]
)
def test_what_is_of_no_tool_is_none_of_theirs(data: Any) -> None:
    """So that a declaration of ours, or nothing, is judged as one of ours."""
    assert read(data) is None
    assert read(catalogue()["youtube"]) is None
    assert read_table("a;b\n1;2\n") is None


@pytest.mark.parametrize("word", GROUPS)
def test_group_of_theirs_is_one_of_ours_and_never_necessary(word: str) -> None:
    """C5: what another tool calls necessary is asked about until somebody says why not."""
    category, purpose = GROUPS[word]

    assert category in {each.id for each in CATEGORIES if not each.necessary}
    assert purpose in PURPOSES
    assert plan({"services": [{"name": "it", "purposes": [word]}]}).skeletons[0].data["categories"] == [category]
    assert NECESSARY_PURPOSES  # the registry has the last word


def group_mistakes(page: Path) -> list[str]:
    """Return the words of the table of a page that are filed otherwise than it says."""
    table = [(words.split(", "), category.strip("`")) for words, category, *_ in rows(page, "Categories")]
    plain = [(re.sub("[^a-z]", "", word), category) for words, category in table[:-1] for word in words]
    assert len(plain) > 15
    return [word for word, category in plain if GROUPS.get(word, STRICTEST)[0] != category]


@needs_pages
def test_table_of_groups_is_the_code(tmp_path: Path) -> None:
    assert group_mistakes(DOCS / "moving.md") == []

    page = tmp_path / "moving.md"
    page.write_text((DOCS / "moving.md").read_text("utf-8").replace("| video, ", "| analytics, "), "utf-8")
    assert group_mistakes(page) == ["analytics"]  # the bad twin


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["^_a", "/(/", "1 year", "necessary"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["services", "apps", "categories", "settings", "name", "cookies", "autoClear", "language", "pattern"]
            )
            | st.sampled_from(
                ["translations", "consentModal", "type", "category", "expiry", "cookieTableNecessary", "purposes"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_whatever_a_file_holds_nothing_is_necessary(data: Any) -> None:
    """Anything can be read, and no skeleton is ticked, necessary, or called by what cannot be an id."""
    made = planned(read(data) or Moved("none", ()), DECLARED, TODAY)

    for skeleton in made.skeletons:
        assert skeleton.id.isidentifier() and skeleton.id.isascii() and len(skeleton.id) <= 32
        assert skeleton.data["categories"] != ["necessary"] and "justification" not in skeleton.data
        named = {each.partition(":")[0] for each in skeleton.look_up}
        assert "provider.name" in named


@given(
    st.text() | st.lists(st.sampled_from(["name", "type", ";", ",", "\n", '"', "a", "\r", "\0", "HTTP"])).map("".join)
)
def test_any_text_is_a_table_or_none(text: str) -> None:
    moved = read_table(text)

    assert moved is None or planned(moved, DECLARED, TODAY).calls == ()


# -- what a snippet says by name ---------------------------------------------------------------------------------------


def line(html: str) -> list[str]:
    """Return the lines of the real catalogue for a snippet."""
    return [each.code for each in by_snippet(read_snippet(html), catalogue())]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            '<script src="//widget.trustpilot.com/bootstrap/v5/tp.widget.bootstrap.min.js"></script>'
            '<div class="trustpilot-widget" data-template-id="53aa8807dec7e10d38f59f32" '
            'data-businessunit-id="46d6a890000064000500e0c3"></div>',
            ['trustpilot("46d6a890000064000500e0c3", "53aa8807dec7e10d38f59f32")'],
        ),
        (
            '<link rel="stylesheet" href="https://fonts.googleapis.com/css2?family=Inter:wght@400&family=Lora&display=swap">',
            ['google_fonts("family=Inter:wght@400&family=Lora")'],
        ),
        ('<script src="https://cdn.jsdelivr.net/npm/podium@1/podium.js"></script>', []),
        ('<script src="https://unpkg.com/podium"></script>', []),
    ],
)
def test_values_are_known_by_the_names_of_attributes(html: str, expected: list[str]) -> None:
    """Two ids of one form are told apart by the names that the vendor gives them; a host of everybody's is nobody's."""
    assert line(html) == expected


def test_named_values_twin() -> None:
    """Without the names both ids fit both parameters, and neither is guessed."""
    ids = '<i data-a="53aa8807dec7e10d38f59f32" data-b="46d6a890000064000500e0c3">'
    assert line(f'<script src="//widget.trustpilot.com/x.js"></script>{ids}') == ['trustpilot("?", "?")']


def test_cookies_that_nobody_can_declare_make_no_skeleton() -> None:
    table = "Name,Provider,Category\n{},films.example,Unclassified\n"
    moved, twin = read_table(table.format("#-#")), read_table(table.format("other"))
    assert moved is not None
    assert twin is not None

    assert planned(moved, DECLARED, TODAY).skeletons == ()
    assert any("is no name that a cookie can have" in each for each in planned(moved, DECLARED, TODAY).left)
    assert [each.id for each in planned(twin, DECLARED, TODAY).skeletons] == ["films_example"]
