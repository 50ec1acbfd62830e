"""The Flask-WTF form of one press, built from the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import AnyOf, Length, Optional, Regexp

from flask_cookieconsent.core.registry import Registry

from .same_origin import SameOrigin

#: Pages with a longer address lead back to the preferences.
LONGEST_NEXT = 2_000


CHOICES = ("accept", "reject", "save", "withdraw", "erase", "allow")


_ONE_PRESS = ("accept", "reject", "withdraw", "erase")


SURFACES = ("banner", "preferences", "embed", "link", "api")

#: A choice is a few short fields; anything longer is not one of our forms.
LONGEST_BODY = 16_384


def build_form(registry: Registry) -> Callable[[MultiDict[str, str]], FlaskForm]:
    """Return what makes the one form of what was posted: accept all, reject all, save, withdraw all, allow one service.

    `service` and `category` are the switches that are on, `shown` the services whose switch was on when the page was
    made. Answers that the registry does not know are errors. A press that means all services has no switches, and
    their fields are not made for it.
    """
    services = list(registry.optional)
    categories = [each.id for each in registry.categories if not each.necessary]

    class Press(FlaskForm):
        class Meta(FlaskForm.Meta):
            csrf = True  # WTF_CSRF_ENABLED = False, as tests set it, must not open this form
            csrf_class = SameOrigin
            csrf_field_name = "csrf_token"

        choice = StringField(validators=[AnyOf(CHOICES)])
        surface = StringField(validators=[AnyOf(SURFACES)], default="api")
        locale = HiddenField(validators=[Length(max=40)])
        notice = HiddenField(validators=[Length(max=64)])
        next = HiddenField(validators=[Length(max=LONGEST_NEXT)])
        place = HiddenField(validators=[Optional(), Regexp(r"[0-9]{1,4}\Z")])

        def validate_choice(self, field: Any) -> None:
            if len(request.form.getlist("choice")) > 1:
                raise ValidationError("one choice at a time")

    class Switches(Press):
        service = SelectMultipleField(choices=services)
        category = SelectMultipleField(choices=categories)
        shown = SelectMultipleField(choices=services)

        def validate_service(self, field: Any) -> None:
            if self.choice.data == "allow" and len(field.data or ()) != 1:
                raise ValidationError("allow names one service")

    return lambda posted: (Press if posted.get("choice") in _ONE_PRESS else Switches)(formdata=posted)


def switched_on(
    registry: Registry, *, service: Iterable[str], category: Iterable[str], shown: Iterable[str]
) -> set[str]:
    """Return the services that a visitor's switches ask for.

    The switches of the services count, unless of a category only its own switch was moved: then that one moves all of
    its services. So a page means what it says with scripts, which move the one with the other, and without. A
    category with one service has one switch, and either name stands for it.
    """
    on, groups, before = set(service), set(category), set(shown)
    wanted: set[str] = set()
    for group, members in registry.by_category.items():
        ids = [each.id for each in members if each.id in registry.optional]
        if len(ids) == 1:
            wanted.update(each for each in ids if each in on or group in groups)
            continue
        group_before = all(each in before for each in ids)
        only_group_moved = (group in groups) != group_before and all((each in on) == (each in before) for each in ids)
        wanted.update(each for each in ids if (group in groups if only_group_moved else each in on))
    return wanted
