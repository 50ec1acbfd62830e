"""The tables of the database, and the invented customers and invoices that the demo starts with."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from .consents import consent
from .models import Customer, Invoice, Subscriber, db

#: Company, place, contact, customer since, last contact.
CUSTOMERS = (
    ("Atelier Lampiste", "Tournai", "Aurélie Fontaine", date(2021, 4, 12), date(2026, 11, 3)),
    ("Bakkerij Korenschoof", "Aalst", "Hilde Maes", date(2014, 9, 1), date(2026, 11, 18)),
    ("Brouwerij Twee Sluizen", "Mechelen", "Pieter Aerts", date(2017, 2, 20), date(2026, 10, 29)),
    ("Chocolaterie Grain d’Orge", "Bruxelles", "Nadia El Amrani", date(2019, 11, 4), date(2026, 11, 12)),
    ("Cycles Vent Debout", "Namur", "Julien Lambert", date(2023, 3, 6), date(2026, 9, 24)),
    ("Druckhaus Hochmoor", "Eupen", "Monika Schröder", date(2016, 6, 13), date(2026, 11, 9)),
    ("Imprimerie Belle Rive", "Liège", "Thierry Dumont", date(2012, 1, 16), date(2026, 10, 15)),
    ("Kaasmakerij Polderwind", "Diksmuide", "Ann Verhaeghe", date(2020, 8, 24), date(2026, 11, 20)),
    ("Scheepswerf Leiebocht", "Deinze", "Koen De Smet", date(2010, 5, 3), date(2026, 11, 17)),
    ("Schrijnwerkerij Eikenhand", "Kortrijk", "Saïd Bouzidi", date(2018, 10, 8), date(2026, 8, 31)),
    ("Textielhuis De Spoel", "Ronse", "Greet Vanhoutte", date(2015, 3, 30), date(2026, 10, 22)),
    ("Tuinen Wilgenrij", "Hasselt", "Bram Jacobs", date(2024, 1, 22), date(2026, 11, 5)),
)

#: Customer (its number in the list above, from 1), issued, cents, status.
INVOICES = (
    (9, date(2026, 6, 4), 486_000, "paid"),
    (2, date(2026, 6, 11), 121_450, "paid"),
    (7, date(2026, 6, 25), 233_800, "paid"),
    (3, date(2026, 7, 2), 198_200, "paid"),
    (6, date(2026, 7, 16), 264_000, "paid"),
    (11, date(2026, 7, 30), 87_500, "paid"),
    (1, date(2026, 8, 6), 64_900, "paid"),
    (10, date(2026, 8, 20), 152_300, "overdue"),
    (8, date(2026, 9, 3), 176_750, "paid"),
    (5, date(2026, 9, 10), 93_400, "paid"),
    (9, date(2026, 9, 24), 512_000, "paid"),
    (4, date(2026, 10, 1), 141_600, "paid"),
    (10, date(2026, 10, 8), 78_250, "overdue"),
    (12, date(2026, 10, 15), 118_900, "paid"),
    (7, date(2026, 10, 29), 240_500, "open"),
    (2, date(2026, 11, 5), 124_300, "open"),
    (6, date(2026, 11, 12), 271_150, "open"),
    (9, date(2026, 11, 19), 398_000, "open"),
)


def create_tables() -> None:
    """Make the tables of the demo and of the consent log, and fill the demo's, unless that was done before.

    Every step may be taken twice, so that several processes can start at the same moment.
    """
    consent.create_tables()
    with db.engine.begin() as connection:
        for model in (Customer, Invoice, Subscriber):
            connection.execute(CreateTable(db.metadata.tables[model.__tablename__], if_not_exists=True))
    for model, rows in ((Customer, _customers()), (Invoice, _invoices())):
        # All rows are there, or none: whoever comes second finds the first one's numbers taken.
        with suppress(IntegrityError), db.engine.begin() as connection:
            connection.execute(insert(model), rows)


def _customers() -> list[dict[str, object]]:
    names = ("company", "place", "contact", "since", "last_contact")
    return [{"id": number, **dict(zip(names, row, strict=True))} for number, row in enumerate(CUSTOMERS, 1)]


def _invoices() -> list[dict[str, object]]:
    names = ("customer_id", "issued", "cents", "status")
    return [
        {"id": number, "due": row[1] + timedelta(days=30), **dict(zip(names, row, strict=True))}
        for number, row in enumerate(INVOICES, 1)
    ]
