"""Flask-WTF forms that validate one press, and the frozen value that it is parsed into once."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flask import current_app, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import AnyOf, Length, Optional, Regexp

from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.i18n import is_canonical
from flask_cookieconsent.state import get_state

from .problems import Problem
from .same_origin import Evidence, SameOrigin, evidence

logger = logging.getLogger("flask_cookieconsent")

#: Pages with a longer address lead back to the preferences.
LONGEST_NEXT = 2_000

#: A choice is a few short fields; a longer body, in bytes, is not one of our forms.
LONGEST_BODY = 16_384

#: Where a form can stand; what is written into the log as the method of an event.
SURFACES = ("banner", "preferences", "embed", "link", "api")


class Choice(Enum):
    """Action of a submit button; the value is that of the HTML attribute."""

    ACCEPT = "accept"
    REJECT = "reject"
    SAVE = "save"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    ALLOW = "allow"


#: Choices that mean all services, and so come without switches.
_ONE_PRESS = (Choice.ACCEPT, Choice.REJECT, Choice.WITHDRAW, Choice.ERASE)


@dataclass(frozen=True, kw_only=True)
class Press:
    """Validated, immutable form data of one press of a button.

    `services` and `categories` are the switches that are on, `shown` the services whose switch was on when the page was
    made. `notice` is the digest of what was shown, `locale` its language, `next` the page to return to, and `place`
    the id of the embed that was pressed; each is empty where the form did not say, or said what cannot be.
    """

    choice: Choice
    surface: str = "api"
    services: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    notice: str = ""
    locale: str = ""
    next: str = ""
    place: str = ""


class PressForm(FlaskForm):
    """Form fields of every press; `Meta.csrf_class` replaces the CSRF token by the same-origin check."""

    class Meta(FlaskForm.Meta):
        """The same-origin check is on whatever the app's own setting says: `WTF_CSRF_ENABLED = False` is for tests."""

        csrf = True
        csrf_class = SameOrigin
        csrf_field_name = "csrf_token"

    choice = StringField(validators=[AnyOf([choice.value for choice in Choice])])
    surface = StringField(validators=[AnyOf(SURFACES)], default="api")
    locale = HiddenField(validators=[Length(max=40)])
    notice = HiddenField(validators=[Length(max=64)])
    next = HiddenField(validators=[Length(max=LONGEST_NEXT)])
    place = HiddenField(validators=[Optional(), Regexp(r"[0-9a-f]{8}(-[0-9]{1,4})?\Z")])

    def validate_choice(self, field: Any) -> None:
        """Refuse a form with two choices in it.

        :raises ValidationError: if there are.
        """
        if len(request.form.getlist("choice")) > 1:
            raise ValidationError("one choice at a time")


class SwitchesForm(PressForm):
    """A press that comes with switches: single choices are saved, or one service is allowed."""

    service = SelectMultipleField(choices=[])
    category = SelectMultipleField(choices=[])
    shown = SelectMultipleField(choices=[])

    def validate_service(self, field: Any) -> None:
        """Refuse to allow none or several services at once.

        :raises ValidationError: if that is asked for.
        """
        if self.choice.data == Choice.ALLOW.value and len(field.data or ()) != 1:
            raise ValidationError("allow names one service")


def build_form(registry: Registry, posted: MultiDict[str, str]) -> PressForm:
    """Choose and bind the form of what was posted; a press that means all services gets no fields for switches."""
    if posted.get("choice") in [choice.value for choice in _ONE_PRESS]:
        return PressForm(formdata=posted)
    form = SwitchesForm(formdata=posted)
    form.service.choices = form.shown.choices = list(registry.optional)
    form.category.choices = [category.id for category in registry.categories if not category.necessary]
    return form


def read_press(registry: Registry, posted: MultiDict[str, str]) -> tuple[Press | None, Problem | None]:
    """Validate what was posted, and return the press, the problem with it, or both where only its sender is unknown.

    What the registry does not know is a problem, never an exception.
    """
    form = build_form(registry, posted)
    is_valid = form.validate()
    wrong = [name for name in form.errors if name != "csrf_token"]
    if wrong:
        logger.info("invalid consent form: %s", ", ".join(wrong))
        return None, Problem.NOT_UNDERSTOOD
    if is_valid:
        return _press(form), None
    sender = evidence(request.headers, request.host, get_state().settings.trusted_origins)
    if sender is Evidence.NONE and current_app.secret_key:
        return _press(form), Problem.NO_EVIDENCE
    return None, Problem.OTHER_SITE


def _press(form: PressForm) -> Press:
    switches: dict[str, frozenset[str]] = {}
    if isinstance(form, SwitchesForm):
        switches["services"] = frozenset(form.service.data or ())
        switches["categories"] = frozenset(form.category.data or ())
        switches["shown"] = frozenset(form.shown.data or ())
    return Press(
        choice=Choice(form.choice.data),
        surface=form.surface.data,
        notice=form.notice.data if re.fullmatch(r"[0-9a-f]{64}", form.notice.data or "") else "",
        locale=form.locale.data if is_canonical(form.locale.data or "") else "",
        next=form.next.data or "",
        place=form.place.data or "",
        **switches,
    )


def switched_on(
    registry: Registry, *, services: Iterable[str], categories: Iterable[str], shown: Iterable[str]
) -> set[str]:
    """Return the services that a visitor's switches ask for.

    The switches of the services count, unless of a category only its own switch was moved: then that one moves all of
    its services. So a page means what it says with scripts, which move the one with the other, and without. A
    category with one service has one switch, and either name stands for it.
    """
    on, groups, before = set(services), set(categories), set(shown)
    wanted: set[str] = set()
    for category, ids in registry.optional_by_category.items():
        if len(ids) == 1:
            wanted.update(id for id in ids if id in on or category in groups)
        elif _only_group_was_moved(ids, on, before, is_group_on=category in groups):
            wanted.update(ids if category in groups else ())
        else:
            wanted.update(id for id in ids if id in on)
    return wanted


def _only_group_was_moved(ids: Iterable[str], on: set[str], before: set[str], *, is_group_on: bool) -> bool:
    was_group_on = all(id in before for id in ids)
    no_service_was_moved = all((id in on) == (id in before) for id in ids)
    return is_group_on != was_group_on and no_service_was_moved
