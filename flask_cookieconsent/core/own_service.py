"""What the extension itself stores in browsers, declared as a service like everything else (D5)."""

from __future__ import annotations

from .services import N_, Cookie, Service
from .validity import USUAL, Validity


def own_service(receipt_path: str, cookie_name: str = "cookieconsent", validity: Validity = USUAL) -> Service:
    """Return what the extension itself stores, declared like everything else (D5)."""
    choices = N_("Keeps what you allowed and refused, without any identifier.")
    lasts = validity.grants
    receipt = N_("A random number, only if you allowed something, with which you can prove or withdraw it.")
    return Service(
        id="cookieconsent",
        name=N_("Your cookie choices"),
        category="necessary",
        purpose="consent",
        justification=N_("Without it we would have to ask on every page, and could not respect a refusal."),
        cookies=(
            *(
                Cookie(name=prefix + cookie_name + ending, purpose=choices, duration=validity.refusals)
                for ending in ("", "-*")
                for prefix in ("", "__Host-")
            ),
            *(
                Cookie(name=f"{prefix}{cookie_name}_receipt", purpose=receipt, duration=lasts, path=receipt_path)
                for prefix in ("", "__Secure-")
            ),
        ),
    )
