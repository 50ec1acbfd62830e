"""The pages as a browser without scripts receives them: what they hold, what they carry, what they never do."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.kit.pages import REMOTE, loaded
from tests.kit.sites import GPC, NOON, OPTIONAL, STALE, Clock, fields_of, make_site, notice_of, own, owner, soup_of

# -- A: nothing before consent --------------------------------------------------------------------------------------


def test_exactly_the_allowed_is_there() -> None:
    """A6: for each of the 16 subsets of categories, exactly their tags, frames and parts of the page are there."""
    site = make_site()

    for chosen in (set(each) for n in range(5) for each in itertools.combinations(OPTIONAL, n)):
        visitor = site.visitor()
        wanted = set().union(*(OPTIONAL[each] for each in chosen))
        visitor.press(visitor.get("/cookies/"), "Save", within=".fcc-switches", on=wanted)
        page = visitor.get("/")
        assert {each.text for each in soup_of(page).select("p.allowed")} == chosen
        assert loaded(page.text) == ({"EC-1"} if "counter" in wanted else set(), wanted & set(REMOTE)), chosen
        assert visitor.allowed() == wanted


def test_exactly_the_allowed_is_there_twin() -> None:
    """A6: a page that keeps a frame for everybody is seen."""
    assert loaded(f'<iframe src="{REMOTE["films"]}"></iframe>') != (set(), set())


def test_partly_allowed_category_is_not_allowed() -> None:
    """A6: what belongs to a category waits for all its services, and each service stands alone."""
    visitor = make_site().visitor()
    visitor.choose("save", "films")

    page = visitor.get("/")

    assert loaded(page.text) == (set(), {"films"})
    assert not soup_of(page).select("p.allowed")


def hostile_cookies() -> dict[str, str]:
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")
    good = visitor.cookie()
    assert good
    body, _, signature = good.rpartition(".")
    other = make_site(SECRET_KEY="the key of somebody else").visitor()
    other.choose("accept")
    ahead = make_site(clock=Clock(NOON.replace(day=25))).visitor()
    ahead.choose("accept")
    return {
        "empty": "cookieconsent=",
        "malformed": "cookieconsent=%00%FF;;=;",
        "truncated": f"cookieconsent={good[:-5]}",
        "unsigned": f"cookieconsent={body}",
        "no signature": f"cookieconsent={body}.",
        "forged": f"cookieconsent={body.replace('films+', 'filmz+')}.{signature}",
        "another version": f"cookieconsent=2{good[1:]}",
        "of another site": f"cookieconsent={other.cookie()}",
        "of days to come": f"cookieconsent={ahead.cookie()}",
        "twice": f"cookieconsent={good}; cookieconsent={good}",
        "oversized": f"cookieconsent={good}{'x' * 4_000}",
        "not ASCII": "cookieconsent=1.2026é",
        "quoted": f'cookieconsent="{good}\\"',
        "digits of elsewhere": "cookieconsent=1.２０２６１１２３.0.x",
        "of the other scheme": f"__Host-cookieconsent={good}",
    }


def test_bad_cookie_means_undecided() -> None:
    """A7: a cookie this site did not write means that nobody has chosen; the page is there all the same."""
    site = make_site()

    for kind, header in hostile_cookies().items():
        response = site.visitor().get("/", headers={"Cookie": header.encode().decode("latin-1")})
        assert response.status_code == 200, kind
        assert soup_of(response).select_one(".fcc-banner"), kind
        assert loaded(response.text) == (set(), set()), kind


def test_bad_cookie_means_undecided_twin() -> None:
    """A7: the same page with a good cookie is another one, so the check can tell."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")

    response = site.visitor().get("/", headers={"Cookie": f"a=b; cookieconsent={visitor.cookie()}"})

    assert not soup_of(response).select_one(".fcc-banner")
    assert loaded(response.text) == ({"EC-1"}, {"films", "posts"})


def test_expired_cookie_means_undecided() -> None:
    """A7, B10: a choice is remembered for 184 days, a refusal as long as a grant, and then asked for once more."""
    for choice in ("accept", "reject"):
        site = make_site()
        visitor = site.visitor()
        visitor.choose(choice)
        text = f"cookieconsent={visitor.cookie()}"
        for days, asked in ((1, False), (182, False), (1, False), (1, True)):
            site.clock.forward(days=days)
            page = visitor.get("/", headers={"Cookie": text})
            assert (soup_of(page).select_one(".fcc-banner") is not None) == asked
        assert loaded(page.text) == (set(), set())


# -- B: the choice --------------------------------------------------------------------------------------------------


def are_equal(buttons: list[Any]) -> bool:
    """Tell whether two buttons are the same but for their words and their value."""
    shapes = [
        (each.name, each.parent, {key: value for key, value in each.attrs.items() if key != "value"})
        for each in buttons
    ]
    return len(shapes) == 2 and shapes[0] == shapes[1]


@pytest.mark.parametrize(("path", "group"), [("/", ".fcc-banner"), ("/cookies/", "#fcc-all")])
def test_accept_and_reject_are_equal(path: str, group: str) -> None:
    """B1, B2: wherever everything can be accepted it can be refused, by an equal button beside it."""
    soup = soup_of(make_site().visitor().get(path))

    buttons = [each for each in soup.select(f"{group} button") if each["value"] in ("accept", "reject")]

    assert {each.text for each in buttons} == {"Accept all", "Reject all"}
    assert are_equal(buttons)
    assert len({id(owner(each, soup)) for each in buttons}) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<div><button class="big">Accept all</button><button>Reject all</button></div>',
        "<div><button>Accept all</button><a>Reject all</a></div>",
        "<div><button>Accept all</button></div>",
        "<div><button>Accept all</button></div><div><button>Reject all</button></div>",
    ],
)
def test_accept_and_reject_are_equal_twin(html: str) -> None:
    """B2: a larger, another, a missing or a distant refusal fails the check."""
    assert not are_equal(list(BeautifulSoup(html, "html.parser").select("button, a")))


def ticked(html: str) -> list[str]:
    return [each.get("value", "") for each in BeautifulSoup(html, "html.parser").select("[checked], [selected]")]


@pytest.mark.parametrize("headers", [{}, GPC])
def test_no_switch_is_preselected(headers: dict[str, str]) -> None:
    """B3: before a choice no switch is on, and the untouched form refuses everything."""
    site = make_site()
    visitor = site.visitor()
    page = visitor.get("/cookies/", headers=headers)

    assert ticked(page.text) == []
    visitor.press(page, "Save", headers=headers)

    assert visitor.allowed() == set()
    assert [each.kind for each in site.events()] == ["refused"]


def test_no_switch_is_preselected_after_a_new_policy() -> None:
    """B3, D6: where a new version asks again about what was granted, its switches are off."""
    old = make_site()
    visitor = old.visitor()
    visitor.choose("save", "films", "language")
    new = make_site(COOKIECONSENT_POLICY_VERSION="2")

    page = new.visitor().get("/cookies/", headers={"Cookie": f"cookieconsent={visitor.cookie()}"})

    assert ticked(page.text) == []


def test_no_switch_is_preselected_twin() -> None:
    """B3: a ticked box fails the check."""
    assert ticked('<input type="checkbox" value="films" checked>') == ["films"]


def default_button(form_id_or_class: str, html: str) -> str:
    """Return the value of the button that Enter presses: the first that the form owns, in the order of the page."""
    soup = BeautifulSoup(html, "html.parser")
    form = soup.select_one(form_id_or_class)
    submits = [each for each in soup.select("button") if each.get("type", "submit") == "submit"]
    return next(str(each["value"]) for each in submits if owner(each, soup) is form)


def test_enter_saves_what_is_shown() -> None:
    """B8: Enter in a form with switches presses Save; in no form can it accept everything."""
    page = make_site().visitor().get("/cookies/")

    assert default_button(".fcc-switches", page.text) == "save"
    for form in soup_of(page).select("form"):
        editable = [each for each in form.select("input") if each.get("type", "text") != "hidden"]
        assert not editable or "fcc-switches" in form["class"]


def test_enter_saves_what_is_shown_twin() -> None:
    """B8: a form in which "accept all" comes first fails the check."""
    html = '<form class="f"><input name="a"><button value="accept">A</button><button value="save">S</button></form>'
    assert default_button(".f", html) == "accept"


# -- C: information -------------------------------------------------------------------------------------------------


def test_purposes_come_with_the_question() -> None:
    """C1: the banner names every optional category with its sentence, ahead of the buttons."""
    banner = soup_of(make_site().visitor().get("/")).select_one(".fcc-banner")
    text = banner.text

    terms = banner.select("dt")
    assert len(terms) == len(OPTIONAL)
    assert all(each.find_next("dd").text.strip() for each in terms)
    assert text.index(terms[-1].text) < text.index("Accept all")


@pytest.mark.parametrize("path", ["/cookies/", "/cookies/policy"])
def test_recipients_are_named(path: str) -> None:
    """C2: each service that has a provider names it, with its country and a link to its policy."""
    soup = soup_of(make_site().visitor().get(path))

    details = [each for each in soup.select("details.fcc-details") if "Example Media SA (BE)" in each.text]

    assert len(details) == 3
    assert all(each.select_one('a[href="https://media.example.net/privacy"]') for each in details)


def test_controller_is_named() -> None:
    """C2: the policy names who is responsible, and how to reach them."""
    site = make_site(
        COOKIECONSENT_CONTROLLER="Ecom BV <1>",
        COOKIECONSENT_CONTROLLER_ADDRESS="Quay 1, Ghent",
        COOKIECONSENT_CONTACT="privacy@example.com",
        COOKIECONSENT_PRIVACY_POLICY_URL="/privacy",
        COOKIECONSENT_POLICY_DATE="2026-11-01",
        COOKIECONSENT_POLICY_VERSION="7",
    )

    soup = soup_of(site.visitor().get("/cookies/policy"))

    for text in ("Ecom BV <1>", "Quay 1, Ghent", "Version 7", "November 1, 2026"):
        assert text in soup.text
    assert soup.select_one('a[href="mailto:privacy@example.com"]')
    assert soup.select_one('a[href="/privacy"]')


def rows(html: Any) -> dict[str, list[str]]:
    return {
        row.th.text: [re.sub(r"\s+", " ", cell.text).strip() for cell in row.select("td")]
        for row in soup_of(html).select(".fcc-table tbody tr")
    }


@pytest.mark.parametrize("path", ["/cookies/", "/cookies/policy"])
def test_every_cookie_has_its_row(path: str) -> None:
    """C3: each stored item is listed with its purpose, its duration, for people and machines, and who reads it."""
    page = make_site().visitor().get(path)

    table = rows(page)

    assert table["lang"] == ["Keeps the language you picked.", "1 year", "This site"]
    assert table["_ec"] == ["Tells visitors apart.", "30 days", "This site, Example Media SA"]
    assert table["_ec_*"][1] == "Until you close the browser"
    assert table["watched"] == ["Counts.", "30 days", "Example Media SA (example.net)"]
    assert soup_of(page).select_one('time[datetime="P30D"]')
    assert all(all(cells) for cells in table.values())


@pytest.mark.parametrize("path", ["/cookies/", "/cookies/policy"])
@pytest.mark.parametrize(
    ("https", "domain", "name"),
    [
        (False, None, "cookieconsent"),
        (True, None, "__Host-cookieconsent"),
        (True, "example.com", "cookieconsent"),
        (True, "elsewhere.example", "__Host-cookieconsent"),
    ],
)
def test_own_cookies_have_their_rows(path: str, https: bool, domain: str | None, name: str) -> None:
    """D5: the cookies of the extension itself are listed as strictly necessary, with a reason and a duration.

    Of the two names of the choices cookie only that is listed which a browser has on this site.
    """
    page = make_site(COOKIECONSENT_COOKIE_DOMAIN=domain).visitor(https=https, host="www.example.com").get(path)
    table, receipt = rows(page), ("__Secure-" if https else "") + "cookieconsent_receipt"

    assert {each for each in table if "cookieconsent" in each} == {name, receipt}
    assert table[name][1] == table[receipt][1] == "6 months"
    assert soup_of(page).select_one('.fcc-table time[datetime="P184D"]')
    first = soup_of(page).select_one(".fcc-category")
    assert receipt in first.text
    assert "could not respect a refusal" in first.text


def test_every_cookie_has_its_row_twin() -> None:
    """C3: a table that forgets a duration fails the check."""
    table = rows('<table class="fcc-table"><tbody><tr><th>a</th><td>For this.</td><td> </td></tr></tbody></table>')
    assert not all(all(cells) for cells in table.values())


def test_refusing_is_explained() -> None:
    """C6: banner, preferences and policy say that one may refuse, what follows, and how to change one's mind."""
    visitor = make_site().visitor()
    banner = soup_of(visitor.get("/")).select_one(".fcc-banner")

    assert "If you refuse, the whole site stays open" in banner.text
    assert "Change your mind any time" in banner.text
    assert banner.select_one('a[href="/cookies/policy"]')
    assert all(each.text.strip() for each in soup_of(visitor.get("/cookies/")).select(".fcc-refusal"))
    assert "withdraw at any time" in soup_of(visitor.get("/cookies/policy")).text


# -- E: the way back ------------------------------------------------------------------------------------------------


def test_preferences_show_what_is_stored() -> None:
    """E1: the settings show the present state, its day and the version of the policy."""
    site = make_site(COOKIECONSENT_POLICY_VERSION="3")
    visitor = site.visitor()
    visitor.choose("save", "films", "language")
    site.clock.forward(days=3)

    page = visitor.get("/cookies/")

    assert set(ticked(page.text)) == {"films", "language"}
    assert "some are on" in soup_of(page).select_one("#fcc-third_party").text
    assert "November 23, 2026" in soup_of(page).select_one(".fcc-state").text
    assert soup_of(page).select(".fcc-preferences > p")[-1].text.split() == [
        "Policy",
        "version",
        "3.",
        "Your",
        "receipt",
    ]


@pytest.mark.parametrize(("first", "then"), [("reject", "reject"), ("accept", "withdraw")])
def test_refusal_and_withdrawal_are_told_in_words_true_of_both(first: str, then: str) -> None:
    """D3, E1: the cookie does not tell the one from the other, so the page may not say which it was."""
    visitor = make_site().visitor()
    for choice in (first, then):
        visitor.choose(choice)

    state = soup_of(visitor.get("/cookies/")).select_one(".fcc-state").text
    assert state.startswith("Everything optional is off, as you chose on November 23, 2026.")
    assert "You refused" not in state and "You withdrew" not in state


# -- one switch for each thing -----------------------------------------------------------------------------------------


def switches(html: Any) -> dict[str, list[str]]:
    """Return the switches of each category, the one on its heading's line first."""
    return {
        category["id"].removeprefix("fcc-"): [f"{box['name']} {box['value']}" for box in category.select("input")]
        for category in soup_of(html).select(".fcc-category")
    }


def test_switch_of_a_category_stands_with_its_heading() -> None:
    """B4: a category has its switch beside its heading; one of a single service has no other."""
    page = make_site().visitor().get("/cookies/")

    assert switches(page) == {
        "necessary": [],
        "functionality": ["service language"],
        "tracking": ["service arrival"],
        "performance": ["service counter"],
        "third_party": ["category third_party", "service films", "service posts"],
    }
    for head in soup_of(page).select(".fcc-category > .fcc-head"):
        assert head.h2 is not None
        assert head.select_one(".fcc-always") or head.select_one("label input")


def test_two_switches_for_one_service_twin() -> None:
    """B4: without scripts two switches of one service would contradict each other; such a page is seen."""
    html = '<fieldset class="fcc-category" id="fcc-a"><input name="category" value="a"><input name="service" value="b">'
    assert len(switches(html)["a"]) == 2


def undescribed(html: Any) -> list[str]:
    """Return the switches that name no text of the page which says what they are for."""
    soup = soup_of(html)
    boxes = soup.select("input[type=checkbox]")
    texts = {box["value"]: soup.find(id=box.get("aria-describedby", "")) for box in boxes}
    return [value for value, text in texts.items() if text is None or not text.text.strip()]


def test_every_switch_is_described() -> None:
    """H6: whoever goes from switch to switch hears what each is for."""
    visitor = make_site().visitor()
    visitor.choose("accept")

    assert undescribed(visitor.get("/cookies/")) == []
    assert undescribed('<input type="checkbox" value="films" aria-describedby="gone">') == ["films"]


def signs(html: Any) -> list[str]:
    """Return hidden texts that begin with a sign, which would be read after a stray space."""
    return [each.text for each in soup_of(html).select(".fcc-preferences .fcc-hidden") if not each.text[0].isalnum()]


@pytest.mark.parametrize("path", ["/cookies/", "/cookies/policy", "/cookies/choice/receipt"])
def test_names_are_clean(path: str) -> None:
    """H6: hidden words follow visible ones as words do."""
    visitor = make_site().visitor()
    visitor.choose("accept")

    assert signs(visitor.get(path)) == []
    assert signs('<p class="fcc-preferences"><span class="fcc-hidden">: YouTube</span>') == [": YouTube"]


def test_purpose_is_not_said_twice() -> None:
    """C3: what the category says is left out for a service with words of its own, and said for every other."""
    declared = [
        own("language", "functionality"),
        own("layout", "functionality", description="Keeps the tables as you like them."),
        own("robots", "functionality", purpose="bot_protection", description="Keeps robots out of the newsletter."),
    ]
    page = soup_of(make_site(services=declared).visitor().get("/cookies/"))
    says = {id: " ".join(page.find(id=f"fcc-says-{id}").text.split()) for id in ("language", "layout", "robots")}

    assert says["language"] == "Remembers how you like to use this site."
    assert says["layout"] == "Keeps the tables as you like them."
    assert says["robots"].startswith("Keeps robots out of our forms. Keeps robots out of the newsletter.")


def test_services_that_are_always_on_are_folded() -> None:
    """Only where something is to choose the list is open; nothing of what is always on is left out."""
    page = soup_of(make_site().visitor().get("/cookies/"))
    folds = {each.find_parent("fieldset")["id"]: each for each in page.select(".fcc-fold")}

    assert {id: each.has_attr("open") for id, each in folds.items()} == {
        "fcc-necessary": False,
        "fcc-third_party": True,
    }
    assert "the site cannot work without them" in folds["fcc-necessary"].text
    assert page.select_one("#fcc-necessary > .fcc-head .fcc-always").text == "Always on"


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_problem_has_its_own_headline() -> None:
    """H6, H7: the page says in its title what is wrong, the box is named by it and has the focus without a script."""
    answers = {
        "Please press once more": make_site().visitor().choose("accept", **STALE),
        "We could not save what you allow": make_site(tables=False).visitor().choose("accept"),
    }
    for heading, answer in answers.items():
        page = soup_of(answer)
        assert page.title.text == heading
        box = page.select_one(".fcc-problem")
        assert box.h2.text == heading and box["aria-labelledby"] == box.h2["id"]
        assert (box["tabindex"], box.has_attr("autofocus")) == ("-1", True)
        assert page.select_one(".fcc-switches").has_attr("data-unsaved")
    quiet = soup_of(make_site().visitor().get("/cookies/"))
    assert quiet.title.text == "Cookie settings"
    assert not quiet.select(".fcc-problem, [data-unsaved], [autofocus]")


def test_preferences_are_never_framed() -> None:
    """B9: a press on a page that somebody else frames unseen would look like a choice."""
    response = make_site().visitor().get("/cookies/")

    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"


def test_confirmation_is_where_the_answer_leads() -> None:
    """H7: after a choice the page holds the confirmation that the address points at."""
    visitor = make_site().visitor()
    answer = visitor.press(visitor.get("/about"), "Reject all")

    assert answer.headers["Location"] == "/about#fcc-saved"
    assert "everything optional is off" in soup_of(visitor.get("/about")).find(id="fcc-saved").text
    assert not soup_of(make_site().visitor().get("/about")).find(id="fcc-saved")


def test_notice_names_what_is_shown() -> None:
    """F2: all forms of a page carry the digest of one notice, which another declaration does not share."""
    visitor = make_site().visitor()
    digests = {
        field["value"] for path in ("/", "/cookies/") for field in soup_of(visitor.get(path)).select("[name=notice]")
    }

    assert digests == {notice_of(visitor.get("/"))}
    assert digests != {notice_of(make_site(COOKIECONSENT_POLICY_VERSION="2").visitor().get("/"))}


def test_forms_send_what_the_page_shows() -> None:
    """F2: where it was shown, in which language, and the way back, go along with every form."""
    [form] = soup_of(make_site().visitor().get("/about?a=1&b=%3C2%3E")).select("#fcc-form")
    fields = dict(fields_of(form))

    assert (fields["locale"], fields["next"]) == ("en", "/about?a=1&b=%3C2%3E")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html;q=0.1,application/json", "application/json"),
        ("application/json," + "a/b;q=0.2," * 6_000, "application/json"),
        ("text/html;q=0.1," + "a/b;q=0.2," * 6_000 + "application/json", "text/html"),
        ("application/json;x=" + "a" * 60_000, "text/html"),
    ],
)
def test_long_accept_header_is_cut(accept: str, kind: str) -> None:
    """Reading all of one that is as long as servers take costs a second; those of browsers have 200 letters."""
    answer = make_site().visitor().open("/cookies/choice", "POST", headers={"Accept": accept})

    assert (answer.status_code, answer.mimetype) == (400, kind)
