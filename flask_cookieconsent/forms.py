"""The form that carries a choice, built from the registry, and the check that it comes from the site's own pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.datastructures import Headers, MultiDict
from wtforms import HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.csrf.core import CSRF
from wtforms.validators import AnyOf, Length, Optional, Regexp

from .current import LONGEST_NEXT, get_state
from .registry import Registry

CHOICES = ("accept", "reject", "save", "withdraw", "erase", "allow")
_ONE_PRESS = ("accept", "reject", "withdraw", "erase")
SURFACES = ("banner", "preferences", "embed", "link", "api")

#: A choice is a few short fields; anything longer is not one of our forms.
LONGEST_BODY = 16_384


class Evidence(Enum):
    """What a request proves about the page that sent it."""

    SAME_SITE = "a page of this site"
    OTHER_SITE = "a page of another site"
    NONE = "nothing"


def evidence(headers: Headers, host: str, trusted: Iterable[str] = ()) -> Evidence:
    """Tell where a POST comes from: by `Sec-Fetch-Site` where it is sent, else by `Origin`, else by `Referer`.

    Hosts are compared with their ports and without the scheme, because TLS may end at a proxy. *trusted* are origins.
    """
    origin = headers.get("Origin")
    match headers.get("Sec-Fetch-Site"):
        case "same-origin":
            return Evidence.SAME_SITE
        case "same-site":
            return Evidence.SAME_SITE if origin in tuple(trusted) else Evidence.OTHER_SITE
        case "cross-site":
            return Evidence.OTHER_SITE
        case "none":
            return Evidence.NONE
    for sender in (origin, headers.get("Referer")):
        if sender and sender != "null":
            same = _host_and_port(sender) == _host_and_port("//" + host) or sender in tuple(trusted)
            return Evidence.SAME_SITE if same else Evidence.OTHER_SITE
        if sender:
            break
    return Evidence.NONE


def _host_and_port(address: str) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(address)
        return parts.hostname, None if parts.port in (80, 443) else parts.port
    except ValueError:
        return None, -1


class SameOrigin(CSRF):
    """Accepts a form from a page of this site without any token, because rendering a form must set no cookie (B9).

    A request that proves nothing has to bring an ordinary Flask-WTF token, which only the page answering such a
    request holds.
    """

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        """Return nothing: the token is written by `second_step`, and only then."""
        return ""

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        """Accept or refuse the sender.

        :raises ValidationError: if another site sent the form, or nothing tells who did and there is no token.
        """
        found = evidence(request.headers, request.host, get_state().settings.trusted_origins)
        if found is Evidence.OTHER_SITE:
            raise ValidationError("sent by another site")
        if found is Evidence.NONE:
            if not current_app.secret_key:
                raise ValidationError("sent from nowhere, and without SECRET_KEY there are no tokens")
            validate_csrf(field.data)


def second_step() -> str:
    """Return an ordinary Flask-WTF token; it keeps its other half in the session."""
    return str(generate_csrf())


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
