"""What a remedy changes in templates and style sheets: the lines that take the place of each element."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.core.registry import Registry

from .clues import Clue, Spot
from .drafts import quoted

#: Elements whose page a placeholder takes the place of.
FRAMES = ("iframe", "object", "embed", "fencedframe", "portal", "applet", "oembed")
# Elements that have no end tag (HTML standard, "Void elements"), and those that a page cannot be without.
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
    + ("image", "use")
)
_ROOTS = ("html", "head", "body")
#: How many elements a remedy names.
_MOST_SPOTS = 4
_SHOWN = 160


@dataclass(frozen=True)
class Case:
    """A finding with all that its remedy is made of.

    `declaring` are the lines that declare what is missing, `service` is the id of what they declare, or of what is
    declared already. A `tags` service loads its script or its style sheet from `cookieconsent.head()`. A `copies` host
    serves files that a site can serve itself; one that `is_own` is no third party.
    """

    finding: Finding
    clue: Clue
    registry: Registry
    declaring: tuple[str, ...] = ()
    service: str = ""
    tags: bool = False
    copies: bool = False
    is_own: bool = False


def in_templates(case: Case) -> Iterator[str]:
    """Yield what stands in a template in the place of each element."""
    spots = [spot for spot in case.clue.spots if spot.tag or spot.file.endswith(".css")]
    for file in dict.fromkeys(spot.file for spot in spots if spot.is_by_base):
        yield f"# In {file}, delete the <base> that leads addresses of this site to {case.finding.subject}."
    spots = [spot for spot in spots if not spot.is_by_base]
    # An element may be known by two spellings of its address.
    told = list(dict.fromkeys(tuple(_at(spot, case)) for spot in spots))
    for lines in told[:_MOST_SPOTS]:
        yield from lines
    if len(told) > _MOST_SPOTS:
        yield f"# and {len(told) - _MOST_SPOTS} more in the same way"


def _at(spot: Spot, case: Case) -> Iterator[str]:
    where, shown = spot.file or "the page", shortened(spot.element or spot.url)
    if case.copies and spot.url:
        yield f"# In {where}, instead of {shown}:"
        yield _copied(spot)
    elif case.declaring and not case.service:
        yield f"# In {where}, take what {shown} loads out: nobody can allow what cannot be declared."
    elif spot.tag in FRAMES and spot.url:
        yield f"# In {where}, instead of {shown}:"
        yield f"{{{{ cookieconsent.embed({_in_template(spot.url)}, title={_in_template(spot.title)}) }}}}"
    elif not spot.tag:
        yield f"# In {where}: take {shown} out, and let the style sheet of the service bring it."
    elif spot.tag in ("script", "meta") or _only_prepares(spot) or (case.tags and _is_sheet(spot)):
        loaded = "; cookieconsent.head() loads it once it is allowed" * case.tags
        what = shown if spot.tag != "script" or "src" in spot.element else f"the {shown} that names {spot.url}"
        yield f"# In {where}, delete {what} with all that belongs to it{loaded}."
        if spot.tag == "script" and not case.tags and spot.url and case.service:
            yield f"# If its page is nothing without it: {{% if cookieconsent.allows({case.service!r}) %}} around it."
    elif spot.tag in _ROOTS:
        yield f"# In {where}, take {spot.url or 'the address'} out of {shown}, or let it stand there where"
        yield f'# {{% if cookieconsent.allows("{case.service}") %}}.'
    else:
        yield f"# In {where}, around {shown}:"
        whole = spot.element if not spot.element.endswith("…") else "…"
        whole += "" if spot.tag in _VOID or whole == "…" else f" … </{spot.tag}>"
        yield f'{{% if cookieconsent.allows("{case.service}") %}}{whole}{{% endif %}}'


def _copied(spot: Spot) -> str:
    """Return an element that loads a copy of its file from the site's own static folder."""
    file = spot.url.partition("?")[0].rstrip("/").rpartition("/")[2] or "a-copy"
    own = f"{{{{ url_for('static', filename={_single(file)}) }}}}"
    for written in (escape(spot.url), spot.url, escape(spot.url).partition(":")[2], spot.url.partition(":")[2]):
        if f'"{written}"' in spot.element and not spot.element.endswith("…"):
            return spot.element.replace(f'"{written}"', f'"{own}"') + "</script>" * (spot.tag == "script")
    return own


def _is_sheet(spot: Spot) -> bool:
    return spot.tag in ("link", "style")


def _only_prepares(spot: Spot) -> bool:
    return bool(re.search(r'rel="[^"]*(?:preconnect|dns-prefetch|preload|prefetch|modulepreload)', spot.element))


def _in_template(text: str) -> str:
    """Return a text as a literal of a template: an address in a start tag is escaped, and no literal of Jinja is."""
    return quoted(unescape(text) if "&amp;" in text else text)


def _single(text: str) -> str:
    return "'" + text.replace("\\", "").replace("'", "") + "'"


def shortened(text: str) -> str:
    """Return a text in one line, cut where it is long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"
