"""The visitors of an audit: undecided, refusing, accepting, and with Global Privacy Control."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches

from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Consent, choose
from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.state import State


@dataclass(frozen=True)
class Visitor:
    """Somebody who looks at the whole site: what they allowed, None where they have not chosen, and their signal."""

    name: str
    allowed: frozenset[str] | None
    gpc: bool = False

    @property
    def is_undecided(self) -> bool:
        """Whether they have not chosen, and nothing answers for them."""
        return self.allowed is None and not self.gpc

    @property
    def headers(self) -> dict[str, str]:
        """The headers that go along with each of their requests."""
        return {"Sec-GPC": "1"} if self.gpc else {}


def visitors_of(registry: Registry) -> tuple[Visitor, ...]:
    """Return the four visitors of an audit of a declaration."""
    return (
        Visitor("undecided", None),
        Visitor("refusing", frozenset()),
        Visitor("accepting", frozenset(registry.optional)),
        Visitor("gpc", None, gpc=True),
    )


def services_named(registry: Registry, names: Iterable[str]) -> frozenset[str]:
    """Return the ids of the optional services that are named, or whose category is, or all of them for `all`.

    :raises SetupError: if the site declares none of that name, or nobody is asked about it.
    """
    found: set[str] = set()
    for name in names:
        if name == "all":
            found |= set(registry.optional)
        elif name in registry.optional:
            found.add(name)
        elif registry.optional_by_category.get(name):
            found |= set(registry.optional_by_category[name])
        else:
            categories = [id for id, members in registry.optional_by_category.items() if members]
            able = ("all", *categories, *registry.optional)
            near = [f"; did you mean {close!r}?" for close in get_close_matches(name, able, 1)]
            wanted = f"a service or a category that visitors are asked about: {', '.join(able)}"
            raise SetupError(f"found {name!r}, wanted {wanted}{''.join(near)}")
    return frozenset(found)


def choices_text(state: State, allowed: Iterable[str], *, gpc: bool = False, expired: bool = False) -> str:
    """Return the value of a choices cookie: everything in *allowed* granted, all else refused, today.

    One that is *expired* was chosen a day longer ago than a choice counts. There is no receipt, and nothing is logged.
    """
    return state.codec.dumps(choice_of(state, allowed, gpc=gpc, expired=expired))


def choice_of(state: State, allowed: Iterable[str], *, gpc: bool = False, expired: bool = False) -> Consent:
    """Return the consent of such a cookie."""
    ago = state.registry.validity.refusals + timedelta(days=1) if expired else timedelta()
    return choose(NOTHING_CHOSEN, state.registry, allowed, today=state.today - ago, gpc=gpc)


def choices_cookie(state: State, host: str, *, secure: bool) -> str:
    """Return the name under which a browser keeps the choices cookie of a host."""
    return state.choices_cookie.usual_name(host, secure=secure)
