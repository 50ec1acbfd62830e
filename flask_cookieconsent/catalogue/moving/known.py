"""Find in the catalogue what a snippet or another tool speaks of, and write the line that declares it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from flask_cookieconsent.catalogue.kit.parameters import Parameter

from .names import JOBS
from .snippet import Snippet

#: What stands for a value that has to be filled in: no parameter takes it.
UNKNOWN = "?"

#: Hosts that serve the files of everybody, and so name nobody.
_SHARED = frozenset(("cdn.jsdelivr.net", "unpkg.com", "cdnjs.cloudflare.com", "esm.sh", "ajax.googleapis.com"))

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
    words = set(re.findall(r"[A-Za-z_$][A-Za-z0-9_$]{2,60}", snippet.code))
    scores = {
        id: max(
            [
                1 if words & _globals(data) else 0,
                *(_likeness(directive, url, data) for directive, url in snippet.addresses),
            ]
        )
        for id, data in declared.items()
    }
    best = max(scores.values(), default=0)
    calls = [
        call(id, declared[id], snippet.data, snippet.texts, named=_named_alike(declared[id], snippet))
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
    """Return the ids of the services that keep a cookie of this name, for the site or for a domain of theirs."""
    if len(name.rstrip("*")) < 3:
        return []
    return [id for id, data in declared.items() if any(_is_cookie(name, domain, each) for each in _cookies(data))]


def call(
    id: str, data: Mapping[str, Any], *texts: Sequence[str], named: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Call:
    """Return the line for a service, with the values of which exactly one fits a parameter.

    Those *named* for a parameter come first, then the *texts* that may be of any, likeliest first.
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
        if "default" in each.rule and each.name not in chosen:
            continue
        value = found[each.name] or UNKNOWN
        arguments.append(f'{each.name}="{value}"' if each.is_keyword else f'"{value}"')
        if value == UNKNOWN:
            gaps.append(_gap(each))
    return Call(id, f"{id}({', '.join(arguments)})", tuple(gaps))


def _named_alike(data: Mapping[str, Any], snippet: Snippet) -> dict[str, list[str]]:
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


def _likeness(directive: str, url: str, data: Mapping[str, Any]) -> int:
    """Return how much an address is a service's: 2 for its script or its embed, 1 for a host of it, else 0."""
    parts, embed = urlsplit(url), data.get("embed", {})
    host, path = parts.netloc.lower(), parts.path
    scripts = [urlsplit(each) for each in _filled(data, _scripts(data))]
    if any(_fits(each.netloc, host) and _fits(each.path, path) for each in scripts):
        return 2
    for each in embed.get("addresses", ()) if directive == "frame-src" else ():
        names = [re.sub(r"\A[*?-]+\.", "*.", name) for name in each.get("hosts", embed.get("hosts", ()))]
        is_theirs = "hint" not in each and any(_is_below(host, name) for name in names)
        if is_theirs and "path" in each and re.fullmatch(each["path"], path, re.ASCII):
            return 2
    sources = [source for names in data.get("hosts", {}) for source in names.split()]
    sources += [embed[name] for name in ("src", "link") if name in embed]
    if host in _SHARED:
        return 0
    return 1 if any(_fits(urlsplit(each).netloc, host) for each in _filled(data, sources)) else 0


def _filled(data: Mapping[str, Any], templates: Iterable[str]) -> Iterator[str]:
    """Yield texts as they are where nothing is said of the parameters, and with each choice that there is."""
    rules = data.get("parameters", {})
    usual = {name: rule.get("default") or "{}" for name, rule in rules.items()}
    chosen = [usual]
    for name, choices in ((name, rule["choices"]) for name, rule in rules.items() if "choices" in rule):
        brought = choices if isinstance(choices, dict) else dict.fromkeys(choices, {})
        chosen += [{**usual, name: choice, **more} for choice, more in brought.items()]
    for text in templates:
        for values in chosen:
            yield _HOLES.sub(lambda hole, values=values: str(values.get(hole[1], "{}")), text).replace("*", "{}")  # type: ignore[misc]


def _is_below(host: str, name: str) -> bool:
    return f".{host}".endswith(name[1:]) if name.startswith("*.") else host == name


_HOLES = re.compile(r"\{([a-z0-9_]*)[^{}]*\}")


def _fits(template: str, text: str) -> bool:
    """Tell whether a text is what a template with holes may become; one that is all holes may become anything."""
    return bool(template.strip("{}")) and bool(re.fullmatch(".+".join(map(re.escape, template.split("{}"))), text))


def _globals(data: Mapping[str, Any]) -> set[str]:
    """Return the globals by which the snippet of a vendor can be told."""
    tag = data.get("tag", {})
    queue = tag.get("queue", {})
    named = [queue] if isinstance(queue, str) else [queue.get("name", ""), *queue.get("aliases", ())]
    return {*named, *tag.get("lists", ()), *tag.get("values", ())} - {""}


def _scripts(data: Mapping[str, Any]) -> Iterator[str]:
    tags = [data.get("tag", {}), data.get("embed", {}).get("widget", {}).get("tag", {})]
    tags += [each.get("tag", {}) for each in data.get("variants", ())]
    yield from (each["src"] for each in tags if "src" in each)


def _cookies(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from data.get("cookies", ())
    for each in data.get("variants", ()):
        yield from each.get("cookies", ())


def _is_cookie(name: str, domain: str, cookie: Mapping[str, Any]) -> bool:
    theirs, host = cookie.get("domain", ""), domain.lstrip(".")
    if theirs and not (host == theirs or host.endswith("." + theirs)):
        return False
    names = [cookie["name"]] if isinstance(cookie["name"], str) else cookie["name"]
    return any(_is_same(name, _HOLES.sub("*", each)) for each in names)


def _is_same(name: str, declared: str) -> bool:
    beginning, star, _ = declared.partition("*")
    if name.endswith("*"):
        return bool(star) and name[:-1].startswith(beginning) and len(beginning) > 2
    return name.startswith(beginning) and len(beginning) > 2 if star else name == declared


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
