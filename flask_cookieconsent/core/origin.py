"""Where the choices of a consent were made: on one device alone, or by somebody who was signed in with the site."""

from __future__ import annotations

from enum import IntEnum


class Origin(IntEnum):
    """Provenance of a consent in a choices cookie, without a word of who: the same digit for all signed-in people.

    `DEVICE` is a choice made while nobody was signed in, and the only one where a site keeps no choices of its people.
    `ACCOUNT` is one made here by somebody signed in, and kept with the account; `ADOPTED` was made on another device
    and taken over here, so that what it grants sleeps while nobody is signed in.
    """

    DEVICE = 0
    ACCOUNT = 1
    ADOPTED = 2
