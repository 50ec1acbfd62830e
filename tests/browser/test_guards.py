"""Scripts against a second press, as sites have them for their own forms: ours go on working, and so do theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from .harness import Visitor, Visitors
from .little_sites import (
    CONFIRMED,
    EMBED,
    NO_BANNER,
    PATIENCE,
    VIMEO,
    YOUTUBE,
    LittleSite,
    allowed,
    comes,
    is_marked,
    make_little_site,
    mark,
    running,
    without_our_script,
)

#: As people paste them, found in answers to "how do I prevent double submit"; each works for a site's own forms.
GUARDS = {
    "disables on click": """document.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) setTimeout(() => { button.disabled = true; });
    });""",
    "disables on submit": """document.addEventListener("submit", ({ target }) => {
      for (const each of target.elements) if (each.type === "submit") each.disabled = true;
    });""",
    "disables and submits on click": """document.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button?.form) return;
      event.preventDefault();
      button.disabled = true;
      button.form.submit();
    });""",
    "only once": """document.addEventListener("submit", (event) => {
      if (event.target.dataset.sent) event.preventDefault();
      event.target.dataset.sent = "yes";
    });""",
    "only once, first of all": """addEventListener("submit", (event) => {
      if (event.target.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); }
      event.target.dataset.sent = "yes";
    }, true);""",
    "stops each": """addEventListener("DOMContentLoaded", () => {
      for (const form of document.forms) form.addEventListener("submit", (event) => event.stopPropagation());
      for (const each of document.querySelectorAll("button")) {
        each.addEventListener("click", (event) => event.stopPropagation());
      }
    });""",
    "sends all by fetch": """document.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = new URLSearchParams(new FormData(event.target));
      const answer = await fetch(event.target.action, { method: "POST", body });
      document.body.innerHTML = new DOMParser().parseFromString(await answer.text(), "text/html").body.innerHTML;
    });""",
}
ORDER = '<form method="post" action="/order"><input name="what" value="shoes"><button>Order</button></form>'


@pytest.fixture(scope="module", params=list(GUARDS))
def guarded(request: pytest.FixtureRequest) -> Iterator[tuple[LittleSite, str]]:
    """A site whose guard is in front of all that is ours."""
    pages = {"/page": ORDER + YOUTUBE + VIMEO, "/order": "Thank you"}
    little = make_little_site(pages, before=f"<script>{GUARDS[request.param]}</script>")
    with running(little) as address:
        yield little, address


def walk(someone: Visitor, little: LittleSite, within: int = PATIENCE) -> dict[str, Any]:
    """Refuse, allow two films one after the other, withdraw, and order; return what came of it."""
    before = Counter(each.kind for each in little.site.events())
    page = someone.visit("/page")
    mark(page)
    little.sent.clear()
    someone.press("Reject all")
    seen: dict[str, Any] = {"refuses": comes(page, f"{NO_BANNER} && {CONFIRMED}", within)}
    for name, id in {"Always allow YouTube": "youtube", "Always allow Vimeo": "vimeo"}.items():
        for _ in page.get_by_role("button", name=name).all():
            someone.press(name)
        seen[name] = comes(page, EMBED.format(id), within)
    seen["stays"] = is_marked(page)
    for _ in page.get_by_role("button", name="Withdraw consent").all():
        someone.press("Withdraw consent")
    seen |= {"is allowed": allowed(someone, little), "orders before": len(little.sent)}
    seen["events"] = dict(Counter(each.kind for each in little.site.events()) - before)
    someone.visit("/page")
    page.get_by_role("button", name="Order").click()
    someone.settle()
    return seen | {"orders": list(little.sent)}


WALKED = {
    "refuses": True,
    "Always allow YouTube": True,
    "Always allow Vimeo": True,
    "stays": True,
    "is allowed": set(),
    "orders before": 0,
    "events": {"refused": 1, "given": 1, "changed": 1, "withdrawn": 1},
    "orders": [("/order", [("what", "shoes")])],
}


def test_guard_against_a_second_press(visitor: Visitors, guarded: tuple[LittleSite, str]) -> None:
    """F1: each press of ours works, and is one event; the guard goes on guarding the site's own form."""
    assert walk(visitor(guarded[1]), guarded[0]) == WALKED


@pytest.fixture(scope="module")
def submitting() -> Iterator[tuple[LittleSite, str]]:
    """The guard that leaves out which button was pressed."""
    little = make_little_site({"/page": YOUTUBE}, before=f"<script>{GUARDS['disables and submits on click']}</script>")
    with running(little) as address:
        yield little, address


def refusals(someone: Visitor, little: LittleSite) -> int:
    """Refuse, and return how often the log heard of it."""
    before = len(little.site.events())
    someone.visit("/page")
    someone.press("Reject all")
    return len(little.site.events()) - before


def test_guard_that_submits(visitor: Visitors, submitting: tuple[LittleSite, str]) -> None:
    assert refusals(visitor(submitting[1]), submitting[0]) == 1


def test_guard_that_submits_twin(visitor: Visitors, submitting: tuple[LittleSite, str]) -> None:
    """Without our script it sends a form without an answer."""
    assert refusals(without_our_script(visitor(submitting[1])), submitting[0]) == 0
