"""The remedy of each rule: lines of Python and of templates to paste, and comments for what no line can mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from flask_cookieconsent.core.validity import LONGEST_LIFE

from .drafts import quoted, span
from .in_templates import Case, in_templates, shortened

_PIECES = {"head": "in <head>", "banner": "at the beginning of <body>", "link": "in the footer"}


def declare(case: Case) -> Iterator[str]:
    """Yield the declaration, then what becomes of each element that contacts its host."""
    yield from case.declaring or case.finding.remedy
    if not case.is_own:
        yield from in_templates(case)


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
    yield f"# Take out of the site's style sheets what makes it so: {shortened(case.finding.says)}"


def _piece(case: Case) -> Iterator[str]:
    yield f"# In the site's style sheets or overridden templates, mend: {shortened(case.finding.says)}"


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
    yield f"# Delete {file} to have the one of the extension, or mend it: {shortened(case.finding.says)}"


def _unreadable(case: Case) -> Iterator[str]:
    place = case.finding.places[0] if case.finding.places else None
    path = place.path if place else case.finding.subject
    view = f" in the view {place.endpoint}" * bool(place.endpoint) if place else ""
    # What begins with a slash is everything.
    left_out = f"; or leave it out: flask cookieconsent audit --skip {path}" * (len(path) > 1)
    yield f"# Mend what {path} raises{view}{left_out}"


def _nothing_read(case: Case) -> Iterator[str]:
    yield "# Let everybody read the site; say how to sign in, --sign-in, or name a page that it has, --path."


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
        "nothing-read": _or_given(_nothing_read),
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
