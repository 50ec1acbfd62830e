"""The options of an audit, of a file and of the command line: what is looked at, how to sign in, what is accepted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_cookieconsent.audit import FILE
from flask_cookieconsent.errors import CookieConsentError, OptionsError

from .accepted import LONGEST, Accepted
from .rules import RULES

if TYPE_CHECKING:  # it needs a parser of HTML
    from .walking.walk import SignIn, Wishes


_FUNCTION = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What an owner says of their audits: paths, paths to leave out, `module:function` to sign in, what is accepted."""

    paths: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    sign_in: str = ""
    accepted: tuple[Accepted, ...] = ()

    def with_more(self, paths: Iterable[str] = (), skip: Iterable[str] = (), sign_in: str = "") -> Options:
        """Return options with what the command line says besides; its way to sign in takes the place of the file's.

        :raises OptionsError: if something does not fit, with all that does not.
        """
        given = {"paths": list(paths), "skip": list(skip)} | ({"sign_in": sign_in} if sign_in else {})
        names = {"paths": "--path", "skip": "--skip", "sign_in": "--sign-in"}
        if mistakes := [mistake for key, value in given.items() for mistake in _KEYS[key](names[key], value)]:
            raise OptionsError(mistakes)
        return replace(
            self,
            paths=tuple(dict.fromkeys((*self.paths, *paths))),
            skip=tuple(dict.fromkeys((*self.skip, *skip))),
            sign_in=sign_in or self.sign_in,
        )

    def wishes(self) -> Wishes:
        """Return what a walk goes by.

        :raises OptionsError: if there is no such function to sign in.
        """
        from .walking.walk import Wishes

        return Wishes(paths=self.paths, skip=self.skip, sign_in=_signing_in(self.sign_in) if self.sign_in else None)


def read_options(file: Path | None, today: date) -> Options:
    """Read the options from a file; from the one of the current folder, which may be missing, where None is named.

    :raises OptionsError: if the file has mistakes, with all of them.
    :raises OSError: if it cannot be read.
    """
    path = file or Path(FILE)
    if file is None and not path.exists():
        return Options()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionsError([f"{path}: found what is no TOML ({error}); see https://toml.io"]) from error
    return parse_options(given, today, str(path))


def parse_options(given: Mapping[str, Any], today: date, name: str = FILE) -> Options:
    """Return the options that a table of TOML has; *name* tells where a mistake is.

    :raises OptionsError: with every mistake.
    """
    if mistakes := [f"{name}: {mistake}" for mistake in _mistakes(given, today)]:
        raise OptionsError(mistakes)
    return Options(
        paths=tuple(given.get("paths", ())),
        skip=tuple(given.get("skip", ())),
        sign_in=given.get("sign_in", ""),
        accepted=tuple(Accepted(**line) for line in given.get("accepted", ())),
    )


def _mistakes(given: Mapping[str, Any], today: date) -> Iterator[str]:
    for key, value in given.items():
        if key == "accepted":
            yield from _of_lines(value, today)
        elif key in _KEYS:
            yield from _KEYS[key](key, value)
        else:
            yield f"{key}: no such key{_near(key, (*_KEYS, 'accepted'))}"


def _of_paths(key: str, value: object) -> Iterator[str]:
    wanted = "wanted paths of this site, each with a slash in front"
    if not isinstance(value, list):
        yield f'{key}: found {value!r}, {wanted}, such as ["/shop/7"]'
    else:
        fit = (isinstance(each, str) and each.startswith("/") and not each.startswith("//") for each in value)
        yield from (f"{key}: found {each!r}, {wanted}" for each, fits in zip(value, fit, strict=True) if not fits)


def _of_function(key: str, value: object) -> Iterator[str]:
    if not isinstance(value, str) or not _FUNCTION.fullmatch(value):
        yield f"{key}: found {value!r}, wanted a module and a function that takes a test client: shop.audit:sign_in"


#: What the value of each key has to be; the lines that are accepted depend on the day, too.
_KEYS: Mapping[str, Callable[[str, object], Iterator[str]]] = {
    "paths": _of_paths,
    "skip": _of_paths,
    "sign_in": _of_function,
}

_LINE_KEYS = ("rule", "subject", "until", "reason", "route")
_LINE = '{rule = "…", subject = "…", until = 2027-03-01, reason = "…"}'


def _of_lines(value: object, today: date) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"accepted: found {value!r}, wanted a list of lines {_LINE}"
        return
    for number, line in enumerate(value, 1):
        if isinstance(line, dict):
            yield from (f"accepted, line {number}: {mistake}" for mistake in _of_line(line, today))
        else:
            yield f"accepted, line {number}: found {line!r}, wanted {_LINE}"


def _of_line(line: Mapping[str, Any], today: date) -> Iterator[str]:
    for key in (each for each in line if each not in _LINE_KEYS):
        yield f"{key}: no such key{_near(key, _LINE_KEYS)}"
    for key in ("rule", "subject", "until", "reason"):
        if key not in line:
            yield f"{key}: is missing; wanted {_LINE}"
    for key in ("rule", "reason", "route"):
        if key in line and (not isinstance(line[key], str) or not line[key].strip()):
            yield f"{key}: found {line[key]!r}, wanted a text that is not empty"
    if not isinstance(line.get("subject", ""), str):  # a cookie may have an empty name
        yield f"subject: found {line['subject']!r}, wanted a text"
    rule, until = line.get("rule"), line.get("until")
    if isinstance(rule, str) and rule.strip() and rule not in RULES:
        yield f"rule: found {rule!r}, wanted a rule of the audit{_near(rule, RULES) or ': ' + ', '.join(RULES)}"
    if "until" in line and type(until) is not date:  # a moment is a day to Python, too
        yield f"until: found {_shown(until)}, wanted a day of TOML, without quotes: {today + LONGEST / 2}"
    elif type(until) is date and until - today > LONGEST:
        yield f"until: found {until}, wanted a day at most one year ahead, so {today + LONGEST} or before"


def _shown(value: object) -> str:
    return str(value) if isinstance(value, date) else repr(value)


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _signing_in(name: str) -> SignIn:
    """Return the function of `module:function`; what it raises when it is called says whose it is.

    :raises OptionsError: if it cannot be imported, or is none.
    """
    module_name, _, function_name = name.partition(":")
    try:
        module = import_module(module_name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module of the site may raise anything
        told = f"sign_in: found {name!r}, and importing {module_name} raises {type(error).__name__}: {error}"
        raise OptionsError([f"{told}; wanted a module that Python finds from the current folder"]) from error
    function = getattr(module, function_name, None)
    if not callable(function):
        wanted = f"wanted a function of {module_name} that takes a test client"
        raise OptionsError([f"sign_in: found {name!r}, {wanted}{_near(function_name, vars(module))}"])

    def sign_in(client: Any) -> None:
        try:
            function(client)
        except CookieConsentError:
            raise
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise OptionsError([f"sign_in: {name} raises {type(error).__name__}: {error}"]) from error

    return sign_in
