"""What is handed over never overrules a newer choice, nor a refusal of the same day; it makes no grant newer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Consent
from flask_cookieconsent.core.merging import merged
from flask_cookieconsent.core.origin import Origin
from flask_cookieconsent.core.validity import HALF_A_YEAR, USUAL
from tests.kit.sites import NOON

TODAY = NOON.date()
EARLIER = TODAY - timedelta(days=9)


def granting(*services: str, day: int = 0, refused: str = "", gpc: bool = False, digest: str = "abcde") -> Consent:
    """Return a consent of some days ago; *refused* are ids with spaces between them."""
    return Consent(dict.fromkeys(services, digest), frozenset(refused.split()), TODAY - timedelta(days=day), gpc)


def test_undecided_takes_what_is_handed() -> None:
    """Somebody who has not chosen here, or long ago, has what the other surface says."""
    for own in (NOTHING_CHOSEN, granting("films", day=HALF_A_YEAR.days + 1)):
        assert merged(own, granting("posts", refused="films"), USUAL, TODAY) == granting("posts", refused="films")


@pytest.mark.parametrize("handed", [NOTHING_CHOSEN, granting("posts", day=HALF_A_YEAR.days + 1)])
def test_nothing_to_hand_over(handed: Consent) -> None:
    """Silence and what has expired change nothing."""
    own = granting(refused="films posts")
    assert merged(own, handed, USUAL, TODAY) is own
    assert merged(NOTHING_CHOSEN, handed, USUAL, TODAY) is NOTHING_CHOSEN


def test_newer_choice_counts() -> None:
    """The later day counts on both sides, whether it grants or refuses."""
    old, new = granting("films", day=9, refused="posts"), granting("posts", refused="films")

    assert merged(old, new, USUAL, TODAY).granted == {"posts": "abcde"}
    assert merged(new, old, USUAL, TODAY) is new


def test_refusals_of_one_day_win() -> None:
    """A refusal on either side stands against a grant of the same day."""
    own, handed = granting("films", refused="posts"), granting("posts", "counter", refused="films")
    after = merged(own, handed, USUAL, TODAY)

    assert dict(after.granted) == {"counter": "abcde"}
    assert after.refused == {"films", "posts"}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_refusals_keep_their_day(order: tuple[int, ...]) -> None:
    """A refusal beside an older grant is no older by that: whichever surface hands over first, it is not overruled."""
    surfaces = granting("arrival", day=90), granting("posts", day=60), granting(refused="posts", day=30)
    after = reduce(lambda own, handed: merged(own, handed, USUAL, TODAY), [surfaces[place] for place in order])

    assert (dict(after.granted), after.refused) == ({"arrival": "abcde"}, {"posts"})
    assert (after.made_on, after.last_refused_on) == (TODAY - timedelta(days=90), TODAY - timedelta(days=30))


def test_later_grant_overrules() -> None:
    """A grant of a day after the latest refusal counts, and what was granted elsewhere keeps its day."""
    own = replace(granting("elsewhere", day=9, refused="posts"), refused_on=TODAY - timedelta(days=3))

    assert merged(own, granting("posts", day=3), USUAL, TODAY).refused == {"posts"}
    after = merged(own, granting("posts", day=2), USUAL, TODAY)
    assert (set(after.granted), after.made_on, after.refused) == ({"elsewhere", "posts"}, EARLIER, set())


def test_unanswered_services_keep_their_answer() -> None:
    """What the newer choice says nothing of stays, refusals above all, and no grant gets newer by it."""
    old, new = granting("arrival", day=9, refused="counter"), granting("films")
    for one, other in ((old, new), (new, old)):
        after = merged(one, other, USUAL, TODAY)
        assert set(after.granted) == {"arrival", "films"}
        assert (after.refused, after.made_on) == ({"counter"}, EARLIER)


def test_no_grant_gets_stronger() -> None:
    """A grant that was made without Global Privacy Control does not stand against it beside one that was."""
    assert not merged(granting("films", gpc=True), granting("posts"), USUAL, TODAY).gpc
    assert merged(granting(refused="films"), granting("posts", gpc=True), USUAL, TODAY).gpc


def test_grants_of_an_account_go_on_sleeping() -> None:
    """What was adopted from an account is no choice of this device, whatever comes to it; else it is one."""
    adopted = replace(granting("films", day=9), origin=Origin.ADOPTED)

    assert merged(adopted, granting("posts"), USUAL, TODAY).origin is Origin.ADOPTED
    assert merged(adopted, granting(refused="films"), USUAL, TODAY).origin is Origin.DEVICE
    kept = replace(granting("films", day=9), origin=Origin.ACCOUNT)
    assert merged(kept, granting(refused="posts"), USUAL, TODAY).origin is Origin.DEVICE


ANSWERS = st.dictionaries(st.sampled_from(["films", "posts", "counter", "arrival"]), st.booleans())
CONSENTS = st.builds(
    lambda answers, day: granting(
        *(id for id, yes in answers.items() if yes), day=day, refused=" ".join(id for id in answers if not answers[id])
    ),
    ANSWERS,
    st.integers(0, 3),
)


def wrong_grants(own: Consent, handed: Consent, after: Consent) -> set[str]:
    """Return the services that are granted although the newer of the two, or one of the same day, refuses them."""
    assert own.made_on is not None and handed.made_on is not None
    deciding = [each for each in (own, handed) if each.made_on == max(own.made_on, handed.made_on)]
    return {service for service in after.granted for each in deciding if service in each.refused}


@given(own=CONSENTS, handed=CONSENTS)
def test_no_grant_overrules(own: Consent, handed: Consent) -> None:
    """Whatever the two say, no refusal that counts is lost, no grant made up, and a second time grants nothing more."""
    after = merged(own, handed, USUAL, TODAY)

    assert wrong_grants(own, handed, after) == set()
    assert after.granted.items() <= {**own.granted, **handed.granted}.items()
    assert own.refused | handed.refused <= after.refused | after.granted.keys()
    # Where grants of both stand, they have the earlier day, on which a refusal of the other wins a tie.
    again = merged(after, handed, USUAL, TODAY)
    assert again.granted.items() <= after.granted.items() and after.refused <= again.refused


@given(st.lists(CONSENTS, min_size=2, max_size=4))
@example([granting("films", day=1, refused="posts"), granting("films", refused="posts"), granting("posts")])
def test_no_grant_overrules_whoever_comes_between(surfaces: list[Consent]) -> None:
    """Whatever is handed over in whichever order, a service is granted only by a grant later than every refusal."""
    after = reduce(lambda own, handed: merged(own, handed, USUAL, TODAY), surfaces)

    for service in after.granted:
        granted = [each.made_on for each in surfaces if service in each.granted]
        refused = [each.made_on for each in surfaces if service in each.refused]
        assert max(granted) > max(refused, default=date.min)


def test_last_word_would_overrule() -> None:
    """The bad twin: where whatever comes last counts, a grant overrules the refusal of the same day."""
    own, handed = granting(refused="films"), granting("films")

    assert wrong_grants(own, handed, handed) == {"films"}
    assert wrong_grants(own, handed, merged(own, handed, USUAL, TODAY)) == set()
