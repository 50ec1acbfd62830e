"""State transition of a consent: a pure function of a press, a decision and a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from types import MappingProxyType

from flask_cookieconsent.core.consent import (
    Consent,
    Kind,
    allow_one,
    choose,
    kind_of,
    within,
    without_new_grants,
)
from flask_cookieconsent.core.decision import Decision, OptOutSignals, Reason
from flask_cookieconsent.core.fitting import fitted
from flask_cookieconsent.core.regimes import REST, STRICT, Terms
from flask_cookieconsent.core.registry import Registry

from .form import Choice, Press, switched_on


@dataclass(frozen=True)
class Step:
    """Transition from one consent to the next by one press, under its browser's signals and its region's terms."""

    registry: Registry
    before: Consent
    after: Consent
    signals: OptOutSignals
    terms: Terms = STRICT

    @cached_property
    def kind(self) -> Kind | None:
        """What the step's event is called, None where nothing changes for this site."""
        return kind_of(within(self.before, self.registry), within(self.after, self.registry))

    @cached_property
    def grants(self) -> bool:
        """Whether the event is of a consent in which something is granted, and so has a receipt."""
        return self.kind in (Kind.GIVEN, Kind.CHANGED)

    @cached_property
    def has_new_grants(self) -> bool:
        """Whether something is granted that was not, or not in this form."""
        return not without_new_grants(self.after, self.before).says_the_same(self.after)

    @property
    def takes_away(self) -> bool:
        """Whether something that was granted is so no longer."""
        return bool(set(self.before.granted) - set(self.after.granted))

    @property
    def reduced(self) -> Step:
        """The part of the step that only takes away; it takes effect where a new grant cannot."""
        after = without_new_grants(self.after, self.before)
        return replace(self, after=after)

    @cached_property
    def choices(self) -> Mapping[str, str]:
        """The answer for every optional service: `granted`, `refused` or `undecided`."""
        return MappingProxyType({service: _answer(self.after, service) for service in self.registry.optional})


def take_step(press: Press, decision: Decision, today: date) -> Step:
    """Apply a press to a decision's consent (idempotent where it says the same again); *today* is the day in UTC.

    Steps are memoised: most visitors choose the same, and nothing in a step tells who took it.
    """
    return _taken(press.choice, press.services, press.categories, press.shown, press.silent, decision, today)


@lru_cache(maxsize=1024)
def _taken(
    choice: Choice,
    services: frozenset[str],
    categories: frozenset[str],
    shown: frozenset[str],
    silent: frozenset[str],
    decision: Decision,
    today: date,
) -> Step:
    press = Press(choice=choice, services=services, categories=categories, shown=shown, silent=silent)
    registry, signals = decision.registry, decision.signals
    before = decision.consent.standing(registry.validity, today)
    if press.choice is Choice.ALLOW:
        paused = {service for service in decision.grants if decision.reasons[service] is Reason.SIGNAL}
        (service,) = press.services
        after = allow_one(before, registry, service, today=today, gpc=signals.deny, paused=paused)
    else:
        wanted, untouched = selection(press, decision), set[str]()
        if press.choice is Choice.SAVE:
            untouched = untouched_switches(press, decision)
        after = choose(before, registry, wanted - untouched, today=today, gpc=signals.deny)
        after = _undecided(after, before, untouched - before.refused) if untouched else after
        if press.choice is Choice.ACCEPT:
            after = replace(after, refused=after.refused - {REST})
        elif not wanted and decision.terms.lets_silence_allow:
            # What is declared later would be on without a word from whoever has refused everything.
            after = replace(after, refused=after.refused | {REST})
    # A consent that apps share may outgrow one cookie; a press never fails because of that.
    return Step(
        registry, before, before if after.says_the_same(before) else fitted(after, registry), signals, decision.terms
    )


def _undecided(after: Consent, before: Consent, untouched: set[str]) -> Consent:
    """Return a consent without answers for services whose switch was on though they were not granted, and stayed.

    Nothing is granted by silence. What they were granted for in another form stays as it is, and counts no more.
    """
    earlier = {service: digest for service, digest in before.granted.items() if service in untouched}
    left = replace(after, granted=MappingProxyType({**after.granted, **earlier}), refused=after.refused - untouched)
    return left if left.granted or left.refused else before


def untouched_switches(press: Press, decision: Decision) -> set[str]:
    """Return the services whose switch was on though nobody had granted them, and stayed.

    The page may be older than the decision: what was refused meanwhile, or is off by a signal, was not turned on by it.
    """
    silent = (press.silent | decision.by_silence) - set(decision.grants)
    return selection(press, decision) & press.shown & silent


def selection(press: Press, decision: Decision) -> set[str]:
    """Return the services that are on after a press, if all that it asks for is granted."""
    registry = decision.registry
    match press.choice:
        case Choice.ACCEPT:
            return set(registry.optional)
        case Choice.REJECT | Choice.WITHDRAW | Choice.ERASE:
            return set()
        case Choice.ALLOW:
            return set(registry.optional) & (decision.allowed | press.services)
    return switched_on(registry, services=press.services, categories=press.categories, shown=press.shown)


def _answer(consent: Consent, service: str) -> str:
    if service in consent.granted:
        return "granted"
    return "refused" if service in consent.refused else "undecided"
