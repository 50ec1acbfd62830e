"""Choices through the JSON interface: what is granted, recorded and kept, by programs and by scripts of pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flask_cookieconsent.log.events import receipt_digest
from flask_cookieconsent.signals import consent_given
from tests.kit.phones import SHARING
from tests.kit.programs import CALLERS, Program, Script, optional_in, problem_of, program, script
from tests.kit.sites import EVERYTHING, STALE, Site, cookies_set, make_site, paths_set

both = pytest.mark.parametrize("make", CALLERS.values(), ids=list(CALLERS))


@both
def test_life_of_a_choice(make: Any) -> None:
    """B1, B4, E2: accept, refuse, save, allow one, withdraw, each in one request and each recorded once."""
    site = make_site()
    someone: Program | Script = make(site)
    steps = [
        (someone.choose("accept"), EVERYTHING),
        (someone.choose("reject"), set()),
        (someone.choose("save", "films"), {"films"}),
        (someone.choose("allow", "language"), {"films", "language"}),
        (someone.choose("save", categories=["third_party"]), {"films", "posts"}),
        (someone.choose("withdraw"), set()),
    ]

    assert [(each.status_code, optional_in(each)) for each, _ in steps] == [(200, wanted) for _, wanted in steps]
    assert someone.allowed() == set()
    kinds = sorted(event.kind.value for event in site.events())
    assert kinds == ["changed", "changed", "given", "given", "withdrawn", "withdrawn"]
    assert {event.method for event in site.events()} == {"api"}
    assert {event.notice for event in site.events()} == {site.digest}


def test_scopes_tell_apart() -> None:
    """What a program chooses is recorded under the name of its surface, what a page's script does under the site's."""
    site = make_site(COOKIECONSENT_LOG_SCOPE="website", COOKIECONSENT_APP_SCOPE="phone")
    for make in CALLERS.values():
        make(site).choose("accept")

    assert sorted(event.scope for event in site.events()) == ["phone", "website"]


@both
def test_reading_records_nothing(make: Any) -> None:
    """F1: whoever reads, asks with another method or makes a mistake has chosen nothing."""
    site = make_site()
    someone: Program | Script = make(site)
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "PATCH"):
        for path in ("/choice", "/choice/receipt", "/notice", "/declaration", "/openapi.json", "/nothing"):
            someone.ask(method, path)
    someone.ask("POST", "/choice", json={"choice": "perhaps"})
    someone.ask("POST", "/choice?choice=accept", data={"choice": "accept"})

    assert site.events() == []
    assert someone.ask("GET", "/choice").json["made_on"] is None


@both
def test_same_again_is_no_event(make: Any) -> None:
    """F1: an answer that changes nothing is recorded once, and its token and day stay."""
    site = make_site()
    someone: Program | Script = make(site)
    first = someone.choose("reject").json
    site.clock.forward(days=3)

    assert someone.choose("reject").json == first
    assert len(site.events()) == 1


@both
def test_old_notice_grants_nothing(make: Any) -> None:
    """F2: who was shown another notice, or none, is asked again; what they refuse is refused all the same."""
    site = make_site()
    someone: Program | Script = make(site)
    someone.choose("save", "films", "posts")

    for fields in (STALE, {"notice": ""}, {"locale": "xx"}, {"locale": ""}):
        answer = someone.choose("save", "films", "language", **fields)
        assert (answer.status_code, problem_of(answer)) == (409, "stale")
        assert optional_in(answer) == someone.allowed() == {"films"}
    assert someone.choose("reject", **STALE).status_code == 200
    assert someone.allowed() == set()


def test_problem_says_what_holds() -> None:
    """A program keeps the token of a refusal that came along with what could not be granted."""
    site = make_site()
    someone = program(site)
    answer = someone.choose("save", "films", **STALE).json

    assert answer["token"] == someone.token is not None and "posts-" in answer["token"]
    assert answer["choices"]["films"] == "undecided" and answer["choices"]["posts"] == "refused"
    assert someone.ask("GET", "/choice").json["choices"] == answer["choices"]


@both
def test_too_many_grants_wait(make: Any) -> None:
    """The limits are the form's: 429 with the seconds to wait, and refusals pass."""
    site = make_site(COOKIECONSENT_RECEIPT_RATE="1 per hour")
    someone: Program | Script = make(site)
    answers = [someone.choose("save", each) for each in ("films", "posts", "language")]
    late = answers[-1]

    assert [each.status_code for each in answers][0] == 200
    assert (late.status_code, problem_of(late)) == (429, "too-many")
    assert 0 < int(late.headers["Retry-After"]) <= 3_600
    assert optional_in(late) == someone.allowed() and "language" not in someone.allowed()
    assert someone.choose("withdraw").status_code == 200


@both
def test_grant_that_is_not_recorded_is_none(make: Any, tmp_path: Path) -> None:
    """F5: with neither a database nor a disk a grant does not take effect, and a refusal does."""
    site = make_site(uri=f"sqlite:///{tmp_path}/nowhere/log.db", tables=False)
    someone: Program | Script = make(site)

    answer = someone.choose("save", "films")

    assert (answer.status_code, problem_of(answer)) == (503, "unrecorded")
    assert answer.json["choices"]["films"] == "undecided" and answer.json["choices"]["posts"] == "refused"
    assert someone.allowed() == set()
    assert someone.choose("reject").status_code == 200
    assert someone.ask("GET", "/choice").json["choices"]["films"] == "refused"


def test_equal_choices_have_equal_tokens() -> None:
    """D3: byte for byte, whoever made them and whichever way; after a refusal a program holds nothing else."""
    site = make_site()
    programs = [program(site) for _ in range(4)]
    for someone, steps in zip(
        programs, (["reject"], ["withdraw"], ["accept", "reject"], ["accept", "withdraw"]), strict=True
    ):
        for step in steps:
            someone.choose(step)
            site.clock.forward(minutes=7)
    accepted = [program(site) for _ in range(2)]
    for someone in accepted:
        someone.choose("accept")

    assert len({each.token for each in programs}) == 1 and {each.receipt for each in programs} == {None}
    assert len({each.token for each in accepted}) == 1 and len({each.receipt for each in accepted}) == 2


def test_token_is_the_cookie() -> None:
    """D7: where pages and programs share a choice it is the same signed text, so that one can stand for the other."""
    site = make_site(**SHARING)
    page, app = script(site), program(site)
    page.choose("save", "films")
    app.choose("save", "films")

    assert app.token == page.visitor.cookie()


def test_programs_get_no_cookie() -> None:
    """D1: whoever keeps a token gets neither a cookie nor the choice of one."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")
    with_cookie = {"Authorization": "Bearer"}

    answer = visitor.open("/cookies/api/choice", headers=with_cookie)
    assert optional_in(answer) == set()
    answer = visitor.open("/cookies/api/choice", "POST", json={"choice": "reject"}, headers=with_cookie)
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    assert visitor.allowed() == EVERYTHING


def test_script_and_form_are_one_visitor() -> None:
    """F7: what the form began the interface goes on with, receipt and all, and the other way round."""
    site = make_site()
    someone = script(site)
    someone.visitor.choose("save", "films")
    first = someone.visitor.receipt
    answer = someone.choose("save", "posts")
    second = someone.visitor.receipt
    someone.visitor.choose("withdraw")

    assert someone.allowed() == set() and someone.visitor.receipt is None
    assert paths_set(answer, "cookieconsent_receipt") == ["/cookies/choice", "/cookies/api/choice"]
    links = {event.kind.value: event.previous_receipt for event in site.events()}
    assert links == {"given": None, "changed": receipt_digest(first), "withdrawn": receipt_digest(second)}


def test_withdrawal_of_a_script_sweeps() -> None:
    """E3, E4: with the answer the cookies of what has ended go, and both copies of the receipt."""
    someone = script(make_site())
    someone.choose("accept")
    someone.visitor.client.set_cookie("_ec", "1")

    lines = someone.choose("withdraw").headers.getlist("Set-Cookie")
    gone = [line.partition("=")[0] for line in lines if "Max-Age=0" in line]
    assert gone.count("cookieconsent_receipt") >= 2 and "_ec" in gone
    assert someone.visitor.cookie("cookieconsent_receipt", "/cookies/api/choice") is None


@both
def test_record_is_erased(make: Any) -> None:
    """F7: the bearer of a receipt has the record deleted; nothing optional is on from then on."""
    site = make_site()
    someone: Program | Script = make(site)
    someone.choose("accept")

    answer = someone.ask("DELETE", "/choice/receipt")

    assert answer.status_code == 200 and optional_in(answer) == someone.allowed() == set()
    assert [event.kind.value for event in site.events()] == ["erased"]
    assert someone.ask("GET", "/choice/receipt").json["events"] == []


def test_program_forgets_what_is_erased() -> None:
    site = make_site()
    someone = program(site)
    someone.choose("accept")

    assert someone.ask("DELETE", "/choice/receipt").json["receipt"] is None
    assert [(event.kind.value, event.method, event.scope) for event in site.events()] == [("erased", "api", "app")]


@both
def test_record_that_cannot_be_erased(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """F7: everything is withdrawn all the same, and the receipt stays, to try again with."""
    site = make_site()
    someone: Program | Script = make(site)
    someone.choose("accept")
    monkeypatch.setattr(site.log, "erase", _away)

    answer = someone.ask("DELETE", "/choice/receipt")

    assert (answer.status_code, problem_of(answer)) == (503, "not-erased")
    assert optional_in(answer) == someone.allowed() == set()
    kept = someone.receipt if isinstance(someone, Program) else someone.visitor.cookie("cookieconsent_receipt", PATH)
    monkeypatch.undo()
    assert kept and "receipt" not in answer.json
    assert someone.ask("DELETE", "/choice/receipt").status_code == 200
    assert [event.kind.value for event in site.events()] == ["erased"]


PATH = "/cookies/api/choice"


def _away(receipt: str) -> int:
    raise OSError("the database is away")


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_other_types_are_no_choice(kind: str) -> None:
    """B9: a page of another site can send those without a question of the browser's, and this one it cannot."""
    site = make_site()
    answer = script(site).ask("POST", "/choice", data=b'{"choice": "accept"}', content_type=kind)

    assert (answer.status_code, problem_of(answer)) == (415, "wrong-type")
    assert site.events() == []


def test_parameters_of_the_type_are_fine() -> None:
    kind = "application/json; charset=utf-8"
    answer = script(make_site()).ask("POST", "/choice", data=b'{"choice": "reject"}', content_type=kind)

    assert answer.status_code == 200


@both
def test_app_is_told(make: Any) -> None:
    """The signals for the app's own code are sent as after a form."""
    site = make_site()
    told: list[Any] = []
    with consent_given.connected_to(lambda sender, **values: told.append(values["choices"]["films"])):
        make(site).choose("save", "films")

    assert told == ["granted"]


@both
def test_answers_are_kept_nowhere(make: Any) -> None:
    """A8: what is told of one visitor no cache gives to another."""
    someone: Program | Script = make(make_site())
    answers = [someone.ask("GET", "/choice"), someone.choose("accept"), someone.choose("accept", **STALE)]
    answers += [someone.ask("GET", "/choice/receipt"), someone.ask("DELETE", "/choice/receipt")]

    assert {each.headers["Cache-Control"] for each in answers} == {"no-store"}


def test_days_are_told() -> None:
    """D2: the day of the choice, and the last one on which it holds."""
    answer = program(make_site()).choose("reject").json

    assert (answer["made_on"], answer["expires_on"]) == ("2026-11-23", "2027-05-26")


def _site_with_news() -> tuple[Site, Program]:
    site = make_site()
    someone = program(site)
    someone.choose("accept")
    later = make_site(COOKIECONSENT_POLICY_VERSION="2")
    return later, Program(later, someone.token, someone.receipt)


def test_news_are_named() -> None:
    """D6: after a new version of the policy, what was granted is asked again."""
    _, someone = _site_with_news()
    answer = someone.ask("GET", "/choice").json

    assert answer["asks"] and set(answer["news"]) == EVERYTHING
    assert {answer["choices"][each] for each in EVERYTHING} == {"changed"}


def test_cookie_of_https_has_its_prefix() -> None:
    """D1: the interface sets the same cookies as the form."""
    answer = script(make_site(), https=True).choose("accept")

    assert set(cookies_set(answer)) >= {"__Host-cookieconsent", "__Secure-cookieconsent_receipt"}
