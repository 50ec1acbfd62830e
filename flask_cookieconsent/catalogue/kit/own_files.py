"""Declarations in files of a site: JSON that anybody may have written, checked as a whole before it is used."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any

from flask_cookieconsent.core.defaults import PURPOSES
from flask_cookieconsent.core.kinds import KINDS, SHAPES
from flask_cookieconsent.core.services import Answer, Queue, Service
from flask_cookieconsent.errors import RegistryError

from .checking import Mistake, mistakes_in, shown
from .declaration import COMMON, factory
from .filling import holes

#: No list of services is longer than this, in bytes, or nested deeper.
LARGEST = 1_000_000
DEEPEST = 30

#: What no service has to know, and none may fail at.
_NOBODYS = ("https://nobody.invalid/", "")

_FIELDS = {"queue": {each.name for each in fields(Queue)}, "answer": {each.name for each in fields(Answer)}}


def read_service(path: str | Path) -> Callable[..., Service]:
    """Return the factory of the service that a JSON file of the site declares; the file's name is the id.

    :raises RegistryError: with every mistake of the file at once, each with what was found and what is wanted.
    """
    path = Path(path)
    data = read_json(path)
    if mistakes := declaration_mistakes(data):
        raise RegistryError([f"{path.name}: {each}" for each in mistakes])
    return _tried(path.name, factory(path.stem, data))


def _tried(name: str, make: Callable[..., Service]) -> Callable[..., Service]:
    """Return a factory that has each service read what is nobody's: a mistake shows at the start, and in no page."""

    @wraps(make)
    def made(*args: Any, **kwargs: Any) -> Service:
        service = make(*args, **kwargs)
        try:
            for text in _NOBODYS if service.parse else ():
                service.parse(text)  # type: ignore[misc]
        except Exception as error:  # a declaration may hold anything, and a page with any embed asks all of them
            raise RegistryError([f"{name}: embed: reads nothing: {type(error).__name__}: {error}"]) from error
        return service

    return made


def declaration_mistakes(data: Any) -> list[Mistake]:
    """Return every mistake of a declaration: against the schema, then names of parameters and fields that are none."""
    return list(mistakes_in(data)) or [*_lost_names(data), *_lost_fields(data), *_lost_looks(data)]


def read_json(path: Path) -> Any:
    """Return what a file holds, as `parsed` does.

    :raises RegistryError: if there is no such file, or it is too large, not JSON, or nested deeply.
    """
    return parsed(path.name, read_text(path))


def read_text(path: Path) -> str:
    """Return the text of a file, if there is one of a bounded size.

    :raises RegistryError: if there is none, it is too large, or not UTF-8.
    """
    try:
        if not path.is_file():
            raise RegistryError([f"{path}: found no file of this name, wanted one"])
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise RegistryError([f"{path.name}: found more than {LARGEST:,} bytes, wanted less"])
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RegistryError([f"{path.name}: found bytes that are no text, wanted JSON in UTF-8"]) from None
    except (OSError, ValueError) as error:  # a name with a null character is a ValueError
        if isinstance(error, RegistryError):
            raise
        raise RegistryError([f"{path.name}: cannot be read: {error}"]) from None


def parsed(name: str, text: str) -> Any:
    """Return the value of a JSON text whose texts can be written, and whose nesting is that of something real.

    :raises RegistryError: if it is none.
    """
    try:
        data = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise RegistryError([f"{name}: nested too deeply, wanted at most {DEEPEST} levels"]) from None
    except ValueError as error:
        raise RegistryError([f"{name}: not JSON: {error}"]) from None
    if _depth(data) > DEEPEST:
        raise RegistryError([f"{name}: nested too deeply, wanted at most {DEEPEST} levels"])
    if re.search("[\ud800-\udfff]", json.dumps(data, ensure_ascii=False)):
        raise RegistryError([f"{name}: found half of a character (\\ud800 to \\udfff), wanted whole ones"])
    return data


def _refuse(word: str) -> None:
    raise ValueError(f"found {word}, which is no number in JSON")


def _depth(data: Any) -> int:
    """Return how deeply lists and objects are nested, without recursion."""
    depth, level = 0, [data]
    while level := [each for each in level if isinstance(each, (dict, list))]:
        depth += 1
        if depth > DEEPEST:
            break
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return depth


def _lost_names(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield each name that stands for a parameter, in a hole or alone, and is none."""
    parameters = data.get("parameters", {})
    choices = [rule["choices"] for rule in parameters.values() if isinstance(rule.get("choices"), dict)]
    brought = [each for of_one in choices for each in of_one.values() if isinstance(each, dict)]
    known = {*COMMON, *parameters, *(name for each in brought for name in each)}
    wanted = f"one of {', '.join(sorted(known))}"
    parts = ("provider", "cookies", "hosts", "tag", "variants")
    found = [(part, name) for part in parts for text in _texts(data.get(part, ())) for name in holes(text)]
    yield from (Mistake((part,), shown(f"{{{name}}}"), f"{wanted} in it") for part, name in found if name not in known)
    named = [("one_of", name) for name in data.get("one_of", ())]
    named += [("variants", name) for each in data.get("variants", ()) for name in each["if"]]
    named += [("parameters", name) for rule in parameters.values() for name in rule.get("unless", [""])[0].split()]
    yield from (Mistake((place,), shown(name), wanted) for place, name in named if name not in known)


def _lost_fields(data: Any, key: str = "") -> Iterator[Mistake]:
    """Yield each key of a recipe's queue or answer that means nothing."""
    if isinstance(data, Mapping):
        if key in _FIELDS and (unknown := sorted(set(data) - _FIELDS[key])):
            yield Mistake((key,), ", ".join(map(shown, unknown)), f"some of {', '.join(sorted(_FIELDS[key]))}")
        if key == "silenced" and "answer" in data.keys() | {name for each in data.values() for name in _keys(each)}:
            yield Mistake(("tag", key), "an answer", "values that are the same for everybody who refuses")
        if key == "answer" and not isinstance(data.get("name", ""), str):
            yield Mistake((key, "name"), shown(data["name"]), "the id of a service or category")
        if key == "answer" and data.get("purpose") not in (None, *PURPOSES):
            yield Mistake((key, "purpose"), shown(data["purpose"]), "a purpose such as 'advertising'")
        for name, each in data.items():
            yield from _lost_fields(each, name)
    elif key == "answer":
        yield Mistake((key,), shown(data), "an object that says what it follows")
    elif isinstance(data, list):
        for each in data:
            yield from _lost_fields(each)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _keys(each)
        yield from value if isinstance(value, dict) else ()


def _lost_looks(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield each kind and shape of an embed that is none, and an address that is to be shown and has no frame."""
    embed = data.get("embed", {})
    for place in (embed, *embed.get("addresses", ())):
        for key, known in (("kind", KINDS), ("shape", SHAPES)):
            if place.get(key, known[0]) not in known:
                yield Mistake(("embed", key), shown(place[key]), f"one of {', '.join(known)}")
    if embed and not {"src", "widget", "reader"} & embed.keys():
        for number, each in enumerate(embed.get("addresses", [{}])):
            if not {"src", "hint", "within"} & each.keys():
                yield Mistake(("embed", "addresses", number), "no src", "the address of its frame, here or for all")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from _texts(each) if key != "embed" else ()
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)
