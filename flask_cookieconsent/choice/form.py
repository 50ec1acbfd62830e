"""Validation of one posted form, a pure function, and the frozen value that it is parsed into once."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from werkzeug.datastructures import MultiDict

from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.i18n import is_canonical

from .problems import Problem
from .same_origin import problem_of_sender

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


_CHOICES = frozenset(choice.value for choice in Choice)

#: Choices that mean all services, and so come without switches.
_ONE_PRESS = frozenset(choice.value for choice in (Choice.ACCEPT, Choice.REJECT, Choice.WITHDRAW, Choice.ERASE))

# In characters; no name of a locale, and no digest, is longer.
_LONGEST_LOCALE, _LONGEST_NOTICE = 40, 64
_NOTICE = re.compile(r"[0-9a-f]{64}")
_PLACE = re.compile(r"[0-9a-f]{8}(-[0-9]{1,4})?")


@dataclass(frozen=True, kw_only=True)
class Press:
    """Validated, immutable form data of one press of a button.

    `services` and `categories` are the switches that are on, `shown` the services whose switch was on when the page was
    made, and `silent` those of them that nobody had granted. `notice` is the digest of what was shown, `locale` its
    language, `next` the page to return to, and `place` the id of the embed that was pressed; each is empty where the
    form did not say, or said what cannot be.
    """

    choice: Choice
    surface: str = "api"
    services: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    notice: str = ""
    locale: str = ""
    next: str = ""
    place: str = ""


def read_press(registry: Registry, posted: MultiDict[str, str]) -> tuple[Press | None, Problem | None]:
    """Validate what was posted, and return the press, the problem with it, or both where only its sender is unknown.

    What the registry does not know is a problem, never an exception.
    """
    if wrong := wrong_fields(registry, posted):
        logger.info("invalid consent form: %s", ", ".join(wrong))
        return None, Problem.NOT_UNDERSTOOD
    problem = problem_of_sender(posted.get("csrf_token"))
    return (None if problem is Problem.OTHER_SITE else parsed(posted)), problem


def wrong_fields(registry: Registry, posted: MultiDict[str, str]) -> list[str]:
    """Return the names of the fields whose values no form of the site has, in their order; none for a valid form.

    Of fields that stand for one value the first one counts, as in WTForms; a second choice is a mistake.
    """
    first = posted.to_dict()
    choice, place = first.get("choice"), first.get("place", "")
    is_valid = {
        "choice": choice in _CHOICES and len(posted.getlist("choice")) == 1,
        "surface": first.get("surface", "api") in SURFACES,
        "locale": len(first.get("locale", "")) <= _LONGEST_LOCALE,
        "notice": len(first.get("notice", "")) <= _LONGEST_NOTICE,
        "next": len(first.get("next", "")) <= LONGEST_NEXT,
        "place": not place or place.isspace() or _PLACE.fullmatch(place) is not None,
    }
    if choice not in _ONE_PRESS:
        services, optional = posted.getlist("service"), frozenset(registry.optional)
        groups = {category.id for category in registry.categories if not category.necessary}
        is_valid |= {
            # Nobody is allowed none, or several at once.
            "service": optional.issuperset(services) and (choice != Choice.ALLOW.value or len(services) == 1),
            "category": groups.issuperset(posted.getlist("category")),
            "shown": optional.issuperset(posted.getlist("shown")),
            "silent": optional.issuperset(posted.getlist("silent")),
        }
    return [name for name, valid in is_valid.items() if not valid]


def parsed(posted: MultiDict[str, str]) -> Press:
    """Return the press of a valid form; one that means all services has no switches, whatever was sent along."""
    first = posted.to_dict()
    notice, locale, place = first.get("notice", ""), first.get("locale", ""), first.get("place", "")
    switches: dict[str, frozenset[str]] = {}
    if first["choice"] not in _ONE_PRESS:
        names = {"services": "service", "categories": "category", "shown": "shown", "silent": "silent"}
        switches = {name: frozenset(posted.getlist(field)) for name, field in names.items()}
    return Press(
        choice=Choice(first["choice"]),
        surface=first.get("surface", "api"),
        notice=notice if _NOTICE.fullmatch(notice) else "",
        locale=locale if is_canonical(locale) else "",
        next=first.get("next", ""),
        place=place if _PLACE.fullmatch(place) else "",
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
