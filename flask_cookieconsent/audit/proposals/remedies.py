"""The remedy of each rule: lines of Python and of templates to paste, and comments for what no line can mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from types import MappingProxyType

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.core.validation import LONGEST_LIFE

from .clues import Clue, Spot
from .drafts import quoted, span

#: Elements whose page a placeholder takes the place of.
FRAMES = ("iframe", "object", "embed", "fencedframe", "portal", "applet", "oembed")
# Elements that have no end tag (HTML standard, "Void elements"), and those that a page cannot be without.
_VOID = (
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
    "image",
    "use",
)
_ROOTS = ("html", "head", "body")
#: How many elements a remedy names.
_MOST_SPOTS = 4
_SHOWN = 160
_PIECES = {"head": "in <head>", "banner": "at the beginning of <body>", "link": "in the footer"}


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


def declare(case: Case) -> Iterator[str]:
    """Yield the declaration, then what becomes of each element that contacts its host."""
    yield from case.declaring or case.finding.remedy
    if not case.is_own:
        yield from in_templates(case)


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
    where, shown = spot.file or "the page", _cut(spot.element or spot.url)
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


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"


def _too_long(case: Case) -> Iterator[str]:
    name, lasts = case.finding.subject, case.clue.lasts
    found = [(service, cookie) for service, cookie in case.registry.first_party() if _covers(cookie.name, name)]
    declared = [cookie.duration for _, cookie in found if cookie.duration is not None]
    for service, cookie in found[:1]:
        if lasts is not None and lasts <= LONGEST_LIFE:
            path = "" if cookie.path == "/" else f", path={quoted(cookie.path)}"
            yield (
                f"Cookie(name={quoted(cookie.name)}, purpose={quoted(str(cookie.purpose))}{path}, "
                f"duration={span(lasts)}),  # in the service {quoted(service.id)}"
            )
    longest = max(declared, default=None)
    seconds = "no max_age and no expires" if longest is None else f"max_age={int(longest.total_seconds())}"
    yield f"# {'Or set' if lasts is not None and lasts <= LONGEST_LIFE else 'Set'} {name} with {seconds}."


def _covers(declared: str, name: str) -> bool:
    beginning, star, _ = declared.partition("*")
    return name.startswith(beginning) if star else name == declared


def _before_choice(case: Case) -> Iterator[str]:
    id = _owner(case)
    if case.finding.remedy and case.finding.remedy[0].startswith("#"):
        yield from case.finding.remedy
    elif "by script" in case.finding.says or case.finding.rule != "cookie-before-choice":
        yield f"# In {_by(case)}, around what touches {case.finding.subject}:"
        yield f"# if (cookieconsent.allows({quoted(id)})) {{ … }}"
        yield f'# In a template, around the script: {{% if cookieconsent.allows("{id}") %}} … {{% endif %}}'
    else:
        yield "# Let consent.init_app(app) come after what wraps app.wsgi_app, so that it sees every answer;"
        yield f"# or set {case.finding.subject} only where consent.allows({quoted(id)}) is true."


def _owner(case: Case) -> str:
    """Return the id of the service that declares the cookie or the key of a finding."""
    services = case.registry.services.values()
    ids = [each.id for each in services for cookie in each.cookies if _covers(cookie.name, case.finding.subject)]
    return (*ids, "?")[0]


def _by(case: Case) -> str:
    return next((place.element for place in case.finding.places if place.element), "the script")


def _survives(case: Case) -> Iterator[str]:
    name = quoted(case.finding.subject)
    yield f"# What {_by(case)} keeps is removed under the name, the path and the area that are declared:"
    yield f'# declare it as it is set, Cookie(name={name}, path="…", storage="…") in {quoted(_owner(case))},'
    yield "# or let the script take it back itself where it hears of the withdrawal, docs/own-events.md."


def _violation(case: Case) -> Iterator[str]:
    """Yield what a policy that is broken asks for: a declaration of its host, or code moved into files."""
    directive, _, what = case.finding.subject.partition(" ")
    if case.declaring:
        yield from declare(case)
    elif case.service:
        yield f"# {what} is of {quoted(case.service)}: where that is allowed the policy is opened for it."
        yield from in_templates(case)
    elif what in ("inline", "eval", "wasm-eval", "trusted-types-policy", "trusted-types-sink"):
        yield f"# Move what {_by(case)} has in the page into a file of static/, or give it the nonce of your policy."
    else:
        yield f"# Take {what or case.finding.subject} out of the page, or let {directive} of your policy name it."


def _look(case: Case) -> Iterator[str]:
    yield f"# Take out of the site's style sheets what makes it so: {_cut(case.finding.says)}"


def _piece(case: Case) -> Iterator[str]:
    yield f"# In the site's style sheets or overridden templates, mend: {_cut(case.finding.says)}"


def _unused(case: Case) -> Iterator[str]:
    yield f"# Take {quoted(case.finding.subject)} out of services=[…], or name a page that shows it:"
    yield "# flask cookieconsent audit --path /path"


def _inline(case: Case) -> Iterator[str]:
    yield "# Move the scripts, styles and event handlers of your pages into files of static/."


def _stale(case: Case) -> Iterator[str]:
    ids = [service.id for service, each in case.registry.first_party() if each.name == case.finding.subject]
    yield f"# Delete Cookie(name={quoted(case.finding.subject)}, …) from the service {quoted((*ids, '?')[0])},"
    yield "# or name a path that sets it: flask cookieconsent audit --path /path"


def _shared(case: Case) -> Iterator[str]:
    view = case.finding.places[0].endpoint if case.finding.places else ""
    yield f"response.cache_control.private = True  # in the view {quoted(view or case.finding.subject)}"
    yield "# Whatever sets Cache-Control or a policy of a cache has to come before consent.init_app(app)."


def _pieces(case: Case) -> Iterator[str]:
    said = f"{case.finding.subject} {case.finding.says}"
    lacking = [name for name in _PIECES if re.search(rf"\b{name}\b", said)] or list(_PIECES)
    places = case.finding.places
    file = places[0].templates[0] if places and places[0].templates else "its template"
    for name in lacking:
        yield f"# In {file} or the layout that it extends, {_PIECES[name]}:"
        yield f"{{{{ cookieconsent.{name}() }}}}"


def _unfair(case: Case) -> Iterator[str]:
    if "CONTROLLER" in case.finding.says:
        yield 'COOKIECONSENT_CONTROLLER = ""  # the name of the company or person who is responsible'
        return
    template = re.match(r"[a-z_]+\.html", case.finding.says)
    file = f"templates/cookieconsent/{template[0]}" if template else "the templates in templates/cookieconsent"
    yield f"# Delete {file} to have the one of the extension, or mend it: {_cut(case.finding.says)}"


def _unreadable(case: Case) -> Iterator[str]:
    place = case.finding.places[0] if case.finding.places else None
    path = place.path if place else case.finding.subject
    view = f" in the view {place.endpoint}" * bool(place.endpoint) if place else ""
    # What begins with a slash is everything.
    left_out = f"; or leave it out: flask cookieconsent audit --skip {path}" * (len(path) > 1)
    yield f"# Mend what {path} raises{view}{left_out}"


def _or_given(lines: Callable[[Case], Iterator[str]]) -> Callable[[Case], Iterator[str]]:
    """Return a remedy that leaves what the judge itself has said, and speaks where that is nothing."""

    def remedy(case: Case) -> Iterator[str]:
        yield from case.finding.remedy or lines(case)

    return remedy


#: By the id of the rule. Whoever adds a rule adds its remedy here, or lets the judge give the lines.
REMEDIES: Mapping[str, Callable[[Case], Iterator[str]]] = MappingProxyType(
    {
        "contact-before-choice": in_templates,
        "undeclared-host": declare,
        "embed-past-helper": in_templates,
        "inline-loader": declare,
        "cookie-before-choice": _before_choice,
        "undeclared-cookie": declare,
        "cookie-too-long": _too_long,
        "shared-page": _or_given(_shared),
        "unfair-template": _or_given(_unfair),
        "page-without-pieces": _or_given(_pieces),
        "unreadable-page": _or_given(_unreadable),
        "undeclared-content": declare,
        "stale-cookie": _stale,
        "storage-before-choice": _before_choice,
        "undeclared-storage": declare,
        "forbidden-read": _before_choice,
        "survives-withdrawal": _or_given(_survives),
        "unfair-look": _or_given(_look),
        "inaccessible-piece": _or_given(_piece),
        "csp-violation": _violation,
        "unused-service": _or_given(_unused),
        "reported-host": declare,
        "reported-inline": _or_given(_inline),
        "seen-cookie": _or_given(declare),
    }
)


def remedy(case: Case) -> tuple[str, ...]:
    """Return the lines that mend a finding; where there are none, what its judge has given."""
    lines = REMEDIES.get(case.finding.rule)
    return (tuple(lines(case)) if lines else ()) or case.finding.remedy
