"""Error messages for visitors: an HTTP status, a heading and an explanation for everything that can go wrong."""

from __future__ import annotations

from enum import Enum

from flask_cookieconsent.core.services import N_


class Problem(Enum):
    """Error code of a request that is not carried out; the value is the `error` of JSON answers."""

    NOT_UNDERSTOOD = "not-understood"
    TOO_LONG = "too-long"
    WRONG_TYPE = "wrong-type"
    WRONG_METHOD = "wrong-method"
    OTHER_SITE = "other-site"
    FRAMED = "framed"
    NO_EVIDENCE = "no-evidence"
    STALE = "stale"
    UNRECORDED = "unrecorded"
    UNAVAILABLE = "unavailable"
    TOO_MANY = "too-many"
    NOT_ERASED = "not-erased"
    NOT_FOUND = "not-found"
    UNKNOWN_EMBED = "unknown-embed"
    UNREADABLE_EMBED = "unreadable-embed"
    NEEDED = "needed"
    NOT_SHARED = "not-shared"
    WRONG_CODE = "wrong-code"

    @property
    def status(self) -> int:
        """The HTTP status (RFC 9110, section 15) of the answer."""
        return _ANSWERS[self][0]

    @property
    def heading(self) -> str:
        """The heading of the answer, for visitors; a message id of the extension's catalog."""
        return _ANSWERS[self][1]

    @property
    def explanation(self) -> str:
        """What happened and what to do, for visitors; a message id of the extension's catalog."""
        return _ANSWERS[self][2]


_NOT_UNDERSTOOD = N_("We did not understand this choice")
_ONCE_MORE = N_("Please press once more")
_NOT_SHOWN = N_("We cannot show this")
_UNREADABLE = N_("The address of the video or post was not understood.")

_ANSWERS = {
    Problem.NOT_UNDERSTOOD: (
        400,
        _NOT_UNDERSTOOD,
        N_("The form was not complete, or something in it was wrong. Please open the page again."),
    ),
    Problem.TOO_LONG: (
        400,
        _NOT_UNDERSTOOD,
        N_("What was sent is far longer than a choice can be. Please open the page again."),
    ),
    # Programs alone meet these two: a person's browser sends our forms as they are.
    Problem.WRONG_TYPE: (415, _NOT_UNDERSTOOD, N_("Something in the request was wrong. Please send it as JSON.")),
    Problem.WRONG_METHOD: (405, _NOT_UNDERSTOOD, N_("This address does not take this method.")),
    Problem.OTHER_SITE: (
        403,
        N_("This choice came from another site"),
        N_("Only a page of this site can change your cookie settings, so that nobody else decides for you."),
    ),
    Problem.FRAMED: (
        403,
        N_("This page was shown inside another one"),
        N_("To be sure that you saw what you pressed, please allow cookies on the page itself."),
    ),
    Problem.NO_EVIDENCE: (
        403,
        _ONCE_MORE,
        N_("Your browser did not say which page you came from. What you selected is kept: please press once more."),
    ),
    Problem.STALE: (
        409,
        _ONCE_MORE,
        N_("This page has changed since you opened it. Please read it again, and confirm what you allow."),
    ),
    Problem.UNRECORDED: (
        503,
        N_("We could not save what you allow"),
        N_("We cannot keep a record of it at the moment, so nothing new is on. Please try again later."),
    ),
    Problem.UNAVAILABLE: (
        503,
        _NOT_SHOWN,
        N_("Our records cannot be reached at the moment. Please try again later."),
    ),
    Problem.TOO_MANY: (
        429,
        N_("Please try again in a moment"),
        N_(
            "Too many answers came in at once, so what you allowed was not saved. What you switched off is off. Please "
            "try again in a minute."
        ),
    ),
    Problem.NOT_ERASED: (
        503,
        N_("We could not erase your record"),
        N_("What you had allowed is withdrawn. Its record cannot be reached at the moment: please try again later."),
    ),
    Problem.NOT_FOUND: (404, N_("There is nothing here"), N_("The address is not one of a page of this site.")),
    Problem.UNKNOWN_EMBED: (404, _NOT_SHOWN, _UNREADABLE),
    Problem.UNREADABLE_EMBED: (400, _NOT_SHOWN, _UNREADABLE),
    Problem.NEEDED: (
        403,
        N_("This page needs your permission"),
        N_("It uses a service that you have not allowed. You can allow it in the cookie settings, and come back."),
    ),
    Problem.NOT_SHARED: (
        409,
        N_("Choices are not shared here"),
        N_(
            "The app and this site keep their choices apart, so neither can hand them to the other. Please choose here "
            "too."
        ),
    ),
    Problem.WRONG_CODE: (
        400,
        N_("This code is not valid"),
        N_(
            "It was used before, is older than a minute, or was not made here. Please go back, and open the page again."
        ),
    ),
}
