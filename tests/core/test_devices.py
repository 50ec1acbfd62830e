"""The rules by which a device and an account agree, each with a merge that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Consent, allow_one, choose
from flask_cookieconsent.core.decision import OptOutSignals, Reason, decide
from flask_cookieconsent.core.devices import Reconciled, asleep, decided, overtaken, reconcile
from flask_cookieconsent.core.kept_choice import KeptChoice, fingerprint
from flask_cookieconsent.core.origin import Origin
from flask_cookieconsent.core.registry import build
from tests.kit.sites import services

NOW = datetime(2026, 11, 23, 12, 34, tzinfo=UTC)
TODAY = NOW.date()
REGISTRY = build(services())
DIGESTS = REGISTRY.declaration_digests
Merge = Callable[..., Reconciled]


def said(answers: str, *, ago: int = 0, origin: Origin = Origin.DEVICE, gpc: bool = False, basket: str = "") -> Consent:
    """Return a consent: a letter for each of films, posts and counter, `g`, `r` or `u`; and one of another app."""
    names = dict(zip(("films", "posts", "counter"), answers, strict=True))
    granted = {name: DIGESTS[name] for name, answer in names.items() if answer == "g"}
    refused = {name for name, answer in names.items() if answer == "r"}
    granted |= {"basket": "abcde"} if basket == "g" else {}
    refused |= {"basket"} if basket == "r" else set()
    return Consent(MappingProxyType(granted), frozenset(refused), TODAY - timedelta(days=ago), gpc, origin)


def kept(answers: str, *before: str, ago: int = 0, gpc: bool = False) -> KeptChoice:
    """Return what an account has kept, newest first."""
    consent = said(answers, ago=ago, origin=Origin.ACCOUNT, gpc=gpc)
    return KeptChoice(consent, NOW - timedelta(days=ago), tuple(fingerprint(said(each)) for each in before))


def letters(consent: Consent) -> str:
    """Return the answers of a consent as `said` takes them."""
    names = ("films", "posts", "counter")
    return "".join("g" if name in consent.granted else "r" if name in consent.refused else "u" for name in names)


def broken(merge: Merge, device: Consent, account: KeptChoice | None) -> set[str]:
    """Return the rules that a merge breaks for one device and one account."""
    result = merge(REGISTRY, device, account, NOW)
    left, stored = result.device.standing(REGISTRY.validity, TODAY), result.to_keep or account
    after = letters(left)
    known = account.consent.standing(REGISTRY.validity, TODAY) if account else NOTHING_CHOSEN
    live = replace(account, consent=known) if account and known.made_on else None
    own = device.standing(REGISTRY.validity, TODAY)
    rows = list(zip(letters(own), letters(live.consent) if live else "uuu", after, strict=True))
    day = own.last_refused_on or own.made_on
    is_newer = live is None or day is None or day >= (live.consent.made_on or TODAY)
    is_own = own.origin is Origin.DEVICE
    checks = {
        "a refusal of the account counts": all(a == "r" for _, k, a in rows if k == "r"),
        "a refusal is not overruled by an older grant": all(a == "r" for d, _, a in rows if d == "r" and is_own)
        or not is_newer,
        "a grant of a device is no grant of the account": not (result.to_keep and live is None)
        or not set(result.to_keep.consent.granted),
        "an account with an answer has no other grants": live is None or all(k == "g" for _, k, a in rows if a == "g"),
        "a grant is no newer than it was": live is None
        or not result.is_adopted
        or (result.device.made_on or TODAY) <= (live.consent.made_on or TODAY),
        "other apps keep the answer of the device": own is NOTHING_CHOSEN
        or ("basket" in own.granted, "basket" in own.refused) == ("basket" in left.granted, "basket" in left.refused),
        "nothing of another account is stored": is_own or result.to_keep is None,
        "the second time nothing is left to do": _is_settled(merge, result, stored),
    }
    return {rule for rule, holds in checks.items() if not holds}


def _is_settled(merge: Merge, result: Reconciled, stored: KeptChoice | None) -> bool:
    again = merge(REGISTRY, result.device, stored, NOW)
    return again.device == result.device and again.to_keep is None


answers_ = st.text("gru", min_size=3, max_size=3)
days = st.sampled_from([0, 1, 30, 184, 185, 400])
devices = st.one_of(
    st.just(NOTHING_CHOSEN),
    st.builds(
        lambda answers, ago, later, origin, basket: replace(
            said(answers, ago=ago, origin=origin, basket=basket),
            refused_on=TODAY - timedelta(days=ago - min(ago, later)),
        ),
        answers_,
        days,
        days,
        st.sampled_from(list(Origin)),
        st.sampled_from(["", "g", "r"]),
    ),
)
accounts = st.one_of(
    st.none(),
    st.builds(
        lambda answers, before, ago: kept(answers, *before, ago=ago), answers_, st.lists(answers_, max_size=3), days
    ),
)


@given(devices, accounts)
@example(said("grr", origin=Origin.ACCOUNT), kept("rgg", "rrr"))
def test_no_rule_is_broken(device: Consent, account: KeptChoice | None) -> None:
    """Whatever a device has and an account has kept, the merge keeps every rule."""
    assert broken(reconcile, device, account) == set()


def _newest_wins(registry: Any, device: Consent, account: KeptChoice | None, now: datetime) -> Reconciled:
    """What a first draft does: the newer text counts as a whole, on the device and with the account."""
    if account is None or (device.made_on or date.min) > (account.consent.made_on or date.min):
        return Reconciled(device, KeptChoice(device, now))
    return Reconciled(account.consent, None, is_new=True, is_adopted=True)


def _merges_all(registry: Any, device: Consent, account: KeptChoice | None, now: datetime) -> Reconciled:
    """What a second draft does: whatever was granted anywhere is granted, and gets today's date."""
    granted = dict(device.granted) | (dict(account.consent.granted) if account else {})
    refused = device.refused | (account.consent.refused if account else frozenset())
    consent = Consent(MappingProxyType(granted), refused - set(granted), now.date(), origin=Origin.ADOPTED)
    return Reconciled(consent, KeptChoice(consent, now), is_new=True, is_adopted=True)


@pytest.mark.parametrize(
    ("merge", "device", "account", "rule"),
    [
        (_newest_wins, said("ggg"), kept("rrr", ago=1), "a refusal of the account counts"),
        (_newest_wins, said("rrr"), kept("ggg"), "a refusal is not overruled by an older grant"),
        (_newest_wins, said("ggg"), None, "a grant of a device is no grant of the account"),
        (_newest_wins, said("ggu"), kept("uuu", ago=1), "an account with an answer has no other grants"),
        (_newest_wins, said("rrr", ago=2, basket="g"), kept("rrr"), "other apps keep the answer of the device"),
        (_newest_wins, said("rrr", origin=Origin.ADOPTED), None, "nothing of another account is stored"),
        (_merges_all, said("ggg", ago=9), kept("rrr"), "a refusal of the account counts"),
        (_merges_all, said("rrr"), kept("ggg"), "a refusal is not overruled by an older grant"),
        (_merges_all, said("uuu"), kept("ggg", ago=9), "a grant is no newer than it was"),
        (_merges_all, said("ggg"), kept("ggg"), "the second time nothing is left to do"),
    ],
)
def test_other_merges_break_a_rule(merge: Merge, device: Consent, account: KeptChoice | None, rule: str) -> None:
    """The bad twins: the two merges that come to mind first, caught by the same check."""
    assert rule in broken(merge, device, account)
    assert broken(reconcile, device, account) == set()


@pytest.mark.parametrize(
    ("device", "account", "after", "stored"),
    [
        # A device that never chose adopts.
        (NOTHING_CHOSEN, kept("grg"), "grg", None),
        # What the account has said since counts.
        (said("rrr", ago=3), kept("ggr", ago=1), "ggr", None),
        (said("ggg", ago=3), kept("rrr", ago=1), "rrr", None),
        # On the same day nobody knows which came first: refusals, service by service.
        (said("rgg"), kept("grg"), "rrg", "rrg"),
        # What a device has refused since reaches the account, and what it has allowed does not.
        (said("rgg"), kept("ggr", ago=5), "rgr", "rgr"),
        (said("rrr"), None, "rrr", "rrr"),
        (said("ggg"), None, "ggg", None),
        # A copy of an earlier choice of the account is behind, on the same day too.
        (said("rrr", origin=Origin.ACCOUNT), kept("ggg", "rrr"), "ggg", None),
        (said("rrr", origin=Origin.ADOPTED), kept("ggg", "rrr"), "ggg", None),
        # Pressed signed out, the same text is a new refusal.
        (said("rrr"), kept("ggg", "rrr"), "rrr", "rrr"),
        # Another account has left its copy: its grants end, its refusals count here and reach nobody's account.
        (said("ggr", origin=Origin.ACCOUNT), None, "uur", None),
        (said("rgr", origin=Origin.ADOPTED), kept("gug"), "rur", None),
        # Expired things never come back.
        (NOTHING_CHOSEN, kept("ggg", ago=185), "uuu", None),
        (said("ggg", ago=185), kept("uru"), "uru", None),
    ],
)
def test_agreement(device: Consent, account: KeptChoice | None, after: str, stored: str | None) -> None:
    """What device and account agree on, and what the account is told."""
    result = reconcile(REGISTRY, device, account, NOW)

    assert letters(result.device) == after
    assert (result.to_keep and letters(result.to_keep.consent)) == stored


def test_equal_is_nothing_to_do() -> None:
    """A device that is in step gets the very consent that it has: no cookie, no call of a hook."""
    device = said("grg", origin=Origin.ADOPTED)

    assert reconcile(REGISTRY, device, kept("grg"), NOW) == Reconciled(device)
    assert reconcile(REGISTRY, device, kept("grg"), NOW).device is device


def test_signal_pauses_what_was_allowed_without_it() -> None:
    """G2: a grant from another device stands against the signal only if it was made under it, and a merge adds none."""
    signals = OptOutSignals(gpc=True)
    plain, under = (reconcile(REGISTRY, NOTHING_CHOSEN, kept("ggg", gpc=gpc), NOW).device for gpc in (False, True))
    beside = reconcile(REGISTRY, said("uuu", basket="g"), kept("ggg", gpc=True), NOW).device

    reasons = [decide(REGISTRY, each, signals, TODAY).reasons["films"] for each in (plain, under, beside)]
    assert reasons == [Reason.SIGNAL, Reason.GRANTED, Reason.SIGNAL]


def test_signed_out() -> None:
    """What was adopted grants nothing while nobody is signed in; what was pressed here, and refusals, stay."""
    adopted, pressed = (said("ggr", origin=origin, basket="g") for origin in (Origin.ADOPTED, Origin.ACCOUNT))

    assert asleep(REGISTRY, adopted) == replace(adopted, granted=MappingProxyType({"basket": "abcde"}))
    assert asleep(REGISTRY, pressed) is pressed
    assert asleep(REGISTRY, said("ggg", origin=Origin.ADOPTED)) is NOTHING_CHOSEN


def test_press_keeps_all_that_it_answered() -> None:
    """Whoever presses while signed in has answered for the account, whatever was there."""
    before = said("ggg")
    after = choose(before, REGISTRY, {"films"}, today=TODAY, gpc=False)

    result = decided(REGISTRY, before, after, kept("rrr"), NOW, confirms=True)
    assert letters(result.consent) == "grr"
    assert result.replaced[0] == fingerprint(said("rrr"))
    assert (result.moment, result.consent.origin) == (NOW, Origin.ACCOUNT)


def test_press_for_one_service_keeps_one() -> None:
    """What the device allowed before somebody signed in is no grant of theirs because they allow one thing more."""
    before = said("guu")
    after = allow_one(before, REGISTRY, "posts", today=TODAY, gpc=False)

    assert letters(decided(REGISTRY, before, after, None, NOW, confirms=False).consent) == "ugu"
    assert letters(decided(REGISTRY, before, after, kept("gur"), NOW, confirms=False).consent) == "ggr"


def test_two_presses_at_once() -> None:
    """Two devices press at the same moment: no refusal is lost, whichever is stored last."""
    base, accept, reject = kept("uuu"), kept("ggg"), kept("rrg")

    assert letters(overtaken(accept, base, reject).consent) == "rrg"
    assert letters(overtaken(reject, base, accept).consent) == "rrg"
    # The device that pressed is known to be behind what came of it.
    assert fingerprint(accept.consent) in overtaken(accept, base, reject).replaced


def test_what_was_refused_before_may_be_allowed() -> None:
    """A refusal that a press has just taken back is not the other device's."""
    assert letters(overtaken(kept("ggg"), kept("rrr"), kept("rrr")).consent) == "ggg"


def test_refusals_that_are_pushed_make_no_grant_newer() -> None:
    """What a device has refused keeps the day of the grants beside it, so that other refusals go on being newer."""
    pushed = reconcile(REGISTRY, said("urg", ago=2), kept("ggg", ago=9), NOW).to_keep

    assert pushed is not None
    assert pushed.consent.made_on == TODAY - timedelta(days=9)
    assert letters(reconcile(REGISTRY, said("rgg", ago=5), pushed, NOW).device) == "rrg"


@pytest.mark.parametrize(("ago", "after", "stored"), [(60, "urr", ["urr"]), (30, "urr", ["urr"]), (10, "ugr", [])])
def test_refusal_keeps_its_day_beside_an_older_grant(ago: int, after: str, stored: list[str]) -> None:
    """What a device refused 30 days ago stands against older grants of an account, whatever it had allowed before."""
    device = replace(said("grr", ago=90), refused_on=TODAY - timedelta(days=30))
    result = reconcile(REGISTRY, device, kept("ugr", ago=ago), NOW)
    told = [result.to_keep.consent] if result.to_keep else []

    assert letters(result.device) == after
    assert [letters(each) for each in told] == stored
    assert {each.last_refused_on for each in told} <= {TODAY - timedelta(days=30)}
