"""Earlier versions of the policy: listed, each at its own address, with what changed (C7, D6)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent.core.notices import Change, canonical, changes, snapshot
from flask_cookieconsent.core.registry import build
from tests.kit.sites import COMPANY, Clock, Site, make_site, own, services, soup_of

pytestmark = pytest.mark.smoke

FILMS = services()[3]


def notice(*declared: Any, **more: Any) -> dict[str, Any]:
    given = {"locale": "en", "texts": "", "templates": {}, "translate": str}
    registry = build(declared or services(), policy_version=more.pop("policy_version", "1"))
    return json.loads(canonical(snapshot(registry, **(given | more))))


def with_films(**changed: Any) -> list[Any]:
    return [replace(each, **changed) if each.id == "films" else each for each in services()]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (notice(), []),
        (notice(policy_version="2"), [Change(what="policy")]),
        (notice(*services(), own("theme", "functionality")), [Change(what="new", service="Theme")]),
        (notice(*services()[:3], services()[4]), [Change(what="gone", service="Example Films")]),
        (
            notice(*with_films(purpose="embedded_post")),
            [Change(what="material", service="Example Films", fields=("purpose",))],
        ),
        (
            notice(*with_films(provider=replace(COMPANY, country="US"))),
            [Change(what="material", service="Example Films", fields=("recipient",))],
        ),
        (
            notice(*with_films(cookies=())),
            [Change(what="material", service="Example Films", fields=("cookies", "purposes of cookies"))],
        ),
        (
            notice(*with_films(description="More.")),
            [Change(what="wording", service="Example Films", fields=("description",))],
        ),
        (notice(texts="another catalog"), [Change(what="wording")]),
        (notice(templates={"banner.html": "x"}), [Change(what="wording")]),
        (notice(cookie_domain="example.net"), [Change(what="wording")]),
    ],
)
def test_changes_between_policy_versions(after: dict[str, Any], found: list[Change]) -> None:
    """D6: what is asked again, what is only other words, and nothing where nothing changed."""
    assert changes(notice(), after) == found


def site_of(folder: Path, clock: Clock, declared: Any = services(), **config: Any) -> Site:  # noqa: B008
    return make_site(services=declared, uri=f"sqlite:///{folder}/log.db", clock=clock, **config)


def test_versions_are_listed_and_kept(tmp_path: Path) -> None:
    """C7: after a deployment the policy lists both versions; the older one stays at its address, as it was."""
    clock = Clock()
    first = site_of(tmp_path, clock)
    first.visitor().choose("accept")
    assert not soup_of(first.visitor().get("/cookies/policy")).select('a[href^="/cookies/policy/"]')

    clock.forward(days=30)
    second = site_of(tmp_path, clock, with_films(purpose="embedded_post"))
    second.visitor().choose("accept")
    links = [
        each["href"] for each in soup_of(second.visitor().get("/cookies/policy")).select('a[href^="/cookies/policy/"]')
    ]

    assert links == [f"/cookies/policy/{second.digest}", f"/cookies/policy/{first.digest}"]
    newest, oldest = (soup_of(second.visitor().get(each)) for each in links)
    assert "Example Films: does something else" in " ".join(newest.text.split())
    assert "November 23, 2026" in oldest.text
    assert "What changed" not in oldest.text
    assert "lang" in [each.text for each in oldest.select("code")]


def test_pages_read_what_they_show(tmp_path: Path) -> None:
    """C7: however many notices are kept, the list reads no text of them, and a version its own and the one before."""
    clock = Clock()
    sites = [site_of(tmp_path, clock, COOKIECONSENT_POLICY_VERSION=str(number)) for number in range(5)]
    for site in sites:
        site.visitor().choose("accept")
        clock.forward(days=1)
    read: list[tuple[str, int]] = []

    def noted(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        read.append((statement.partition("FROM")[0], statement.count("digest = ?")))

    with site.app.app_context():
        sa.event.listen(site.db.engine, "after_cursor_execute", noted)

    for path, texts in (("", 0), (f"/{sites[3].digest}", 2), (f"/{sites[3].digest}/shown", 1)):
        read.clear()
        page = site.visitor().get("/cookies/policy" + path)
        assert page.status_code == 200
        rows = [is_one for columns, is_one in read if "snapshot" in columns or "html" in columns]
        assert rows == [1] * texts
    assert "a new version of the policy" in site.visitor().get(f"/cookies/policy/{sites[3].digest}").text


def dangling(html: Any) -> list[str]:
    """Return the links inside a page that lead nowhere in it."""
    links = [str(each["href"]) for each in soup_of(html).select('.fcc-policy a[href^="#"]')]
    return [link for link in links if soup_of(html).find(id=link[1:]) is None]


def test_contents_lead_to_every_part(tmp_path: Path) -> None:
    """C6: the page begins with links to all its parts; a part that a site leaves out is a link that is seen."""
    site = site_of(tmp_path, Clock())
    page = site.visitor().get("/cookies/policy").text
    headings = [each.text for each in soup_of(page).select(".fcc-policy h2")][1:]

    assert [each.text for each in soup_of(page).select(".fcc-contents a")] == headings
    assert dangling(page) == []
    assert dangling(page.replace('id="fcc-policy-tracking"', "")) == ["#fcc-policy-tracking"]


def test_kept_notice_has_no_buttons(tmp_path: Path) -> None:
    """C7, B9: the banner of then is shown as it was, in a page in which nothing can be sent or run."""
    site = site_of(tmp_path, Clock())
    visitor = site.visitor()
    visitor.choose("reject")
    page = visitor.get(f"/cookies/policy/{site.digest}/shown")

    assert soup_of(page).select_one(".fcc-banner button").text == "Accept all"
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("digest", ["0" * 64, "x", "..", "%00"])
def test_unknown_policy_version_is_not_found(tmp_path: Path, digest: str) -> None:
    """A7: an address of nothing is not found."""
    site = site_of(tmp_path, Clock())

    assert site.visitor().get(f"/cookies/policy/{digest}").status_code in (404, 308)
    assert site.visitor().get(f"/cookies/policy/{digest}/shown").status_code in (404, 308)


def test_policy_without_a_database() -> None:
    """F5: the policy is shown, whatever the state of the log."""
    page = make_site(tables=False).visitor().get("/cookies/policy")

    assert page.status_code == 200
    assert "What a cookie is" in page.text


def test_policy_without_its_tables(caplog: pytest.LogCaptureFixture) -> None:
    """A first deployment shows the policy, and the log says in one line what was forgotten."""
    answer = make_site(tables=False).visitor().get("/cookies/policy")

    assert answer.status_code == 200 and soup_of(answer).select_one(".fcc-policy")
    (record,) = (each for each in caplog.records if "policy" in each.getMessage())
    assert record.exc_info is None
    assert record.getMessage() == (
        "cookie policy shown without its earlier versions: a table of the log is missing: run "
        "`flask cookieconsent init-db`, or migrate (no such table: cookieconsent_notice)"
    )


def test_diff_says_what_would_be_asked_again(tmp_path: Path) -> None:
    """D6: before a deployment, one line for each difference; nothing is written."""
    clock = Clock()
    site_of(tmp_path, clock).visitor().choose("accept")
    clock.forward(days=9)
    declared = [*with_films(purpose="embedded_post"), own("theme", "functionality")]
    site = site_of(tmp_path, clock, declared)
    result = site.app.test_cli_runner().invoke(args=["cookieconsent", "diff"])

    assert result.output.splitlines() == [
        "Theme: new, everybody is asked about it",
        "Example Films: purpose changed: whoever granted it is asked again, who refused is not",
        "2 differences from the notice of 2026-11-23.",
    ]
    seat = own("seat", "necessary", purpose="security", justification="To sit down.")
    site = site_of(tmp_path, clock, [*services(), seat])
    site.app.config["REMEMBER_COOKIE_NAME"] = "memory"
    assert site.app.test_cli_runner().invoke(args=["cookieconsent", "diff"]).output.splitlines()[:-1] == [
        "Seat: new, always on, so nobody is asked",
        "Signing in and forms: cookies, purposes of cookies changed, always on, so nobody is asked",
    ]
    nothing = site.app.test_cli_runner().invoke(args=["cookieconsent", "diff", "--locale", "nl"])
    assert nothing.exit_code == 1
    assert "nothing to compare with" in nothing.output


@pytest.mark.parametrize("path", ["/", "/cookies/", "/cookies/policy"])
def test_shared_choice_is_told(path: str) -> None:
    """C6: where a choice counts on other sites too, the first layer, the preferences and the policy say so."""
    told = "Your choice counts on every site below example.com."

    assert told in make_site(COOKIECONSENT_COOKIE_DOMAIN="example.com").visitor().get(path).text
    assert "Your choice counts" not in make_site().visitor().get(path).text


def test_shared_choice_is_in_the_notice() -> None:
    """F2: the domain is part of what was shown."""
    shared, other = (make_site(COOKIECONSENT_COOKIE_DOMAIN=domain) for domain in ("example.com", "example.net"))

    assert len({make_site().digest, shared.digest, other.digest}) == 3


def test_notices_of_earlier_shapes_can_be_compared() -> None:
    """C7: what an earlier release kept has no domain, and that is no change."""
    earlier = {name: value for name, value in notice().items() if name != "cookie_domain"} | {"shape": 2}

    assert changes(earlier, notice()) == []
