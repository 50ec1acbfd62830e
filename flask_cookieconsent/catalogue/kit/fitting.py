"""Whether the parts of a declaration fit together: what the form of a file cannot say, and nothing fails for by itself.

The tests of the catalogue ask the same of its own files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask_cookieconsent.core.services import Frame, Service, Widget

from .checking import Mistake, shown
from .declaration import COMMON
from .filling import spelled_out
from .reader import variables_of

#: What people write for a country, and is none in ISO 3166-1.
_OTHER_CODES: Mapping[str, str] = {"UK": "'GB'", "EL": "'GR'", "EU": "the one of the company's seat"}
_GROUP = re.compile(r"\(\?P<(\w+)>")


def misfits(data: Mapping[str, Any], service: Service) -> Iterator[Mistake]:
    """Yield what does not fit in a declaration, by the service that its samples make."""
    country = data["provider"]["country"]
    if country in _OTHER_CODES:
        yield Mistake(("provider", "country"), shown(country), f"its code in ISO 3166-1, {_OTHER_CODES[country]}")
    for name in sourceless(data):
        yield Mistake(("sources",), shown(name), f"one of {', '.join(data['sources'])} as the source of a fact")
    for name in sorted(unknown_variables(data)):
        yield Mistake(("embed",), shown(f"{{{name}}}"), "a variable that one of the addresses, or an option, gives")
    if service.tag is not None and not covered(service, "script-src", service.tag.src):
        yield Mistake(
            ("tag", "src"), shown(service.tag.src), "an https address whose origin is in hosts for script-src"
        )
    if service.parse is not None and "embed" in data.get("sample", {}):
        yield from _sample_misfits(service, str(data["sample"]["embed"]))


def sourceless(data: Mapping[str, Any]) -> list[str]:
    """Return the sources that a fact names and the file does not have."""
    facts = [*data.get("cookies", ()), *data.get("hosts", {}).values()]
    facts += [each for variant in data.get("variants", ()) for each in variant.get("cookies", ())]
    return [each["source"] for each in facts if each.get("source", next(iter(data["sources"]))) not in data["sources"]]


def unknown_variables(data: Mapping[str, Any]) -> set[str]:
    """Return the variables of an embed's addresses that nothing gives a value: they would leave no trace."""
    embed = spelled_out(data.get("embed", {}), data.get("embed", {}).get("parts", {}))
    patterns = embed.get("addresses", [])
    known = {"host", "within", "link", *COMMON, *data.get("parameters", {})}
    known |= {name for names in embed.get("options", {}) for name in names.split()}
    for each in patterns:
        texts = (each.get("text", ""), each.get("path", ""), *each.get("query", {}).values())
        known |= {name for text in texts for name in _GROUP.findall(text)}
        known |= {*each.get("query", {}), *each.get("set", {})}
    templates = [each[key] for each in (embed, *patterns) for key in ("src", "link") if key in each]
    return {name for each in templates for name in variables_of(each)} - known


def covered(service: Service, directive: str, address: str) -> bool:
    """Tell whether a service declares the host of an address; of none there is nothing to declare."""
    parts = urlsplit(address)
    hosts = [urlsplit(each).netloc for each in service.hosts.get(directive, ())]
    is_there = any(f".{parts.netloc}".endswith(each[1:]) if each[:1] == "*" else each == parts.netloc for each in hosts)
    return not address or (parts.scheme == "https" and is_there)


def unfit_examples(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield the examples that their own parameters refuse, for nothing can be made with them."""
    for name, rule in data.get("parameters", {}).items():
        if "match" in rule and not re.fullmatch(rule["match"], rule["example"], re.ASCII):
            yield Mistake(("parameters", name, "example"), shown(rule["example"]), f"what matches {rule['match']}")


def _sample_misfits(service: Service, sample: str) -> Iterator[Mistake]:
    content = service.parse(sample) if service.parse else None
    if content is None:
        yield Mistake(("sample", "embed"), shown(sample), "what one of the addresses reads")
    elif isinstance(content, Widget):
        if not covered(service, "script-src", content.tag.src):
            wanted = "an https address whose origin is in hosts for script-src"
            yield Mistake(("embed", "widget", "tag", "src"), shown(content.tag.src), wanted)
    else:
        if not covered(service, "frame-src", content.src):
            yield Mistake(
                ("embed", "src"), shown(content.src), "an https address whose origin is in hosts for frame-src"
            )
        # *Load once* sends the link back.
        if _read(service, content.link) != content:
            yield Mistake(("embed", "link"), shown(content.link), "an address that, pasted again, gives the same frame")


def _read(service: Service, text: str) -> Frame | Widget | None:
    try:
        return service.parse(text) if service.parse else None
    except ValueError:
        return None
