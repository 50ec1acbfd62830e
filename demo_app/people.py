"""The demo users of the Platform; none has a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who works with the Platform; `page` is the one that opens first."""

    name: str
    role: Any
    page: str


PEOPLE = {
    "lotte": Person(name="Lotte Claes", role=_("Sales. Starts the day with the customer list."), page="customers"),
    "karim": Person(name="Karim Haddad", role=_("Billing. Starts the day with the invoices."), page="invoices"),
    "elise": Person(name="Élise Marchal", role=_("Management. Looks at both, after coffee."), page="customers"),
}
