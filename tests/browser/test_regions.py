"""The first layer of each regime in a browser: what is asked or told, how large it is, and what one press does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo_app import create_app

from .harness import Visitors, served

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
WHERE = {"opt-in": "BR", "opt-out": "US", "notice": "CA", "exempt": "GB"}
#: What stands first, for whom.
FIRST = {"opt-in": ".fcc-banner", "opt-out": ".fcc-banner", "notice": ".fcc-notice", "exempt": ".fcc-banner"}


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    demo = create_app(
        {
            "INSTANCE_PATH": str(tmp_path_factory.mktemp("regions")),
            "COOKIECONSENT_REGION_HEADERS": "X-Country",
            "COOKIECONSENT_REGIMES": {"US": "opt-out", "CA": "notice"},
            "COOKIECONSENT_REFUSAL_VALIDITY": 400,
            "COOKIECONSENT_EXEMPT": {"google_analytics": {"GB": "PECR 2003, schedule A1"}},
        }
    )
    with served(demo) as address:
        yield address


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("regime", WHERE)
def test_first_layer_is_small_and_fair(visitor: Visitors, regions: str, regime: str, viewport: dict[str, int]) -> None:
    """B1, B2, C1: little more than half of a phone at most, with two buttons of one size; a notice has none."""
    page = visitor(regions, viewport=viewport, extra_http_headers={"X-Country": WHERE[regime]}).open("/")
    layer = page.locator(FIRST[regime])
    boxes = map(_box, layer.locator(".fcc-answers button").all())
    sizes = {(round(box["width"]), round(box["height"])) for box in boxes}

    assert layer.is_visible()
    assert _box(layer)["height"] <= viewport["height"] * (0.55 if regime != "notice" else 0.12)
    assert len(sizes) == (0 if regime == "notice" else 1)


def test_opt_out_in_one_press(visitor: Visitors, regions: str) -> None:
    """B1, E3: the page that is open loses what was on, and the link stays where it was."""
    page = visitor(regions, viewport=PHONE, extra_http_headers={"X-Country": "US"}).open("/")
    page.locator(".fcc-banner button[value=reject]").click()
    page.locator("#fcc-saved").wait_for()

    assert page.locator(".fcc-banner").count() == 0
    assert page.locator(".fcc-link a").first.inner_text() == "Your Privacy Choices"


def _box(locator: object) -> dict[str, float]:
    box = locator.bounding_box()  # type: ignore[attr-defined]
    assert box is not None
    return dict(box)
