"""The forms of the demo: the newsletter on a public page, and two that need the session of a signed-in person."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, HiddenField, ValidationError
from wtforms.validators import AnyOf

LAYOUTS = ("comfortable", "compact")

_EMAIL = re.compile(r"[^@\s\"(),:;<>\\\[\]]{1,64}@(?:[\w-]+\.)+[^\W\d_]{2,63}")


class NewsletterForm(FlaskForm):
    """Asks for an address; it has no token, because a token would set a cookie on the home page."""

    class Meta(FlaskForm.Meta):
        csrf = False

    email = EmailField(_("E-mail address"), filters=[lambda text: (text or "").strip()])

    def validate_email(self, field: Field) -> None:
        """Refuse what cannot be an address.

        :raises ValidationError: with a hint.
        """
        if len(field.data) > 254 or not _EMAIL.fullmatch(field.data):
            raise ValidationError(_("Enter an e-mail address such as name@company.be."))


class SignOutForm(FlaskForm):
    """Holds nothing but the token."""


class LayoutForm(FlaskForm):
    """Chooses how the tables of the Platform are set, and says which page to return to."""

    layout = HiddenField(validators=[AnyOf(LAYOUTS)])
    page = HiddenField(validators=[AnyOf(("customers", "invoices"))])
    view = HiddenField()
