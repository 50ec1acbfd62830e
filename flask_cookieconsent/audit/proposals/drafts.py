"""Write a declaration in Python, with a question mark for each thing that a person has to look up.

Whoever pastes one as it is gets an error at start-up that names each gap.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from flask_cookieconsent.core.validation import GAP
from flask_cookieconsent.core.validity import LONGEST_LIFE

#: What stands behind the lines of a service.
IN_SERVICES = "# in services=[…]"

_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


@dataclass(frozen=True)
class CookieDraft:
    """A cookie: its name, how long it was set for, its path. Of one that was not seen the life is a gap.

    `domain` is that of another site that keeps it, `storage` the area of Web Storage of a key that is no cookie.
    """

    name: str
    was_set: bool = False
    lasts: timedelta | None = None
    path: str = "/"
    domain: str = ""
    storage: str = ""

    def line(self) -> str:
        """Return the expression that declares it."""
        more = "" if self.path == "/" else f", path={quoted(self.path)}"
        more += f", domain={quoted(self.domain)}" if self.domain else ""
        more += f", storage={quoted(self.storage)}" if self.storage else ""
        life = "" if self.lasts is None else span(min(self.lasts, LONGEST_LIFE))
        life = life if self.was_set or self.storage else quoted(GAP)
        more += f", duration={life}" if life else ""
        return f"Cookie(name={quoted(self.name)}, purpose={quoted(GAP)}{more})"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A service that nobody has declared, as far as an audit knows it.

    One that *is_third_party* has a provider. `scripts` and `styles` are the addresses that its tag loads, `frames`
    those that its placeholder stands for.
    """

    id: str
    name: str
    category: str
    purpose: str = GAP
    is_necessary: bool = False
    is_third_party: bool = False
    cookies: Sequence[CookieDraft] = ()
    hosts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    scripts: Sequence[str] = ()
    styles: Sequence[str] = ()
    frames: Sequence[str] = ()


def written(draft: Draft) -> tuple[str, ...]:
    """Return the imports and the service, as lines of Python."""
    body = list(_body(draft))
    text = "\n".join(body)
    names = [each for each in ("Cookie", "Frame", "Provider", "Service", "Tag") if f"{each}(" in text]
    imports = ["from datetime import timedelta"] * ("timedelta(" in text)
    return (*imports, f"from flask_cookieconsent import {', '.join(names)}", *body)


def span(lasts: timedelta) -> str:
    """Return a time as Python writes it, in the largest unit that fits; up to a minute is added to make it even."""
    seconds = max(1, ceil(lasts.total_seconds()))
    name, length = next(each for each in _UNITS if -seconds % each[1] <= (60 if each[1] >= 3_600 else 0))
    return f"timedelta({name}={ceil(seconds / length)})"


def quoted(text: str) -> str:
    """Return a text as a literal of Python, in double quotes."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _body(draft: Draft) -> Iterator[str]:
    yield "Service("
    yield f"    id={quoted(draft.id)},"
    yield f"    name={quoted(draft.name)},"
    yield f"    category={quoted(draft.category)},"
    yield f"    purpose={quoted(draft.purpose)}," + "  # a key of PURPOSES, docs/declaring.md" * (draft.purpose == GAP)
    if draft.is_necessary:
        yield f"    justification={quoted(GAP)},  # why the site cannot work without it; else another category"
    if draft.is_third_party:
        yield f"    provider=Provider(name={quoted(GAP)}, country={quoted(GAP)}, privacy_policy={quoted(GAP)}),"
    if draft.cookies:
        yield "    cookies=["
        yield from (f"        {each.line()}," for each in draft.cookies)
        yield "    ],"
    if draft.hosts:
        yield "    hosts={"
        for directive, sources in draft.hosts.items():
            yield f"        {quoted(directive)}: [{', '.join(map(quoted, sources))}],"
        yield "    },"
    if draft.scripts or draft.styles:
        given = [f"src={quoted(each)}" for each in draft.scripts[:1]]
        given += [f"styles=[{', '.join(map(quoted, draft.styles))}]"] * bool(draft.styles)
        yield f"    tag=Tag({', '.join(given)}),"
        yield from (
            f"    # a second script, which has to be a service or a tag of its own: {each}"
            for each in draft.scripts[1:]
        )
    if draft.frames:
        known = ", ".join(map(quoted, draft.frames))
        yield "    parse=lambda text: ("
        yield '        Frame(src=text, link=text, kind="document", shape="square")'
        yield f"        if text in [{known}]"
        yield "        else None"
        yield "    ),"
    yield f"),  {IN_SERVICES}"
