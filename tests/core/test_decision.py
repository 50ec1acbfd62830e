"""What follows from a consent: every service allowed or not, each with its reason."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Consent, choose
from flask_cookieconsent.core.decision import Decision, OptOutSignals, Reason, decide
from flask_cookieconsent.core.regimes import REST, STRICT, Regime, Terms
from flask_cookieconsent.core.registry import Registry, build
from flask_cookieconsent.core.validity import HALF_A_YEAR, Validity
from tests.kit.sites import COMPANY, EVERYTHING, NOON, OPTIONAL, own, services

TODAY = NOON.date()
SEAT = own("seat", "necessary", justification="Without it nobody can sit.")
REGISTRY = build((SEAT, *services()))
GPC, SILENT = OptOutSignals(gpc=True), OptOutSignals()


def decided(*granted: str, gpc: bool = False, registry: Registry = REGISTRY, made_on: date = TODAY) -> Consent:
    return choose(NOTHING_CHOSEN, registry, granted, today=made_on, gpc=gpc)


def reason_of(service: str, consent: Consent, signals: OptOutSignals = SILENT, registry: Registry = REGISTRY) -> Reason:
    return decide(registry, consent, signals, TODAY).reasons[service]


def allowed(decision: Decision) -> set[str]:
    return EVERYTHING & decision.allowed


@given(st.sets(st.sampled_from(sorted(EVERYTHING))), st.booleans())
def test_no_more_than_was_granted(granted: set[str], gpc: bool) -> None:
    """A6, G2: for every set of services, exactly these, and with the signal never more."""
    heard = decide(REGISTRY, decided(*granted), OptOutSignals(gpc), TODAY)

    assert allowed(heard) == (granted & {"language"} if gpc else granted)
    assert heard.allows("necessary")
    assert heard.allows("seat")


def test_every_set_of_categories() -> None:
    """A6: each of the sixteen sets of categories allows itself alone."""
    for groups in (set(each) for n in range(5) for each in itertools.combinations(OPTIONAL, n)):
        granted = set().union(*(OPTIONAL[each] for each in groups))
        decision = decide(REGISTRY, decided(*granted), SILENT, TODAY)
        assert {each for each in OPTIONAL if decision.allows(each)} == groups


def test_half_a_category_is_not_allowed() -> None:
    """A6: a category is allowed once all of its services are."""
    decision = decide(REGISTRY, decided("films"), SILENT, TODAY)

    assert decision.allows("films")
    assert not decision.allows("third_party")


@pytest.mark.parametrize("signals", [GPC, SILENT])
def test_nothing_chosen_allows_nothing(signals: OptOutSignals) -> None:
    """A7, G2: before a choice all is off, with the signal and without: its absence is no grant."""
    decision = decide(REGISTRY, NOTHING_CHOSEN, signals, TODAY)

    assert allowed(decision) == set()
    assert decision.grants == ()
    assert decision.asks is not signals.gpc


def test_names_that_are_not_declared() -> None:
    """A7: a name of nothing is the site's own mistake, not a refusal; the default categories always have an answer."""
    decision = decide(build([SEAT]), NOTHING_CHOSEN, SILENT, TODAY)

    assert not decision.allows("performance")
    with pytest.raises(LookupError, match="no service or category 'perfomance'; this site declares .*performance"):
        decision.allows("perfomance")


def test_new_service_is_undecided_alone() -> None:
    """D4, D6: whoever has answered is asked about what is new, and keeps every other answer."""
    added = own("theme", "functionality")
    registry = build((SEAT, *services(), added))
    decision = decide(registry, decided("films"), SILENT, TODAY)

    assert decision.reasons["theme"] is Reason.UNDECIDED
    assert decision.open == decision.news == ("theme",)
    assert decision.asks
    assert allowed(decision) == {"films"}


def test_changed_grant_is_undecided() -> None:
    """D6: what was granted and has changed since is asked again."""
    consent = decided("films", "posts")
    changed = build(
        (SEAT, *(replace(each, purpose="embedded_post") if each.id == "films" else each for each in services()))
    )
    decision = decide(changed, consent, SILENT, TODAY)

    assert decision.reasons["films"] is Reason.CHANGED
    assert decision.news == ("films",)
    assert allowed(decision) == {"posts"}


def test_changed_refusal_is_kept() -> None:
    """D6, B10: nobody who has refused is asked again because a vendor was changed, or the policy was."""
    changed = build((SEAT, *(replace(each, purpose="embedded_post") for each in services())), policy_version="2")
    decision = decide(changed, decided(), SILENT, TODAY)

    assert not decision.asks
    assert {decision.reasons[each] for each in EVERYTHING} == {Reason.REFUSED}


@pytest.mark.parametrize("granted", [(), ("films",)])
def test_expiry(granted: tuple[str, ...]) -> None:
    """D2, B10: on the last of 184 days the choice holds, on the next day both kinds are open again."""
    consent = decided(*granted)
    last, next_ = (decide(REGISTRY, consent, SILENT, TODAY + HALF_A_YEAR + timedelta(days=n)) for n in (0, 1))

    assert not last.asks
    assert allowed(last) == set(granted)
    assert next_.asks
    assert allowed(next_) == set()
    assert set(next_.open) == EVERYTHING
    assert next_.news == (), "after six months all is asked, nothing is news"


def test_grants_end_before_refusals() -> None:
    """D2, B10: where grants hold for a month alone, they are asked about again, and what was refused is not."""
    registry = build((SEAT, *services()), validity=Validity(grants=timedelta(days=30)))
    consent = choose(NOTHING_CHOSEN, registry, ["films"], today=TODAY, gpc=False)
    last, next_ = (decide(registry, consent, SILENT, TODAY + timedelta(days=days)) for days in (30, 31))

    assert allowed(last) == {"films"}
    assert not last.asks
    assert allowed(next_) == set()
    assert next_.open == ("films",)
    assert next_.reasons["films"] is Reason.EXPIRED
    assert next_.reasons["posts"] is Reason.REFUSED
    assert next_.news == (), "what has run out is no news"


def test_signal_pauses_nothing_that_has_run_out() -> None:
    """D2, G3: a grant that has ended is none that the signal could pause."""
    after = TODAY + HALF_A_YEAR + timedelta(days=1)

    assert decide(REGISTRY, decided("films"), GPC, after - timedelta(days=1)).grants == ("films",)
    assert decide(REGISTRY, decided("films"), GPC, after).grants == ()


# G2: what the signal does to each category, by what was chosen before it.
TABLE = [
    # service, no choice, granted under the signal, granted earlier, refused
    ("arrival", Reason.SIGNAL, Reason.GRANTED, Reason.SIGNAL, Reason.REFUSED),
    ("films", Reason.SIGNAL, Reason.GRANTED, Reason.SIGNAL, Reason.REFUSED),
    ("counter", Reason.SIGNAL, Reason.GRANTED, Reason.SIGNAL, Reason.REFUSED),
    ("language", Reason.UNDECIDED, Reason.GRANTED, Reason.GRANTED, Reason.REFUSED),
    ("seat", Reason.ESSENTIAL, Reason.ESSENTIAL, Reason.ESSENTIAL, Reason.ESSENTIAL),
]


@pytest.mark.parametrize(("service", "silent", "under", "earlier", "refused"), TABLE)
def test_signal(service: str, silent: Reason, under: Reason, earlier: Reason, refused: Reason) -> None:
    """G2, G3: the table of the signal, line by line."""
    granted = EVERYTHING if service in EVERYTHING else ()

    assert reason_of(service, NOTHING_CHOSEN, GPC) is silent
    assert reason_of(service, decided(*granted, gpc=True), GPC) is under
    assert reason_of(service, decided(*granted), GPC) is earlier
    assert reason_of(service, decided(), GPC) is refused


@pytest.mark.parametrize("service", sorted(EVERYTHING))
def test_signal_that_goes_away(service: str) -> None:
    """G3: an earlier grant was paused, not forgotten; and a refusal does not turn into a grant."""
    assert reason_of(service, decided(*EVERYTHING), SILENT) is Reason.GRANTED
    assert reason_of(service, decided(gpc=True), SILENT) is Reason.REFUSED


def test_own_performance_is_not_the_business_of_the_signal() -> None:
    """G2: counting by the site itself is no sale and no sharing; by another company it may be."""
    ours = own("visits", "performance", purpose="audience_measurement")
    registry = build([SEAT, ours, replace(ours, id="theirs", provider=COMPANY)])
    decision = decide(registry, NOTHING_CHOSEN, GPC, TODAY)

    assert decision.reasons["visits"] is Reason.UNDECIDED
    assert decision.reasons["theirs"] is Reason.SIGNAL


def test_signal_answers_instead_of_the_banner() -> None:
    """G2, G3: no banner for whoever has answered by browser, a line instead; neither after an answer on the site."""
    assert decide(REGISTRY, NOTHING_CHOSEN, GPC, TODAY).is_answered_by_signal
    assert not decide(REGISTRY, decided(), GPC, TODAY).is_answered_by_signal
    assert not decide(REGISTRY, NOTHING_CHOSEN, SILENT, TODAY).is_answered_by_signal


def test_paused_grants_can_be_withdrawn() -> None:
    """E2: a grant that the signal pauses is still a grant, and one press takes it back; one out of date is none."""
    assert set(decide(REGISTRY, decided("films"), GPC, TODAY).grants) == {"films"}

    changed = Consent(MappingProxyType({"films": "00000"}), frozenset(), TODAY)
    assert decide(REGISTRY, changed, SILENT, TODAY).grants == ()
    assert decide(REGISTRY, decided("films"), SILENT, TODAY + timedelta(days=200)).grants == ()


def test_grant_of_another_site_allows_nothing() -> None:
    """A7: names in the cookie that this site does not declare are not its business."""
    consent = Consent(MappingProxyType({"basket": "abcde", "seat": "abcde"}), frozenset({"chat"}), TODAY)
    decision = decide(REGISTRY, consent, SILENT, TODAY)

    assert allowed(decision) == set()
    assert "basket" not in decision.reasons
    assert decision.reasons["seat"] is Reason.ESSENTIAL


# -- the terms of a region ---------------------------------------------------------------------------------------------

OPT_OUT, NOTICE = Terms(Regime.OPT_OUT), Terms(Regime.NOTICE)
EXEMPT = Terms(exempt={"counter": "A law."})


def in_region(terms: Terms, consent: Consent = NOTHING_CHOSEN, signals: OptOutSignals = SILENT) -> Decision:
    return decide(REGISTRY, consent, signals, TODAY, terms)


def test_silence_allows_by_the_terms_alone() -> None:
    """A1, A5: on without a grant where the terms say so, and told from what was granted."""
    assert allowed(in_region(OPT_OUT)) == allowed(in_region(NOTICE)) == EVERYTHING
    assert allowed(in_region(EXEMPT)) == {"counter"}
    assert in_region(OPT_OUT).reasons["films"] is Reason.NOT_OPTED_OUT
    assert in_region(EXEMPT).reasons["counter"] is Reason.EXEMPT
    assert in_region(OPT_OUT).grants == ()
    assert in_region(STRICT).by_silence == frozenset()


@pytest.mark.parametrize("terms", [OPT_OUT, NOTICE, EXEMPT])
def test_refusal_beats_silence(terms: Terms) -> None:
    """B10: what was refused is off under all terms, and whoever refuses all is asked and told nothing more."""
    decision = in_region(terms, decided())

    assert allowed(decision) == set()
    assert not decision.asks
    assert not decision.tells


def test_who_is_asked_and_who_is_told() -> None:
    """One of the two before anything was chosen, neither after it, neither where a signal has answered."""
    assert (in_region(OPT_OUT).asks, in_region(OPT_OUT).tells) == (True, False)
    assert (in_region(NOTICE).asks, in_region(NOTICE).tells) == (False, True)
    some = Consent(refused=frozenset({"films"}), made_on=TODAY)
    settled = ((some, SILENT), (NOTHING_CHOSEN, GPC))
    decisions = [in_region(terms, *each) for terms in (OPT_OUT, NOTICE) for each in settled]
    assert [decision for decision in decisions if decision.asks or decision.tells] == []


@pytest.mark.parametrize("terms", [OPT_OUT, NOTICE, EXEMPT])
def test_signal_beats_silence(terms: Terms) -> None:
    """G2: what the signal denies elsewhere it denies here, and more it does not."""
    assert allowed(in_region(terms, signals=GPC)) <= {"language"}
    assert in_region(terms, signals=GPC).reasons["counter"] is Reason.SIGNAL


def test_what_has_run_out_or_changed_is_undecided() -> None:
    """D2, D6: neither an old grant nor an old refusal counts, so that the terms decide again."""
    after = TODAY + HALF_A_YEAR + timedelta(days=1)
    changed = Consent(granted={"films": "?????"}, made_on=TODAY)

    assert decide(REGISTRY, decided(), SILENT, after, OPT_OUT).reasons["films"] is Reason.NOT_OPTED_OUT
    assert in_region(OPT_OUT, changed).reasons["films"] is Reason.NOT_OPTED_OUT
    assert in_region(STRICT, changed).reasons["films"] is Reason.CHANGED


def test_refusing_whatever_comes() -> None:
    """B10: whoever has refused everything has refused what is declared later; without the word it would be on."""
    everything = Consent(refused=frozenset({"language", REST}), made_on=TODAY)

    assert allowed(in_region(OPT_OUT, everything)) == allowed(in_region(EXEMPT, everything)) == set()
    some = replace(everything, refused=frozenset({"language"}))
    assert allowed(in_region(OPT_OUT, some)) == EVERYTHING - {"language"}


def test_digest_tells_terms_apart() -> None:
    """A8: a page of one region is another one elsewhere, even where the same is off."""
    digests = {in_region(terms, decided()).digest for terms in (STRICT, OPT_OUT, NOTICE, EXEMPT)}

    assert len(digests) == 4
