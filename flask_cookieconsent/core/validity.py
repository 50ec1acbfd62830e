"""How long grants and refusals hold: two durations in whole days, within what the law and browsers leave open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)

#: Six months, rounded up: the longest that a grant holds, and the shortest that a refusal does (CNIL 2020-092).
HALF_A_YEAR = timedelta(days=184)

#: RFC 6265bis, section 5.5: browsers keep no cookie for longer than this.
LONGEST_LIFE = timedelta(days=400)


@dataclass(frozen=True)
class Validity:
    """How long what a visitor has granted holds, and what a visitor has refused, both from the day of the choice.

    :raises ValueError: if a grant would hold for longer than the law has it, or a refusal for less than a grant (B10).
    """

    grants: timedelta = HALF_A_YEAR
    refusals: timedelta = HALF_A_YEAR

    def __post_init__(self) -> None:
        if not DAY <= self.grants <= HALF_A_YEAR or self.grants % DAY:
            raise ValueError(f"grants: found {self.grants}, wanted 1 to {HALF_A_YEAR.days} whole days")
        if not max(self.grants, HALF_A_YEAR) <= self.refusals <= LONGEST_LIFE or self.refusals % DAY:
            most = LONGEST_LIFE.days
            raise ValueError(f"refusals: found {self.refusals}, wanted {HALF_A_YEAR.days} to {most} whole days")

    def grants_end(self, made_on: date | None, today: date) -> bool:
        """Tell whether grants of a day hold no longer; *today* is the day in UTC, and the last one counts."""
        return made_on is not None and today > made_on + self.grants

    def refusals_end(self, made_on: date | None, today: date) -> bool:
        """Tell whether refusals of a day hold no longer."""
        return made_on is not None and today > made_on + self.refusals


#: What holds where the site says nothing else.
USUAL = Validity()
