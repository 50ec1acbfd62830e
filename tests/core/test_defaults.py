"""The sentences of the default categories: true of every site that declares something in them."""

from __future__ import annotations

import re

import pytest

from flask_cookieconsent.core.defaults import CATEGORIES

#: What one site has and another has not, or what a service decides and no category can.
PARTICULAR = re.compile(r"newsletter|layout|language|profile|sign(?:ing)? in|\byear|\bmonth|google", re.I)


def claims(sentence: str) -> list[str]:
    """Return what a sentence says of a site that need not be so."""
    return PARTICULAR.findall(sentence)


@pytest.mark.parametrize("category", [each for each in CATEGORIES if not each.necessary], ids=lambda each: each.id)
def test_summary_is_true_of_any_site(category: object) -> None:
    """C4: nobody is told of a newsletter or a layout that the site has not, or of a time that a service decides."""
    assert claims(category.summary) == []  # type: ignore[attr-defined]


def test_summary_of_one_site_is_the_bad_twin() -> None:
    assert claims("They store your language, and whether you want our newsletter.") == ["language", "newsletter"]
    assert claims("They stay for up to a year.") == ["year"]
