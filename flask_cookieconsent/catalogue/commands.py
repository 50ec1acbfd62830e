"""The commands that skeleton and check declarations: `new-service` and `import-services`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from flask_cookieconsent.core.defaults import CATEGORIES, PURPOSES
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.services import Service
from flask_cookieconsent.errors import RegistryError

from .kit.declaration import factory
from .kit.fitting import misfits, unfit_examples
from .kit.layout import written
from .kit.own_files import LARGEST, declaration_mistakes, parsed, read_text
from .moving.foreign import read, read_table, without_mark
from .moving.known import UNKNOWN, Call, by_name, by_snippet, call, catalogue, examples, shows
from .moving.plan import planned
from .moving.skeleton import Skeleton, skeleton
from .moving.snippet import absolute
from .moving.snippet import read as read_snippet

_STANDARD_INPUT = "-"
_T = TypeVar("_T")


def new_service(file: str, today: date) -> None:
    """Print the catalogue's line for the snippet in a file or the standard input, or the skeleton of a declaration."""
    text = _standard_input() if file == _STANDARD_INPUT else _orderly(partial(read_text, Path(file)))
    url, snippet = absolute(text), read_snippet(text)
    if calls := list(_showing(url)) if url else by_snippet(snippet, catalogue()):
        click.echo(f"# {'The catalogue has it' if len(calls) == 1 else 'The catalogue has these; take what you use'}:")
        for line in _python(calls, ()):
            click.echo(line)
        return
    if url:
        raise click.ClickException(
            f"found the address {url!r}, which no service of the catalogue shows; "
            "wanted the embed code or the snippet that its vendor gives out"
        )
    made = skeleton(snippet, today)
    click.echo(written(made.data))
    known = by_name(str(made.data["name"]), catalogue())
    also = [f"{known}: the catalogue has a service of this name; does it do what you need?"] if known else []
    _say(f"Save it as {made.id}.json, then look up:", [*also, *made.look_up])


def _showing(url: str) -> Iterator[Call]:
    """Yield the catalogue's lines for what can be embedded at an address, or is told there what to paste instead."""
    yield from (call(id, data) for id, data in catalogue().items() if shows(id, data, url))


def import_services(file: str, out: str | None, today: date) -> None:
    """Check declarations in a file or a folder, or turn those of another tool into ours."""
    path = Path(file)
    if path.is_dir():
        found = sorted(path.glob("*.json"))
        if not found:
            raise click.ClickException(f"{path}: found no file that ends in .json, wanted a declaration in each")
        _check([(each, _orderly(partial(_file, each))) for each in found])
        return
    text = _orderly(lambda: read_text(path))
    moved = None
    if not text.lstrip().startswith(("{", "[")):
        moved = read_table(text)
    try:
        data = None if moved else parsed(path.name, without_mark(text))
    except RegistryError as error:
        raise click.ClickException(f"{' '.join(error.mistakes)}; docs/moving.md says what to write it as") from error
    moved = moved or read(data)
    if moved is None:
        _check([(path, data)])
        return
    plan = planned(moved, catalogue(), today)
    click.echo(f"# {moved.tool}: {len(plan.calls)} in the catalogue, {len(plan.skeletons)} to be declared")
    for line in _python(plan.calls, plan.skeletons, out or "consent"):
        click.echo(line)
    for made in plan.skeletons:
        _put(made, out)
        _say(f"{made.id}.json, to be looked up:", made.look_up)
    kept = ["what visitors chose: they agreed to other words, so everybody is asked again"]
    _say("Not carried over:", [*plan.left, *kept])


def _file(path: Path) -> Any:
    return parsed(path.name, read_text(path))


def _python(calls: Iterable[Call], skeletons: Iterable[Skeleton], folder: str = "consent") -> Iterator[str]:
    """Yield the lines that declare services, to be pasted into an app."""
    calls, skeletons = list(calls), list(skeletons)
    if skeletons:
        yield "from flask_cookieconsent import read_service"
    if calls:
        yield f"from flask_cookieconsent.catalogue import {', '.join(sorted({each.id for each in calls}))}"
    yield ""
    for each in calls:
        yield each.code + (f"  # instead of {UNKNOWN!r}: {'; '.join(each.gaps)}" if each.gaps else "")
    for made in skeletons:
        yield f"read_service({str(Path(folder) / made.id) + '.json'!r})()"


def _put(made: Skeleton, out: str | None) -> None:
    if out is None:
        click.echo(f"\n# {made.id}.json\n{written(made.data)}")
        return
    path = Path(out) / f"{made.id}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(written(made.data) + "\n")
    except FileExistsError:
        raise click.ClickException(f"{path}: is there already, and is not written over") from None
    click.echo(f"# {path}: written")


def _check(found: list[tuple[Path, Any]]) -> None:
    """Say of each declaration what is wrong with it, or what visitors would be told; exit status 1 for a mistake."""
    services: list[tuple[Path, Any, Service]] = []
    wrong = []
    for path, data in found:
        mistakes = [str(each) for each in declaration_mistakes(data)] or None
        made = None if mistakes else _tried(path.stem, data)
        if isinstance(made, Service):
            services.append((path, data, made))
        else:
            wrong += [f"{path.name}: {each}" for each in mistakes or made or ()]
    for mistake in wrong:
        click.echo(mistake)
    if wrong:
        raise click.exceptions.Exit(1)
    for _, _, service in services:
        click.echo("\n".join(_told(service)))
    click.echo("\nfrom flask_cookieconsent import read_service\n")
    for path, data, service in services:
        given = ", ".join(f"{name}={value!r}" for name, value in examples(data).items())
        click.echo(f"{service.id} = read_service({str(path)!r})  # {service.id}({given})")


def _tried(id: str, data: Any) -> Service | list[str]:
    """Return the service that a declaration makes with its examples, or what is wrong with it."""
    if unfit := [str(each) for each in unfit_examples(data)]:
        return unfit
    try:
        service = build([factory(id, data)(**examples(data))]).services[id]
        return [str(each) for each in misfits(data, service)] or service
    except RegistryError as error:
        return list(error.mistakes)
    except Exception as error:  # a declaration may hold anything, and its author has to read what is wrong
        return [f"makes no service: {type(error).__name__}: {error}"]


def _told(service: Service) -> Iterator[str]:
    """Yield what visitors would be told of a service, in English."""
    title = next((each.title for each in CATEGORIES if each.id == service.category), service.category)
    yield f"{service.name} ({title}): {PURPOSES[service.purpose]}"
    if service.provider:
        yield f"  {service.provider.name}, {service.provider.country}, {service.provider.privacy_policy}"
    for cookie in service.cookies:
        always = "until the browser is closed" if cookie.storage == "cookie" else f"in {cookie.storage} storage"
        kept = _life(cookie.duration) if cookie.duration else always
        yield f"  {cookie.name}  {kept}  {cookie.domain or 'this site'}  {cookie.purpose}"
    for directive, sources in service.hosts.items():
        yield f"  {directive}: {' '.join(sources)}"


def _life(duration: timedelta) -> str:
    """Return a duration in the largest unit that divides it, as a declaration says it."""
    seconds = int(duration.total_seconds())
    length, unit = next(each for each in _UNITS if seconds % each[0] == 0)
    return f"{seconds // length} {unit}{'s' * (seconds != length)}"


_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def _standard_input() -> str:
    data = sys.stdin.buffer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise click.ClickException(f"found more than {LARGEST:,} bytes, wanted one snippet")
    return data.decode("utf-8", errors="replace")


def _orderly(reading: Callable[[], _T]) -> _T:
    """Return what is read, or end with the one sentence that says why it cannot be."""
    try:
        return reading()
    except RegistryError as error:
        raise click.ClickException(" ".join(error.mistakes)) from error


def _say(heading: str, sentences: Iterable[str]) -> None:
    print("", heading, *(f"- {each}" for each in sentences), sep="\n", file=sys.stderr)
