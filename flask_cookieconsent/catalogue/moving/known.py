"""Find in the catalogue what a snippet or another tool speaks of, and write the line that declares it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from flask_cookieconsent.catalogue.kit.declaration import factory
from flask_cookieconsent.catalogue.kit.parameters import Parameter
from flask_cookieconsent.core.services import Provider

from .likeness import cookies_of, globals_of, is_same, likeness, names_of
from .names import JOBS
from .snippet import Snippet

#: What stands for a value that has to be filled in: no parameter takes it.
UNKNOWN = "?"

#: What may be a global in the code of a snippet.
WORDS = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{2,60}")

Declarations = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Call:
    """Line of Python that makes a service of the catalogue, and what is still to be filled in."""

    id: str
    code: str
    gaps: tuple[str, ...] = ()


@cache
def catalogue() -> Declarations:
    """Return the declarations of the catalogue, by their ids."""
    folder = files("flask_cookieconsent.catalogue") / "vendors"
    found = {
        each.name[:-5]: json.loads(each.read_text("utf-8")) for each in folder.iterdir() if each.name[-5:] == ".json"
    }
    return dict(sorted(found.items()))


def by_snippet(snippet: Snippet, declared: Declarations) -> list[Call]:
    """Return the services whose script or host a snippet contacts: those that fit best, with the ids that it has."""
    words = set(WORDS.findall(snippet.code))
    scores = {
        id: max(
            [
                1 if words & globals_of(data) else 0,
                *(likeness(directive, url, data) for directive, url in snippet.addresses),
            ]
        )
        for id, data in declared.items()
    }
    best = max(scores.values(), default=0)
    calls = [
        call(id, declared[id], snippet.data, snippet.texts, named=named_alike(declared[id], snippet))
        for id, score in scores.items()
        if score and score == best
    ]
    # Several services of one vendor share a host: those whose ids are there are meant.
    fewest = min((len(each.gaps) for each in calls), default=0)
    return [each for each in calls if len(each.gaps) == fewest]


def by_name(name: str, declared: Declarations) -> str | None:
    """Return the id of the service that people or another tool call by a name, or None."""
    plain = _plain(name)
    if JOBS.get(plain) in declared:
        return JOBS[plain]
    names = {word: id for id, data in declared.items() for word in (_plain(data["name"]), _plain(id))}
    return names.get(plain)


def by_cookie(name: str, domain: str, declared: Declarations) -> list[str]:
    """Return the ids of the services that keep a cookie of this name, for the site or for a domain of theirs.

    Those that have the name as it is come before those of which it only begins as one does.
    """
    if len(name.rstrip("*")) < 3:
        return []
    found = {
        id: max((_cookie_rank(name, domain, each, data) for each in cookies_of(data)), default=0)
        for id, data in declared.items()
    }
    return sorted((id for id, rank in found.items() if rank), key=lambda id: -found[id])


def shows(id: str, data: Mapping[str, Any], url: str) -> bool:
    """Tell whether a service can embed what is at an address, or says there what to paste instead."""
    service = factory(id, data)(**examples(data))
    try:
        return service.parse is not None and service.parse(url) is not None
    except ValueError:
        return True


def examples(data: Any) -> dict[str, Any]:
    """Return a value for each parameter that has to be given."""
    values: dict[str, Any] = {}
    one_of = data.get("one_of", ())
    for name, rule in data.get("parameters", {}).items():
        given = data.get("sample", {}).get(name, rule.get("example", next(iter(rule.get("choices", ())), None)))
        if rule.get("is") == "provider":
            given = Provider(name="whoever runs the server", country="BE", privacy_policy="https://example.com/")
        if ("default" not in rule and name not in one_of) or name in one_of[:1]:
            values[name] = given
    return values


def call(
    id: str,
    data: Mapping[str, Any],
    *texts: Sequence[str],
    named: Mapping[str, Sequence[str]] = MappingProxyType({}),
    wanted: Mapping[str, Any] = MappingProxyType({}),
) -> Call:
    """Return the line for a service, with the values of which exactly one fits a parameter.

    Those *named* for a parameter come first, then the *texts* that may be of any, likeliest first. What is *wanted* of
    a parameter counts where nothing of that fits; one that may be left out is given for it alone.
    """
    parameters = [Parameter(name, rule) for name, rule in data.get("parameters", {}).items()]
    found = {
        each.name: next(filter(None, (_fitting(each, given) for given in (named.get(each.name, ()), *texts))), "")
        for each in parameters
    }
    one_of = data.get("one_of", ())
    chosen = [*[name for name in one_of if found[name]], *one_of][:1]
    arguments, gaps = [], []
    for each in parameters:
        is_usual = wanted.get(each.name) == each.rule.get("default")
        if "default" in each.rule and each.name not in chosen and (each.name not in wanted or is_usual):
            continue
        value = found[each.name] or wanted.get(each.name) or UNKNOWN
        shown = f'"{value}"' if isinstance(value, str) else str(value)
        arguments.append(f"{each.name}={shown}" if each.is_keyword or "default" in each.rule else shown)
        if value == UNKNOWN:
            gaps.append(_gap(each))
    return Call(id, f"{id}({', '.join(arguments)})", tuple(gaps))


def named_alike(data: Mapping[str, Any], snippet: Snippet) -> dict[str, list[str]]:
    """Return the values of attributes that a service's own script or element has, by the parameter in each."""
    widget = data.get("embed", {}).get("widget", {})
    named: dict[str, list[str]] = {}
    for recipe in (data.get("tag", {}), widget, widget.get("tag", {})):
        for attribute, template in recipe.get("attributes", {}).items():
            if hole := re.fullmatch(r"\{([a-z0-9_]+)\}", str(template)):
                values = [each.attributes[attribute] for each in snippet.elements if attribute in each.attributes]
                named.setdefault(hole[1], []).extend(values)
    return named


def _fitting(parameter: Parameter, texts: Sequence[str]) -> str:
    """Return the one text that a parameter takes; none where several are right, or one could not stand in a line."""
    if parameter.rule.get("is") in ("flag", "provider", "options", "consent_types"):
        return ""
    fitting = [text for text in dict.fromkeys(texts) if text and re.fullmatch(r"[!#-\[\]-~]{1,200}", text)]
    fitting = [text for text in fitting if _takes(parameter, text)]
    return fitting[0] if len(fitting) == 1 else ""


def _takes(parameter: Parameter, text: str) -> bool:
    try:
        parameter.read(text, {})
    except ValueError:
        return False
    return text != parameter.rule.get("default")


def _gap(parameter: Parameter) -> str:
    rule = parameter.rule
    if rule.get("is") == "provider":
        return f"{parameter.name}: the Provider(…) that runs the server"
    if "choices" in rule:
        return f"{parameter.name}: one of {', '.join(rule['choices'])}"
    return f"{parameter.name}: one such as {rule.get('example', '')}"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _cookie_rank(name: str, domain: str, cookie: Mapping[str, Any], data: Mapping[str, Any]) -> int:
    """Return 2 where a cookie is of this name, 1 where its name has a hole or a star that takes this one, else 0."""
    theirs, host = cookie.get("domain", ""), domain.lstrip(".")
    if theirs and not (host == theirs or host.endswith("." + theirs)):
        return 0
    names = names_of(cookie)
    return 2 if name in names else int(any(is_same(name, each, data) for each in names))
