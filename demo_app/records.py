"""Database queries of the Platform: lists, totals and sums by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from .models import Customer, Invoice, db

STATUSES = ("open", "overdue", "paid")

_open_cents = (
    sa.select(sa.func.coalesce(sa.func.sum(Invoice.cents), 0))
    .where(Invoice.customer_id == Customer.id, Invoice.status != "paid")
    .correlate(Customer)
    .scalar_subquery()
)

#: The columns that the customer list can be sorted by.
COLUMNS: Mapping[str, Any] = {
    "company": Customer.company,
    "place": Customer.place,
    "contact": Customer.contact,
    "since": Customer.since,
    "last_contact": Customer.last_contact,
    "open": _open_cents,
}


@dataclass(frozen=True)
class Month:
    """What was invoiced in one month; `share` compares it with the best month, from 0 to 100."""

    first: date
    euros: Decimal
    share: int


def customers_by(sort: str) -> Sequence[tuple[Customer, Decimal]]:
    """Return every customer with the open amount, by a column; a minus before it reverses the order."""
    column = COLUMNS[sort.removeprefix("-")]
    order = column.desc() if sort.startswith("-") else column.asc()
    rows = db.session.execute(sa.select(Customer, _open_cents).order_by(order, Customer.company))
    return [(customer, euros(cents)) for customer, cents in rows]


def invoices_with(status: str) -> Sequence[Invoice]:
    """Return the invoices of a status, newest first; all of them for no status."""
    query = sa.select(Invoice).options(sa.orm.joinedload(Invoice.customer)).order_by(Invoice.id.desc())
    return db.session.scalars(query.where(Invoice.status == status) if status else query).all()


def totals() -> Mapping[str, Decimal]:
    """Return the sum of the invoices of each status."""
    sums = db.session.execute(sa.select(Invoice.status, sa.func.sum(Invoice.cents)).group_by(Invoice.status))
    return dict.fromkeys(STATUSES, Decimal()) | {status: euros(cents) for status, cents in sums}


def months() -> Sequence[Month]:
    """Return what was invoiced in each month that has an invoice, oldest first."""
    sums: dict[date, int] = {}
    for invoice in db.session.scalars(sa.select(Invoice).order_by(Invoice.issued)):
        first = invoice.issued.replace(day=1)
        sums[first] = sums.get(first, 0) + invoice.cents
    best = max(sums.values(), default=1)
    return [Month(first, euros(cents), round(100 * cents / best)) for first, cents in sums.items()]


def euros(cents: int) -> Decimal:
    """Turn cents into euros without rounding."""
    return Decimal(cents) / 100
