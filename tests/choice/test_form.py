"""What a form may hold, compared with the same form in WTForms, and what its switches ask for."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import Form, HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import AnyOf, Length, Optional, Regexp

from flask_cookieconsent.choice.form import (
    LONGEST_NEXT,
    SURFACES,
    Choice,
    Press,
    parsed,
    switched_on,
    wrong_fields,
)
from flask_cookieconsent.core.registry import build
from tests.kit.sites import EVERYTHING, OPTIONAL, services

REGISTRY = build(services())
CHOICES = [choice.value for choice in Choice]
ONE_PRESS = ["accept", "reject", "withdraw", "erase"]


class PressForm(Form):
    """The form as WTForms validates it, field by field: what is refused here has to be refused there."""

    choice = StringField(validators=[AnyOf(CHOICES)])
    surface = StringField(validators=[AnyOf(SURFACES)], default="api")
    locale = HiddenField(validators=[Length(max=40)])
    notice = HiddenField(validators=[Length(max=64)])
    next = HiddenField(validators=[Length(max=LONGEST_NEXT)])
    place = HiddenField(validators=[Optional(), Regexp(r"[0-9a-f]{8}(-[0-9]{1,4})?\Z")])

    def validate_choice(self, field: Any) -> None:
        if len(field.raw_data) > 1:
            raise ValidationError("one choice at a time")


class SwitchesForm(PressForm):
    """The same with switches."""

    service = SelectMultipleField(choices=sorted(EVERYTHING))
    category = SelectMultipleField(choices=sorted(OPTIONAL))
    shown = SelectMultipleField(choices=sorted(EVERYTHING))

    def validate_service(self, field: Any) -> None:
        if self.choice.data == "allow" and len(field.data) != 1:
            raise ValidationError("allow names one service")


def refused_by_wtforms(posted: MultiDict[str, str]) -> set[str]:
    """Return the names of the fields that WTForms refuses."""
    form = (PressForm if posted.get("choice") in ONE_PRESS else SwitchesForm)(formdata=posted)
    form.validate()
    return set(form.errors)


PLACE = "0123abcd"
VALUES = {
    "choice": [*CHOICES, "", "ACCEPT", " accept", "accept\n", "é"],
    "surface": [*SURFACES, "", "Banner", "banner "],
    "locale": ["en", "de_AT", "x" * 40, "x" * 41, "é" * 40, "é" * 41, ""],
    "notice": ["0" * 64, "0" * 65, "A" * 64, "0" * 63 + "\n", ""],
    "next": ["/", "x" * LONGEST_NEXT, "x" * (LONGEST_NEXT + 1), ""],
    "place": [
        PLACE,
        PLACE + "-2",
        PLACE + "-",
        PLACE + "-12345",
        PLACE + "\n",
        PLACE.upper(),
        PLACE[1:],
        " ",
        "\n",
        "",
    ],
    "service": [*sorted(EVERYTHING), "cookieconsent", "unknown", "", "Films"],
    "category": [*sorted(OPTIONAL), "necessary", "unknown", ""],
    "shown": [*sorted(EVERYTHING), "cookieconsent", ""],
    "csrf_token": ["x"],
    "more": ["x"],
}
fields = st.sampled_from([(name, value) for name, values in VALUES.items() for value in values])
forms = st.lists(fields, max_size=8).map(MultiDict)
near_misses = st.builds(
    lambda choice, others: MultiDict([("choice", choice), *others]),
    st.sampled_from(CHOICES),
    st.lists(fields.filter(lambda field: field[0] != "choice"), max_size=4),
)


@given(posted=st.one_of(near_misses, forms))
def test_refuses_what_wtforms_refuses(posted: MultiDict[str, str]) -> None:
    """B9: the same fields are wrong, whatever was posted, in any number."""
    assert set(wrong_fields(REGISTRY, posted)) == refused_by_wtforms(posted)


def form(**values: str | list[str]) -> MultiDict[str, str]:
    """Return a form with fields of one value or of several."""
    return MultiDict(values)


WRONG = [
    ({}, ["choice"]),
    ({"choice": ["accept", "reject"]}, ["choice"]),
    ({"choice": ["accept", "accept"]}, ["choice"]),
    ({"choice": "accept", "surface": "footer"}, ["surface"]),
    ({"choice": "accept", "locale": "x" * 41, "notice": "0" * 65}, ["locale", "notice"]),
    ({"choice": "accept", "next": "/" * (LONGEST_NEXT + 1)}, ["next"]),
    ({"choice": "allow", "service": "films", "place": "<script>"}, ["place"]),
    ({"choice": "allow"}, ["service"]),
    ({"choice": "allow", "service": ["films", "posts"]}, ["service"]),
    ({"choice": "allow", "service": ["films", "films"]}, ["service"]),
    ({"choice": "save", "service": "cookieconsent"}, ["service"]),
    ({"choice": "save", "category": "necessary"}, ["category"]),
    ({"choice": "save", "shown": "unknown"}, ["shown"]),
    ({"choice": "save", "silent": "unknown"}, ["silent"]),
]


@pytest.mark.parametrize(("values", "wrong"), WRONG)
def test_wrong_fields(values: dict[str, Any], wrong: list[str]) -> None:
    """B9: what no form of the site holds is refused, and each such field is named."""
    assert wrong_fields(REGISTRY, form(**values)) == wrong


def test_press_of_a_form() -> None:
    """The first value of a field counts, and what was not said is empty."""
    assert parsed(form(choice="reject")) == Press(choice=Choice.REJECT)
    assert parsed(form(choice="allow", service="films", surface=["embed", "link"], place=PLACE, next="/a")) == Press(
        choice=Choice.ALLOW, services=frozenset({"films"}), surface="embed", place=PLACE, next="/a"
    )
    assert parsed(form(choice="save", service=["films", "posts"], category="tracking", shown="films")) == Press(
        choice=Choice.SAVE,
        services=frozenset({"films", "posts"}),
        categories=frozenset({"tracking"}),
        shown=frozenset({"films"}),
    )


def test_press_holds_nothing_that_cannot_be() -> None:
    """F2: no digest that is none, no locale that is none, no place of spaces, no switches beside a whole answer."""
    assert parsed(form(choice="save", notice="f" * 64, locale="pt_BR")) == Press(
        choice=Choice.SAVE, notice="f" * 64, locale="pt_BR"
    )
    for locale in ("pt-BR", "pt_br", "C", "", "../../etc"):
        assert parsed(form(choice="save", notice="F" * 64, locale=locale, place=" ")) == Press(choice=Choice.SAVE)
    for choice in ONE_PRESS:
        sent = form(choice=choice, service="films", category="unknown", shown="films")
        assert wrong_fields(REGISTRY, sent) == []
        assert parsed(sent) == Press(choice=Choice(choice))


def on(service: set[str], category: set[str] = frozenset(), shown: set[str] = frozenset()) -> set[str]:  # type: ignore[assignment]
    return switched_on(REGISTRY, services=service, categories=category, shown=shown)


def test_switches_of_services() -> None:
    """B8, B4: each of the 32 sets of switches is saved as it stands."""
    for chosen in (set(each) for n in range(6) for each in itertools.combinations(EVERYTHING, n)):
        assert on(chosen) == chosen
        assert on(chosen, {"third_party"} if {"films", "posts"} <= chosen else set()) == chosen


def test_switch_of_a_category() -> None:
    """B8: without scripts a category's own switch moves its services; moved with them, they count."""
    both = {"films", "posts"}
    assert on(set(), {"third_party"}) == both
    assert on(both, set(), both) == set()
    assert on(both, {"third_party"}, both) == both
    assert on({"films"}, {"third_party"}, both) == {"films"}
    assert on({"films"}, set(), both) == {"films"}
    assert on({"films"}, {"third_party"}, {"films"}) == both
    assert on({"posts"}, {"third_party"}, {"films"}) == {"posts"}


def test_category_of_one_service() -> None:
    """B8: one service, one switch, and either name stands for it."""
    assert on(set(), {"performance"}) == {"counter"}
    assert on({"counter"}) == {"counter"}
    assert on(set(), set(), {"counter"}) == set()
