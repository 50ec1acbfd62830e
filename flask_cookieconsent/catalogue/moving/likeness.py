"""Tell how much an address, a global or the name of a cookie is that of a service, by its declaration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask_cookieconsent.catalogue.kit.filling import spelled_out

from .common import SHARED

_HOLES = re.compile(r"\{([a-z0-9_]*)[^{}]*\}")
# RFC 2606: what stands for a server of anybody.
_RESERVED = re.compile(r"\bexample\b")
_STARS = re.compile(r"\A[*?-]+\.")


def likeness(directive: str, url: str, data: Mapping[str, Any]) -> int:
    """Return how much an address is a service's: 2 for its script or its embed, 1 for a host of it, else 0."""
    parts, embed = urlsplit(url), data.get("embed", {})
    host = parts.netloc.lower()
    if _is_script(host, parts.path, data) or (directive == "frame-src" and _is_embed(host, parts.path, embed)):
        return 2
    if host in SHARED:
        return 0
    sources = [source for names in data.get("hosts", {}) for source in names.split()]
    sources += [embed[name] for name in ("src", "link") if name in embed]
    return int(any(_fits_host(urlsplit(each).netloc, host) for each in filled(data, sources)))


def nearness(host: str, url: str, directive: str, data: Mapping[str, Any]) -> int:
    """Return how near a host is to a service, from 4 to 0, as `seen.by_host` says."""
    if url and likeness(directive, url, data) == 2:
        return 4
    if host in SHARED:
        return 0
    embed = data.get("embed", {})
    by_directive: dict[str, list[str]] = {"script-src": list(_scripts(data)), "": []}
    for names, what in data.get("hosts", {}).items():
        for each in what.get("for", ()):
            by_directive.setdefault(each, []).extend(names.split())
    if "src" in embed:
        by_directive.setdefault("frame-src", []).append(embed["src"])
    by_directive.setdefault("img-src", []).extend(f"https://{name}" for name in data.get("pictures", ()))
    if _has(by_directive.get(directive, ()), host, data):
        return 3
    others = [source for sources in by_directive.values() for source in sources]
    others += [
        source for each in data.get("variants", ()) for names in each.get("hosts", {}) for source in names.split()
    ]
    others += _usual_servers(data)
    if _has(others, host, data):
        return 2
    known = [*(f"*.{name}" for name in _domains(data)), *embed_hosts(embed)]
    return int(any(is_below(host, name) for name in known))


def filled(data: Mapping[str, Any], templates: Iterable[str]) -> Iterator[str]:
    """Yield texts as they are where nothing is said of the parameters, and with each choice that there is."""
    chosen: list[dict[str, str]] = []
    for text in templates:
        if "{" not in text:
            yield text.replace("*", "{}")
            continue
        chosen = chosen or _chosen(data)
        yield from (_put(text, values) for values in chosen)


def _chosen(data: Mapping[str, Any]) -> list[dict[str, str]]:
    rules = data.get("parameters", {})
    usual = {name: rule.get("default") or "{}" for name, rule in rules.items()}
    chosen = [usual]
    for name, choices in ((name, rule["choices"]) for name, rule in rules.items() if "choices" in rule):
        brought = choices if isinstance(choices, dict) else dict.fromkeys(choices, {})
        chosen += [{**usual, name: choice, **more} for choice, more in brought.items()]
    return chosen


def globals_of(data: Mapping[str, Any]) -> set[str]:
    """Return the globals by which the snippet of a vendor can be told."""
    tag = data.get("tag", {})
    queue = tag.get("queue", {})
    named = [queue] if isinstance(queue, str) else [queue.get("name", ""), *queue.get("aliases", ())]
    return {*named, *tag.get("lists", ()), *tag.get("values", ())} - {""}


def cookies_of(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the cookies of a declaration, in whatever case they are kept."""
    yield from data.get("cookies", ())
    for each in data.get("variants", ()):
        yield from each.get("cookies", ())


def names_of(cookie: Mapping[str, Any]) -> list[str]:
    """Return the names of an entry for cookies."""
    return [cookie["name"]] if isinstance(cookie["name"], str) else list(cookie["name"])


def is_same(name: str, declared: str, data: Mapping[str, Any]) -> bool:
    """Tell whether a name is one that is declared, or is covered by the star or the holes of it.

    A name that itself ends in a star is the same where it begins as the other does.
    """
    plain = _HOLES.sub("*", declared)
    beginning, star, _ = plain.partition("*")
    if name.endswith("*"):
        return bool(star) and name[:-1].startswith(beginning) and len(beginning) > 2
    if not star:
        return name == declared
    # A star after nothing would be everybody's.
    return (len(beginning) > 2 or "{" in declared) and _pattern(declared, data).fullmatch(name) is not None


def values_in(name: str, cookie: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, str]:
    """Return what the name of a cookie says of the parameters in its declared name."""
    matches = (_pattern(each, data).fullmatch(name) for each in names_of(cookie) if "{" in each)
    return next((match.groupdict() for match in matches if match), {})


def has_server(data: Mapping[str, Any]) -> bool:
    """Tell whether a service may run on a server of the site's own."""
    return any(rule.get("is") in ("server", "script") for rule in data.get("parameters", {}).values())


def wanted(data: Mapping[str, Any], cookies: Iterable[str], hosts: Iterable[str]) -> dict[str, Any]:
    """Return what parameters have to be for a service to have some cookies and hosts, where that says anything.

    It is one of the choices, True for a flag, and a question mark for what has to be given and is not known.
    """
    names, places = list(cookies), list(hosts)
    found: dict[str, Any] = {}
    for parameter, rule in data.get("parameters", {}).items():
        if "choices" in rule:
            counts = {choice: _covered(data, parameter, choice, names, places) for choice in rule["choices"]}
            best = max(counts.values())
            if list(counts.values()).count(best) == 1:
                found[parameter] = max(counts, key=lambda choice: counts[choice])
        elif _covered(data, parameter, True, names, places) > _covered(data, parameter, False, names, places):
            found[parameter] = True if rule.get("is") == "flag" else "?"
    return found


def _covered(data: Mapping[str, Any], parameter: str, value: Any, names: list[str], places: list[str]) -> int:
    """Return how many cookies and hosts a service has if a parameter is of a value."""
    parts = [data, *(each for each in data.get("variants", ()) if each["if"].get(parameter) == value)]
    rule = data["parameters"][parameter]
    brought = rule["choices"][value] if isinstance(rule.get("choices"), dict) else {}
    values = {**{name: each.get("default") or "{}" for name, each in data["parameters"].items()}, **brought}
    values |= {parameter: value} if isinstance(value, str) else {}
    sources = [source for each in parts for names in each.get("hosts", {}) for source in names.split()]
    known = [_put(source, values) for source in sources]
    if value is True:
        known += [each for each in _usual_servers(data) if each == rule.get("example")]
    count = sum(any(_fits_host(urlsplit(each).netloc, place) for each in known) for place in places)
    entries = [name for each in parts for cookie in each.get("cookies", ()) for name in names_of(cookie)]
    return count + sum(any(is_same(name, each, data) for each in entries) for name in names)


def _usual_servers(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the servers that a vendor's own cloud has, of those that a parameter may be."""
    for rule in data.get("parameters", {}).values():
        example = rule.get("example", "")
        if rule.get("is") in ("server", "script") and example and not _RESERVED.search(example):
            yield example


def _put(text: str, values: Mapping[str, Any]) -> str:
    return _HOLES.sub(lambda hole: str(values.get(hole[1], "{}")), text).replace("*", "{}")


def instances_of(data: Mapping[str, Any]) -> list[str]:
    """Return the parameters that are the host of an embed: of a service that runs on servers of many people."""
    embed = data.get("embed", {})
    names = [name for each in ({}, *embed.get("addresses", ())) for name in each.get("hosts", embed.get("hosts", ()))]
    return [name[1:-1] for name in dict.fromkeys(names) if re.fullmatch(r"\{[a-z0-9_]+\}", name)]


def values_of_url(url: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Return what the address of a script, or a host, says of the parameters in its template."""
    sources = [*_scripts(data), *(f"{each}/.*" for names in data.get("hosts", {}) for each in names.split())]
    plain = [each for each in sources if "{" in each and "|" not in each]
    matches = (_pattern(each, data).fullmatch(url) for each in plain)
    return {name: value for match in matches if match for name, value in match.groupdict().items()}


def is_below(host: str, name: str) -> bool:
    """Tell whether a host is one of a name, or of what its star stands for; a star is for the name itself as well."""
    return f".{host}".endswith(name[1:]) if name.startswith("*.") else host == name


def embed_hosts(embed: Mapping[str, Any]) -> Iterator[str]:
    """Yield the hosts whose addresses people paste."""
    for each in ({}, *embed.get("addresses", ())):
        if "hint" not in each:
            yield from (_STARS.sub("*.", name) for name in each.get("hosts", embed.get("hosts", ())))


def _is_script(host: str, path: str, data: Mapping[str, Any]) -> bool:
    scripts = [urlsplit(each) for each in filled(data, _scripts(data))]
    return any(_fits_host(each.netloc, host) and _fits(each.path, path) for each in scripts)


def _is_embed(host: str, path: str, embed: Mapping[str, Any]) -> bool:
    for each in embed.get("addresses", ()):
        names = (_STARS.sub("*.", name) for name in each.get("hosts", embed.get("hosts", ())))
        if "path" not in each or "hint" in each or not any(is_below(host, name) for name in names):
            continue
        if re.fullmatch(spelled_out(each["path"], embed.get("parts", {})), path, re.ASCII):
            return True
    return "src" in embed and _is_written(f"https://{host}{path}", embed["src"])


def _is_written(url: str, template: str) -> bool:
    """Tell whether an address, without its query, is what a URI Template may become."""
    whole = re.sub(r"\{[?&#][^{}]*\}", "", template).partition("?")[0]
    parts = urlsplit(re.sub(r"\{[^{}]*\}", "{}", whole))
    given = urlsplit(url)
    return _fits_host(parts.netloc, given.netloc) and parts.path.strip("{}/") != "" and _fits(parts.path, given.path)


def _has(sources: Iterable[str], host: str, data: Mapping[str, Any]) -> bool:
    return any(_fits_host(urlsplit(each).netloc, host) for each in filled(data, sources))


def _fits_host(template: str, host: str) -> bool:
    """Tell whether a host is what a template may become; one whose domain is a hole may become anybody's."""
    if "{}" not in template:
        return template == host != ""
    domain = template.rpartition("{}")[2].strip(".")
    return "." in domain and host.endswith(domain) and _fits(template, host)


def _fits(template: str, text: str) -> bool:
    """Tell whether a text is what a template with holes may become; one that is all holes may become anything."""
    return bool(template.strip("{}")) and bool(re.fullmatch(".+".join(map(re.escape, template.split("{}"))), text))


def _scripts(data: Mapping[str, Any]) -> Iterator[str]:
    tags = [data.get("tag", {}), data.get("embed", {}).get("widget", {}).get("tag", {})]
    tags += [each.get("tag", {}) for each in data.get("variants", ())]
    yield from (each["src"] for each in tags if "src" in each)


def _domains(data: Mapping[str, Any]) -> set[str]:
    return {each["domain"] for each in cookies_of(data) if "{" not in each.get("domain", "{")}


def _pattern(declared: str, data: Mapping[str, Any]) -> re.Pattern[str]:
    """Return what a declared name stands for: a star for any ending, a hole for what its parameter takes."""
    rules = data.get("parameters", {})
    parts = []
    for part in re.split(r"(\{[a-z0-9_]+\}|\*)", declared):
        name = part.strip("{}")
        if part == "*":
            parts.append(".*")
        elif part.startswith("{"):
            parts.append(
                f"(?P<{name}>{rules.get(name, {}).get('match', '.+')})"
                if f"(?P<{name}>" not in "".join(parts)
                else ".+"
            )
        else:
            parts.append(re.escape(part))
    return re.compile("".join(parts))
