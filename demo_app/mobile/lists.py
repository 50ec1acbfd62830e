"""JSON of the App's two lists: the invoices that are due, and the customers."""

from __future__ import annotations

from typing import Any

from demo_app.models import Customer, Invoice
from demo_app.records import customers_by, invoices_with


def lists() -> dict[str, Any]:
    """Return both lists; amounts are in cents of a euro, days are ISO 8601."""
    due = [invoice for invoice in invoices_with("") if invoice.status != "paid"]
    return {
        "invoices": [_invoice(invoice) for invoice in sorted(due, key=lambda each: (each.due, each.id))],
        "customers": [_customer(customer, int(euros * 100)) for customer, euros in customers_by("company")],
    }


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "company": invoice.customer.company,
        "due": invoice.due.isoformat(),
        "cents": invoice.cents,
        "status": invoice.status,
        "reference": invoice.reference,
    }


def _customer(customer: Customer, cents: int) -> dict[str, Any]:
    return {
        "company": customer.company,
        "place": customer.place,
        "contact": customer.contact,
        "last_contact": customer.last_contact.isoformat(),
        "cents": cents,
    }
