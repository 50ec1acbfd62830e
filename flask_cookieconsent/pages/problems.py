"""What can go wrong with what a visitor does, in words for visitors."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask_cookieconsent.core.services import N_

#: What went wrong, in words for visitors: a heading and an explanation for each reason.
PROBLEMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "not-understood": (
            N_("We did not understand this choice"),
            N_("The form was not complete, or it named something this site does not have. Please open the page again."),
        ),
        "too-long": (
            N_("We did not understand this choice"),
            N_("What was sent is far longer than a choice can be. Please open the page again."),
        ),
        "other-site": (
            N_("This choice came from another site"),
            N_("Only a page of this site can change your cookie settings, so that nobody else decides for you."),
        ),
        "framed": (
            N_("This page was shown inside another one"),
            N_("To be sure that you saw what you pressed, please allow cookies on the page itself."),
        ),
        "no-evidence": (
            N_("Please press once more"),
            N_("Your browser did not say which page you came from. What you selected is kept: please press once more."),
        ),
        "stale": (
            N_("Please press once more"),
            N_("This page has changed since you opened it. Please read it again, and confirm what you allow."),
        ),
        "unrecorded": (
            N_("We could not save what you allow"),
            N_("We cannot keep a record of it at the moment, so nothing new is on. Please try again later."),
        ),
        "too-many": (
            N_("Please try again in a moment"),
            N_("More choices come in than we can record, so nothing new is on. What you refused or withdrew is off."),
        ),
        "not-erased": (
            N_("We could not erase your record"),
            N_(
                "What you had allowed is withdrawn. Its record cannot be reached at the moment: please try again later."
            ),
        ),
        "not-found": (
            N_("There is nothing here"),
            N_("The address is not one of a page of this site."),
        ),
        "unknown-embed": (
            N_("We cannot show this"),
            N_("The address of the video or post was not understood."),
        ),
        "needed": (
            N_("This page needs your permission"),
            N_("It uses a service that you have not allowed. You can allow it in the cookie settings, and come back."),
        ),
    }
)
