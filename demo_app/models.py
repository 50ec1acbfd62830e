"""The tables of the demo: customers and their invoices, and the addresses of the newsletter."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """The typed base that Flask-SQLAlchemy builds its own `db.Model` on."""


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Customer(Model):
    """A firm that buys from Ecom."""

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    company: Mapped[str] = mapped_column(String(80))
    place: Mapped[str] = mapped_column(String(40))
    contact: Mapped[str] = mapped_column(String(60))
    since: Mapped[date]
    last_contact: Mapped[date]
    invoices: Mapped[list[Invoice]] = relationship(back_populates="customer")


class Invoice(Model):
    """What a customer was asked to pay; `cents` is the amount in cents of a euro."""

    __tablename__ = "invoice"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    issued: Mapped[date]
    due: Mapped[date]
    cents: Mapped[int]
    status: Mapped[str] = mapped_column(String(8))
    customer: Mapped[Customer] = relationship(back_populates="invoices")

    @property
    def number(self) -> str:
        """The number printed on the invoice."""
        return f"{self.issued.year}-{self.id:04d}"

    @property
    def reference(self) -> str:
        """The structured reference of a Belgian credit transfer: ten digits and their remainder by 97."""
        digits = f"{self.issued.year}{self.id:06d}"
        digits += f"{int(digits) % 97 or 97:02d}"
        return f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"


class Subscriber(Model):
    """An address that asked for the newsletter, and the language it asked in."""

    __tablename__ = "subscriber"

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    language: Mapped[str] = mapped_column(String(8))
