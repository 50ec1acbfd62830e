"""The names under which the choices cookie is kept, the domain it is kept for, and which of several values counts.

A cookie of our name that another app has signed is left alone, because its visitors' choices are in it: two apps below
one host, or on two ports of it, would otherwise undo each other's choices. There ours goes by a name of its own, which
ends in a digest of the key that signs it, so that apps which share the key go on sharing the cookie.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from .signing import in_bytes

#: RFC 6265bis, section 4.1.3: browsers take such a cookie from the host itself alone, over HTTPS, for all of its paths.
HOST_PREFIX, SECURE_PREFIX = "__Host-", "__Secure-"


@dataclass(frozen=True)
class ChoicesCookie:
    """How one app's choices cookie is called and kept.

    `name` is that of the settings, `domain` the parent domain that shares the cookie, None for the host alone, and
    `marks` are the endings of names of its own, one for each key, newest first.
    """

    name: str
    domain: str | None = None
    marks: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, domain: str | None, secret_keys: Iterable[str | bytes]) -> ChoicesCookie:
        """Return the choices cookie of an app whose keys are these, newest first."""
        digests = (hashlib.sha256(b"cookieconsent name " + key).hexdigest() for key in in_bytes(secret_keys))
        return cls(name, domain, tuple(digest[:8] for digest in digests))

    def domain_at(self, host: str) -> str | None:
        """Return the `Domain` attribute at a host, None where it does not cover the host: browsers would refuse it."""
        name = host.lower().partition(":")[0]
        covers = self.domain is not None and (name == self.domain or name.endswith("." + self.domain))
        return self.domain if covers else None

    def usual_name(self, host: str, *, secure: bool) -> str:
        """Return what the cookie is called at a host, where no other app has one of the same name."""
        return HOST_PREFIX + self.name if secure and self.domain_at(host) is None else self.name

    def names(self, host: str, *, secure: bool) -> Iterator[str]:
        """Yield the names under which a consent counts at a host, in the order in which they count.

        Where a domain was added to the settings, what visitors chose before is still read.
        """
        usual = self.usual_name(host, secure=secure)
        for name in dict.fromkeys((usual, HOST_PREFIX + self.name)) if secure else (usual,):
            yield name
            yield from (f"{name}-{mark}" for mark in self.marks)

    @cached_property
    def all_names(self) -> tuple[str, ...]:
        """Every name that the cookie may have anywhere."""
        plain = (self.name, *(f"{self.name}-{mark}" for mark in self.marks))
        return (*plain, *(HOST_PREFIX + name for name in plain))

    def written_name(self, host: str, *, secure: bool, is_foreign: Callable[[str], bool]) -> str:
        """Return the name to write under: one of its own where *is_foreign* says that another app has the usual one."""
        usual = self.usual_name(host, secure=secure)
        return f"{usual}-{self.marks[0]}" if is_foreign(usual) else usual
