"""Declarations of services as data: a JSON file each, turned into a factory function with its parameters.

The form is that of `service.schema.json`, for the catalogue's own files and for those of a site.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from flask_cookieconsent.core.services import Frame, Service, Tag, Widget
from flask_cookieconsent.errors import RegistryError

from .filling import filled, merged, spelled_out
from .google import types_of
from .parameters import Parameter, check_one_of
from .recipe import check_keys, check_needed, read_cookies, read_hosts, read_provider, read_tag

#: All that a file may hold. The last ones are for people: docs, tests, and whoever looks at a fact again.
KEYS = frozenset(
    (
        *("name", "provider", "purpose", "categories", "justification", "description", "cookies", "hosts", "tag"),
        *("pictures", "embed", "parameters", "one_of", "variants"),
        *("$schema", "summary", "help", "sources", "doubts", "sample", "note"),
    )
)
#: What each factory takes besides the parameters of its own.
COMMON = ("id", "category", "name")


def read_file(path: str | Path) -> Callable[..., Service]:
    """Return the factory of the service that a JSON file declares; the file's name, without its ending, is the id.

    :raises RegistryError: if it is not JSON, or holds what means nothing.
    """
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RegistryError([f"{path.name}: not JSON: {error}"]) from error
    if not isinstance(data, dict):
        raise RegistryError([f"{path.name}: found {type(data).__name__}, wanted an object with a name and a purpose"])
    return factory(path.stem, data)


def factory(id: str, data: Mapping[str, Any]) -> Callable[..., Service]:
    """Return a function that makes the service of a declaration: it checks its parameters and fills them in.

    :raises RegistryError: if the declaration has keys that mean nothing, or lacks one that it needs.
    """
    check_keys(f"declaration {id!r}", data, KEYS)
    check_needed(f"declaration {id!r}", data, ("name", "purpose", "categories"))
    if taken := set(COMMON) & set(data.get("parameters", {})):
        raise RegistryError([f"declaration {id!r}: parameter {taken.pop()!r}: every declaration has it"])
    parameters = [Parameter(name, rule) for name, rule in data.get("parameters", {}).items()]
    signature = _signature(id, data, parameters)

    def make(*args: Any, **kwargs: Any) -> Service:
        try:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            given = bound.arguments
            check_one_of(data.get("one_of", ()), parameters, given)
            variables = {name: given[name] for name in COMMON}
            for parameter in parameters:
                variables |= parameter.read(given[parameter.name], given)
        except (TypeError, ValueError) as error:
            # Many services are in one list, and a traceback may show its first line alone.
            error.add_note(f"in {id}({', '.join(signature.parameters)})")
            raise
        try:
            return _service(data, variables)
        except KeyError as error:
            raise RegistryError([f"declaration {id!r}: nothing fills '{{{error.args[0]}}}'"]) from error

    make.__name__ = make.__qualname__ = id
    make.__doc__ = _docstring(data)
    make.__signature__ = signature  # type: ignore[attr-defined]
    return make


def _service(data: Mapping[str, Any], variables: Mapping[str, Any]) -> Service:
    whole: Mapping[str, Any] = data
    for variant in data.get("variants", ()):
        if all(_holds(variables[name], wanted) for name, wanted in variant["if"].items()):
            whole = merged(whole, {key: value for key, value in variant.items() if key != "if"})
    parts = filled({key: whole[key] for key in ("provider", "cookies", "hosts", "tag") if key in whole}, variables)
    tag = read_tag(parts["tag"]) if "tag" in parts else None
    texts: dict[str, Any] = {key: whole[key] for key in ("purpose", "description", "justification") if key in whole}
    return Service(
        id=variables["id"],
        name=variables["name"],
        category=variables["category"],
        categories=tuple(whole["categories"]),
        provider=variables.get("provider") or read_provider(parts.get("provider")),
        cookies=tuple(cookie for each in parts.get("cookies", ()) for cookie in read_cookies(each)),
        hosts=read_hosts(parts.get("hosts", {})),
        pictures=tuple(whole.get("pictures", ())),
        tag=_consenting(tag, variables) if tag else None,
        parse=_parse(whole, variables) if "embed" in whole else None,
        **texts,
    )


def _parse(whole: Mapping[str, Any], variables: Mapping[str, Any]) -> Callable[[str], Frame | Widget | None]:
    """Return the parser of a declaration: its patterns, or one of the few that are code."""
    embed = whole["embed"]

    @cache
    def read() -> Callable[[str], Frame | Widget | None]:
        # A start of the app needs none of it.
        if "reader" in embed:
            module = import_module(f"flask_cookieconsent.catalogue.readers.{embed['reader']}")
            return partial(module.read, **{name: variables[name] for name in whole.get("parameters", {})})
        from .reader import Reader

        return Reader(whole["name"], spelled_out(embed, embed.get("parts", {})), variables).read

    return lambda text: read()(text)


def _consenting(tag: Tag, variables: Mapping[str, Any]) -> Tag:
    """Return a tag with what the owner says of its consent types."""
    if "consent_types" not in variables:
        return tag
    return replace(tag, consent_types=types_of(variables["consent_types"], tag.consent_types))


def _holds(value: Any, wanted: Any) -> bool:
    """Tell whether a parameter is what a variant asks for: given or not, or one value."""
    return bool(value) is wanted if isinstance(wanted, bool) else value == wanted


def _signature(id: str, data: Mapping[str, Any], parameters: Sequence[Parameter]) -> inspect.Signature:
    kinds = inspect.Parameter
    own = [
        kinds(
            each.name,
            kinds.KEYWORD_ONLY if each.is_keyword else kinds.POSITIONAL_OR_KEYWORD,
            default=each.rule.get("default", kinds.empty),
            annotation=each.annotation,
        )
        for each in parameters
    ]
    defaults = {"id": id, "category": data["categories"][0], "name": data["name"]}
    common = [kinds(name, kinds.KEYWORD_ONLY, default=defaults[name], annotation="str") for name in COMMON]
    return inspect.Signature(sorted([*own, *common], key=lambda each: each.kind), return_annotation="Service")


def _docstring(data: Mapping[str, Any]) -> str:
    first = f"Return {data['name']}: {data.get('summary', 'a service of this site.')}"
    parts = [first, *data.get("help", ()), ":raises ValueError: if a parameter is not what the provider gives out."]
    return "\n\n".join(parts)
