"""A press takes nothing away: what was typed, where one was, what was running, and how one came there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from .harness import Stub, Visitor, Visitors
from .little_sites import (
    CONFIRMED,
    EVERYTHING,
    NO_BANNER,
    PLACEHOLDER,
    PROPERTY,
    YOUTUBE,
    LittleSite,
    allowed,
    comes,
    has_answered,
    is_marked,
    make_little_site,
    mark,
    running,
    vendors,
    without_our_script,
)

#: A page where one writes and is somewhere, with scripts of its own that listen and play.
PAGE = (
    """<form method="post" action="/search"><input name="text"><input name="mail" type="email">
<input name="tick" type="checkbox"><input name="ticked" type="checkbox" checked>
<input name="one" type="radio" value="a" checked><input name="one" type="radio" value="b">
<input name="secret" type="password"><select name="size"><option>S<option>M</select>
<textarea name="note"></textarea><button>Search</button></form>
<div id="free" contenteditable>empty</div><p id="tab">A tab</p>
<script>
window.heard = [];
for (const name of ["hashchange", "popstate"]) addEventListener(name, () => heard.push(name));
window.player = { time: 0 };
setInterval(() => { player.time++; }, 10);
</script>"""
    + YOUTUBE
    + '<div style="block-size: 3000px"></div>'
)
SEARCH = '<p id="found">Found {{ request.form.text }}</p>' + PAGE

TYPED = """() => {
  const { text, mail, tick, ticked, one, size, note } = document.querySelector("main form").elements;
  return [text.value, mail.value, tick.checked, ticked.checked, one.value, size.value, note.value];
}"""
#: What no page may keep for another, so that a page with it is not read again.
RICH = """() => [document.querySelector("[name=secret]").value, document.querySelector("#free").textContent]"""
WROTE = ["hello", "ada@ecom.example", True, False, "b", "M", "two\nlines"]
SECRET = "open sesame"
FREE = "a free text"
PLACE = "() => [location.pathname + location.search + location.hash, history.length, history.state, heard]"
#: Says on the console what is put into storage, which a page that is read again may have emptied by then.
STORAGE = """const put = Storage.prototype.setItem;
Storage.prototype.setItem = function (...call) { console.debug("stored " + call[1]); return put.apply(this, call); };"""

SILENT = f"""!document.querySelector("script[src*=googletagmanager]") || window["ga-disable-{PROPERTY}"] === true"""
PRESSES = {
    "accept": "Accept all",
    "reject": "Reject all",
    "allow": "Always allow YouTube",
    "withdraw": "Withdraw consent",
    "withdraw with a tag": "Withdraw consent",
}
#: What was answered before, where a press needs an answer.
BEFORE: dict[str, tuple[str, ...]] = {"allow": (), "withdraw": ("youtube",), "withdraw with a tag": EVERYTHING}
BECOMES = {"accept": set(EVERYTHING), "allow": {"youtube"}}
#: A document in which a tag ran has to end; nothing else has.
IN_PLACE = {"accept", "reject", "allow", "withdraw"}

KINDS = pytest.mark.parametrize("kind", list(PRESSES))


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[LittleSite, str]]:
    little = make_little_site({"/page": PAGE, "/search": SEARCH})
    with running(little) as address:
        yield little, address


def arrive(someone: Visitor, little: LittleSite, kind: str, path: str = "/page") -> None:
    """Open a page as somebody who can make this press."""
    for answer in [BEFORE[kind]] if kind in BEFORE else []:
        has_answered(someone, little, *answer)
    someone.visit(path)


def press(someone: Visitor, kind: str) -> None:
    """Make a press from the keyboard, which scrolls nothing."""
    button = someone.page.get_by_role("button", name=PRESSES[kind]).first
    button.evaluate("each => each.focus({ preventScroll: true })")
    someone.page.keyboard.press("Enter")
    someone.settle()


def write(someone: Visitor, *, rich: bool = True) -> None:
    """Fill in all there is to fill in, with *rich* what no page may keep for another: a password and a free text."""
    page = someone.page
    page.fill("[name=text]", "hello")
    page.fill("[name=mail]", "ada@ecom.example")
    page.fill("[name=note]", "two\nlines")
    page.check("[name=tick]")
    page.uncheck("[name=ticked]")
    page.check("[name=one][value=b]")
    page.select_option("[name=size]", "M")
    for selector, text in {"[name=secret]": SECRET, "#free": FREE}.items() if rich else ():
        page.fill(selector, text)


# -- what was typed, and where -----------------------------------------------------------------------------------------


def what_stays(someone: Visitor, little: LittleSite, kind: str, *, rich: bool) -> dict[str, Any]:
    """Write, scroll, and be somewhere that a script made; press, and return what is still so."""
    stored: list[str] = []
    someone.context.add_init_script(STORAGE)
    someone.context.on("console", lambda each: stored.append(each.text) if each.text.startswith("stored ") else None)
    arrive(someone, little, kind)
    page = someone.page
    page.evaluate("history.pushState({ step: 2 }, '', '/page?step=2#tab')")
    write(someone, rich=rich)
    page.evaluate("() => { scrollTo(0, 400); player.mine = true; }")
    mark(page)
    place, time = page.evaluate(PLACE), page.evaluate("player.time")
    press(someone, kind)
    kept = someone.stores()
    return {
        "typed": page.evaluate(TYPED),
        "rich": page.evaluate(RICH) == ([SECRET, FREE] if rich else ["", "empty"]),
        "place": page.evaluate(PLACE) == place,
        "scrolled": abs(page.evaluate("scrollY") - 400) < 30,
        "in place": is_marked(page) and page.evaluate("player.mine === true") and page.evaluate("player.time") > time,
        "left in storage": kept["local"] + kept["session"],
        "secrets stored": [each for each in stored if SECRET in each],
        "is allowed": allowed(someone, little),
    }


def settled(stub: Stub) -> int:
    """Return how often others were asked, once the last hits of pages that earlier tests have closed are there."""
    count = -1
    while count != len(stub.asked):
        count = len(stub.asked)
        threading.Event().wait(0.5)
    return count


@pytest.mark.parametrize(("kind", "rich"), [*((kind, True) for kind in PRESSES), ("withdraw with a tag", False)])
def test_what_was_typed_stays(
    visitor: Visitors, site: tuple[LittleSite, str], stub: Stub, kind: str, rich: bool
) -> None:
    """Only where a tag has to end is a page read again, and only if nothing is lost by it; the tag is told anyway."""
    start = settled(stub)
    someone = visitor(site[1])

    assert what_stays(someone, site[0], kind, rich=rich) == {
        "typed": WROTE,
        "rich": True,
        "place": True,
        "scrolled": True,
        "in place": kind in IN_PLACE or rich,
        "left in storage": [],
        "secrets stored": [],
        "is allowed": BECOMES.get(kind, set()),
    }
    someone.page.goto("about:blank")
    someone.settle()
    assert kind == "accept" or [each for each in vendors(stub, start) if "en=end" in each] == []


def test_what_was_typed_stays_twin(visitor: Visitors, site: tuple[LittleSite, str]) -> None:
    """A plain form leads to a new document."""
    seen = what_stays(without_our_script(visitor(site[1])), site[0], "accept", rich=True)

    assert seen["typed"] != WROTE and not seen["rich"] and not seen["place"] and not seen["in place"]


def hash_after(someone: Visitor, little: LittleSite, kind: str, fragment: str) -> list[Any]:
    """Press on a page with a fragment, and return the fragment after it and what its router heard."""
    arrive(someone, little, kind, "/page" + fragment)
    press(someone, kind)
    found: list[Any] = someone.page.evaluate("[location.hash, heard]")
    return found


@KINDS
def test_fragment_of_the_address_is_the_sites(visitor: Visitors, site: tuple[LittleSite, str], kind: str) -> None:
    """A router that goes by the fragment is where it was, and has heard of nothing."""
    assert hash_after(visitor(site[1]), site[0], kind, "#/route/7") == ["#/route/7", []]


def test_fragment_of_the_address_is_the_sites_twin(visitor: Visitors, site: tuple[LittleSite, str]) -> None:
    assert hash_after(without_our_script(visitor(site[1])), site[0], "reject", "#/route/7")[0] != "#/route/7"


# -- the answer to a form ----------------------------------------------------------------------------------------------


def search_after(someone: Visitor, little: LittleSite, kind: str) -> dict[str, Any]:
    """Search, press on the page with what was found, and return what is still there."""
    arrive(someone, little, kind)
    page = someone.page
    little.sent.clear()
    page.fill("[name=text]", "shoes")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/search")
    press(someone, kind)
    return {
        "found": page.locator("#found").is_visible() and page.locator("#found").inner_text(),
        "is where it was": page.url == someone.address + "/search",
        "searches": len(little.sent),
        "is allowed": allowed(someone, little),
    }


@KINDS
def test_answer_to_a_form_stays(visitor: Visitors, site: tuple[LittleSite, str], kind: str) -> None:
    """What was found is there, and no form is sent a second time."""
    assert search_after(visitor(site[1]), site[0], kind) == {
        "found": "Found shoes",
        "is where it was": True,
        "searches": 1,
        "is allowed": BECOMES.get(kind, set()),
    }


def test_answer_to_a_form_stays_twin(visitor: Visitors, site: tuple[LittleSite, str]) -> None:
    assert not search_after(without_our_script(visitor(site[1])), site[0], "reject")["found"]


# -- a page whose addresses start elsewhere ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def based() -> Iterator[tuple[LittleSite, str]]:
    little = make_little_site({"/page": PAGE}, before='<base href="/elsewhere/">')
    with running(little) as address:
        yield little, address


def asked_elsewhere(someone: Visitor) -> list[str]:
    return [each for each in [*someone.requests, someone.page.url] if "/elsewhere/" in each]


@pytest.mark.parametrize("kind", ["accept", "allow", "withdraw with a tag"])
def test_press_goes_by_no_base(visitor: Visitors, based: tuple[LittleSite, str], kind: str) -> None:
    """`<base>` moves what is relative, and fragments with it; a press is neither."""
    someone = visitor(based[1])
    arrive(someone, based[0], kind)
    press(someone, kind)

    assert comes(someone.page, CONFIRMED) or kind == "allow"
    assert asked_elsewhere(someone) == []
    assert allowed(someone, based[0]) == BECOMES.get(kind, set())


def test_press_goes_by_no_base_twin(visitor: Visitors, based: tuple[LittleSite, str]) -> None:
    """A script that says by the fragment that it has saved leads away."""
    someone = visitor(based[1])
    someone.visit("/page").evaluate("location.replace('#saved')")
    someone.settle()

    assert asked_elsewhere(someone) != []


# -- another tab -------------------------------------------------------------------------------------------------------


def other_tab(someone: Visitor, little: LittleSite, kind: str) -> dict[str, Any]:
    """Write in one tab and press in another; return what becomes of the first."""
    arrive(someone, little, kind)
    first = someone.page
    write(someone)
    first.focus("[name=text]")
    second = someone.context.new_page()
    second.goto(someone.address + "/page")
    second.get_by_role("button", name=PRESSES[kind]).first.click()
    follows = PLACEHOLDER.format("youtube") if kind.startswith("withdraw") else NO_BANNER
    followed = comes(first, f"!!{follows}")
    someone.settle()
    return {
        "follows": followed,
        "typed": first.evaluate(TYPED),
        "silent": first.evaluate(SILENT) or kind == "accept",
        "focus": first.evaluate("document.activeElement.name"),
    }


@pytest.mark.parametrize("kind", ["accept", "reject", "withdraw", "withdraw with a tag"])
def test_another_tab_follows_around_what_is_typed(visitor: Visitors, site: tuple[LittleSite, str], kind: str) -> None:
    """E3: it asks no more, or shows no more, and who is writing there goes on writing."""
    followed = {"follows": True, "typed": WROTE, "silent": True, "focus": "text"}
    assert other_tab(visitor(site[1]), site[0], kind) == followed


def test_another_tab_follows_around_what_is_typed_twin(visitor: Visitors, site: tuple[LittleSite, str]) -> None:
    assert not other_tab(without_our_script(visitor(site[1])), site[0], "reject")["follows"]
