"""What templates are told that follows from a decision: removals, storage that a script clears, loaders, names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask_cookieconsent import Cookie, Service, Tag
from flask_cookieconsent.catalogue import google_ads, google_analytics, google_tag_manager
from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.core.services import Queue
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.pages.loaders import absent
from flask_cookieconsent.state import get_state
from tests.kit.samples import SAMPLES, consent_to, sample_site
from tests.kit.sites import Site, make_site, own, soup_of


def test_page_tells_what_was_removed_and_what_was_not() -> None:
    """E4: names the site has removed, and those of others with their own address."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    visitor.choose("withdraw")
    section = soup_of(visitor.get("/cookies/")).select_one("#fcc-removals")
    told_of = {item.strong.text: item.text for item in section.select("li")}

    assert "lang" in told_of["Language"]
    assert "watched (example.net)" in told_of["Example Films"]
    assert section.select_one('a[href="https://media.example.net/privacy"]')


def seen(page: Any) -> list[str]:
    """Return the services of which the page says unasked that something was removed."""
    return [each.strong.text for each in soup_of(page).select("#fcc-removals.fcc-found li.fcc-found")]


def test_nobody_is_told_of_what_they_never_had() -> None:
    """E4: who refuses and had nothing hears of no cookies; who sent some hears of those, and of no others."""
    visitor = make_site().visitor()
    visitor.choose("reject")
    assert seen(visitor.get("/cookies/")) == []

    for cookies, services in (("lang=en", ["Language"]), ("_ec_7=1; lang=en", ["Language", "Example Counter"])):
        header = {"Cookie": f"cookieconsent={visitor.cookie()}; {cookies}"}
        assert seen(make_site().visitor().get("/cookies/", headers=header)) == services
    header = {"Cookie": f"cookieconsent={visitor.cookie()}; watched=1; unknown=2; session=3"}
    assert seen(make_site().visitor().get("/cookies/", headers=header)) == [], "the first is of another host"


def test_page_tells_what_was_removed_twin() -> None:
    """E4: nobody is told so before they have chosen, nor about what is on."""
    visitor = make_site().visitor()
    assert not soup_of(visitor.get("/cookies/")).select("#fcc-removals")
    visitor.choose("accept")
    assert not soup_of(visitor.get("/cookies/")).select("#fcc-removals")


def test_storage_is_left_to_the_script() -> None:
    """E4: the keys of what is off are handed to the script, those of what is on are not."""
    key = Cookie(name='draft*"', purpose="Keeps a draft.", storage="local")
    visitor = make_site(services=[own("drafts", "functionality", key)]).visitor()

    def handed() -> Any:
        return json.loads(soup_of(visitor.get("/about")).select_one("script[data-choice]").get("data-forget", "null"))

    assert handed() == {"local": ['draft*"']}
    visitor.choose("accept")
    assert handed() is None


# -- loaders -----------------------------------------------------------------------------------------------------------


def decision_of(site: Site, *allowed: str) -> Decision:
    """Return the decision for somebody who allowed these services and refused the others."""
    environ = {"HTTP_COOKIE": f"cookieconsent={consent_to(site, *allowed)}"}
    with site.app.test_request_context(environ_overrides=environ):
        return get_visit(get_state()).decision


def test_loaders_are_there_before_what_follows_them() -> None:
    """A script of the page's own may call a vendor at once, so no loader waits, and what stands in comes first."""
    site = sample_site(SAMPLES)
    visitor = site.visitor()
    visitor.client.set_cookie("cookieconsent", consent_to(site, "google_analytics"))
    scripts = soup_of(visitor.get("/")).select("head script[src*='/static/']")
    ours = [each for each in scripts if str(each["src"]).endswith(("absent.js", "google.js", "tag.js"))]

    assert [str(each["src"]).rpartition("/")[2] for each in ours] == ["absent.js", "google.js"]
    assert not [each for each in ours if each.has_attr("async") or each.has_attr("defer")]


# -- names of what is off ----------------------------------------------------------------------------------------------


def names(services: Iterable[Service], *allowed: str) -> tuple[set[str], set[str]]:
    """Return the functions and the lists that a page stands in for."""
    found = absent(decision_of(make_site(services=list(services)), *allowed))
    return set(found["functions"].split()), set(found["lists"].split())


def test_names_of_what_is_off() -> None:
    """B5: the names that a loader would define, as functions or as lists."""
    tag = Tag(
        src="https://c.example/c.js",
        queue=Queue(name="q", calls="calls", aliases=("_q",)),
        lists={"_accounts": ("1",)},
        globals=("Vendor",),
        values={"vendor_id": "1"},
    )
    functions, lists = names([own("vendor", "functionality", tag=tag)])

    assert functions >= {"q", "_q", "Vendor"} and "vendor_id" not in functions
    assert lists >= {"_accounts"}
    assert names([own("vendor", "functionality", tag=tag)], "vendor")[0].isdisjoint({"q", "_q", "Vendor"})


def test_names_that_another_service_defines() -> None:
    """A name is stood in for only where nobody defines it."""
    services = [google_analytics("G-ABC1234567"), google_ads("AW-123456789")]
    container = google_tag_manager("GTM-ABC1234", data_layer="layer2")

    assert names(services) == ({"gtag"}, {"dataLayer"})
    assert names(services, "google_ads") == (set(), set())
    assert names([*services, container], "google_ads") == (set(), {"layer2"})
    assert names([replace(container, tag=None)]) == (set(), set())


def test_page_without_such_names_has_no_script_for_them() -> None:
    """D3: a site that declares no tag has nothing of it, and neither has whoever allowed all of them."""
    services = [google_analytics("G-ABC1234567")]
    site = make_site(services=services)
    visitor = site.visitor()
    assert "absent.js" in visitor.get("/").text

    visitor.choose("accept")
    assert "absent.js" not in visitor.get("/").text
    assert "absent.js" not in make_site(services=[own("a", "functionality")]).visitor().get("/").text


def test_script_takes_cookies_out_beside_shared_pages() -> None:
    """E4: names of what is off, which a page that caches share cannot expire; never those that a sister site needs."""
    config = {"COOKIECONSENT_SWEEP_EXCEPT": ["_ec"]}
    shared, private = (make_site(COOKIECONSENT_PAGES=each, **config).visitor() for each in ("cacheable", "private"))
    shared.choose("save", "language")

    assert shared.get("/cookies/state").json["forgotten"] == {"cookie": ["arrival", "_ec_*"]}  # type: ignore[index]
    assert private.get("/cookies/state").json["forgotten"] == {}  # type: ignore[index]
