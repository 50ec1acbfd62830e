"""Where in the owner's own source a finding stands: in a template, in a view, or in a static file."""

from __future__ import annotations

import inspect
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from html import unescape
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BaseLoader, meta
from werkzeug.security import safe_join

from .findings import Finding, Place, Source

#: Wrappers around a view that are looked through.
_MOST_WRAPPERS = 50
_ATTRIBUTE = re.compile(r'="([^"]*)"')
# Folders of what others wrote, also where the environment is inside the project.
_INSTALLED = {"site-packages", "dist-packages"}


class Sources:
    """Finder of the owner's sources; it reads each file once, so it serves for one audit.

    Files are told relative to the current folder or to the app's, and no others are.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        cwd = Path.cwd()
        self._root = Path(app.root_path).resolve()
        # To a process that runs in `/` every file of the machine would be below it.
        self._bases = [base for base in (cwd, self._root) if base.parent != base]
        foreign = (sysconfig.get_path("stdlib"), Path(__file__).parents[1])
        self._foreign = [Path(path).resolve() for path in foreign]
        folders = {str(path) for path in (*self._bases, Path(sys.prefix), Path.home()) if path.parent != path}
        self._folders = sorted(folders, key=len, reverse=True)
        self.relative = lru_cache(maxsize=None)(self._relative)
        self._text = lru_cache(maxsize=None)(_read)
        self._block = lru_cache(maxsize=None)(_block)
        self._templates_of = lru_cache(maxsize=None)(self._templates)
        self._found = lru_cache(maxsize=None)(self._find)

    @property
    def home(self) -> str:
        """The file of the module that the app is named by; empty where it is not the owner's."""
        file = getattr(sys.modules.get(self._app.import_name), "__file__", None)
        return self.relative(Path(file)) or "" if file else ""

    def located(self, finding: Finding) -> Finding:
        """Return a finding whose places name their source, as far as there is one, and that names no folder of ours.

        What a page raises may hold the path of a file.
        """
        says = finding.says
        for folder in self._folders:
            says = says.replace(folder + os.sep, "")
        places = (
            replace(place, source=place.source or self._found(finding.rule, finding.subject, place))
            for place in finding.places
        )
        return replace(finding, says=says, places=tuple(places))

    def _relative(self, path: Path) -> str | None:
        """Return the name of a file of the owner's, relative and with forward slashes, else None."""
        with suppress(OSError, ValueError):
            path = path.resolve()
            is_foreign = not _INSTALLED.isdisjoint(path.parts) or any(map(path.is_relative_to, self._foreign))
            if path.is_file() and not is_foreign:
                return next(
                    (path.relative_to(base).as_posix() for base in self._bases if path.is_relative_to(base)), None
                )
        return None

    def _find(self, rule: str, subject: str, place: Place) -> Source | None:
        functions = [*self._views(place.endpoint), *self._hooks]
        pages = [*self._templates_of(place.templates), *self._static(place.path)]
        found: Source | None = None
        name = rf"['\"]{re.escape(subject)}['\"]"
        constant = rf"^[ \t]*\w+(?:[ \t]*:[^=\n]+)?[ \t]*=[ \t]*{name}"
        if place.element.startswith("Set-Cookie:"):
            sets = rf"set_cookie\(\s*(?:key\s*=\s*)?{name}"
            found = self._in_functions(functions, [name]) or self._in_files(self._modules, [sets, constant])
        elif place.element.startswith("Cookie("):
            found = self._in_files(self._modules, [rf"\bname\s*=\s*{name}", constant])
        elif rule == "unfair-template":
            pages = [*self._templates_of((f"cookieconsent/{subject}",))]
        elif subject != place.route:  # which is no text of a page
            patterns = list(_patterns(subject, place.element))
            found = self._in_files(pages, patterns) or self._in_functions(functions, patterns)
        return found or next(self._begins(self._views(place.endpoint)), None) or next(map(self._first, pages), None)

    def _in_files(self, files: Iterable[Path], patterns: Iterable[str]) -> Source | None:
        """Return the first line that fits one of the patterns, the first of which says most."""
        known = list(files)
        for pattern in patterns:
            for file in known:
                if (line := _line_of(pattern, self._text(file))) and (name := self.relative(file)):
                    return Source(name, line)
        return None

    def _in_functions(self, functions: Iterable[Any], patterns: Iterable[str]) -> Source | None:
        for pattern in patterns:
            for function in functions:
                file, begins, text = self._block(function)
                if (line := _line_of(pattern, text)) and (name := self.relative(Path(file))):
                    return Source(name, begins + line - 1)
        return None

    def _begins(self, functions: Iterable[Any]) -> Iterator[Source]:
        for function in functions:
            file, begins, _ = self._block(function)
            if name := self.relative(Path(file)):
                yield Source(name, begins)

    def _first(self, file: Path) -> Source | None:
        name = self.relative(file)
        return Source(name, 1) if name else None

    def _templates(self, names: tuple[str, ...]) -> tuple[Path, ...]:
        """Return the files of templates and of all that they include, extend or import; a page's own come first."""
        environment = self._app.jinja_env
        loader = environment.loader or BaseLoader()
        files: dict[Path, None] = {}
        waiting, seen = list(names), set(names)
        while waiting:
            # A loader of the site's own may raise anything, and a template that cannot be parsed has no references.
            with suppress(Exception):
                text, file, _ = loader.get_source(environment, waiting.pop(0))
                if file and self.relative(Path(file)):
                    files[Path(file)] = None
                more = [each for each in meta.find_referenced_templates(environment.parse(text)) if each]
                waiting += [each for each in dict.fromkeys(more) if each not in seen]
                seen.update(more)
        return tuple(files)

    def _static(self, path: str) -> Iterator[Path]:
        """Yield the file that a path of this site's static files leads to."""
        for prefix, folder in self._static_folders:
            found = safe_join(folder, path.removeprefix(prefix).partition("?")[0]) if path.startswith(prefix) else None
            if found and self.relative(Path(found)):
                yield Path(found)

    @cached_property
    def _static_folders(self) -> list[tuple[str, str]]:
        """The folders of static files, each with the beginning of its paths."""
        folders = []
        for rule in self._app.url_map.iter_rules():
            blueprint, _, last = rule.endpoint.rpartition(".")
            owner: Any = self._app.blueprints.get(blueprint) if blueprint else self._app
            if last == "static" and owner is not None and owner.static_folder:
                folders.append((rule.rule.partition("<")[0], owner.static_folder))
        return folders

    def _views(self, endpoint: str) -> list[Any]:
        view = self._app.view_functions.get(endpoint)
        return [code for each in _inside(view) if (code := _code(each)) is not None] if view is not None else []

    @cached_property
    def _hooks(self) -> list[Any]:
        """What the app does before and after each request, which sets cookies and adds to pages, too."""
        kept = (self._app.before_request_funcs, self._app.after_request_funcs)
        functions = [function for each in kept for hooks in each.values() for function in hooks]
        return [code for function in functions for each in _inside(function) if (code := _code(each)) is not None]

    @cached_property
    def _modules(self) -> list[Path]:
        """The files of the owner's own modules, those of the app's folder first."""
        named = (getattr(module, "__file__", None) or "" for module in [*sys.modules.values()])
        # Looked at as text first: of a thousand modules few are the owner's.
        others = tuple(str(path) for path in self._foreign)
        files = [Path(file) for file in named if file.endswith(".py") and not file.startswith(others)]
        files = [file for file in files if _INSTALLED.isdisjoint(file.parts) and self.relative(file)]
        files.sort(key=lambda file: not file.is_relative_to(self._root))
        return files


def _inside(view: Any) -> Iterator[Any]:
    """Yield the functions that a view is made of, the innermost first: without its decorators, of its class."""
    layers = [view]
    while len(layers) < _MOST_WRAPPERS:
        whole = layers[-1]
        inner = whole.func if isinstance(whole, partial) else getattr(whole, "__wrapped__", None)
        if inner is None:
            break
        layers.append(inner)
    for layer in layers:
        if isinstance(kind := getattr(layer, "view_class", None), type):
            yield from _inside(getattr(kind, "get", None) or getattr(kind, "dispatch_request", None))
    yield from reversed(layers)


def _code(function: Any) -> Any:
    function = getattr(function, "__func__", function)
    if not hasattr(function, "__code__"):
        function = inspect.getattr_static(type(function), "__call__", None)
    return getattr(function, "__code__", None)


def _block(code: Any) -> tuple[str, int, str]:
    """Return the file of some code, its first line and its text."""
    with suppress(OSError, TypeError, SyntaxError):
        lines, begins = inspect.getsourcelines(code)
        return code.co_filename, max(begins, 1), "".join(lines)
    return code.co_filename, code.co_firstlineno, ""


def _read(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return ""


def _patterns(subject: str, element: str) -> Iterator[str]:
    """Yield what to look for: the address of the element, then the subject, which is no part of a longer name."""
    values = [unescape(value) for value in _ATTRIBUTE.findall(element)]
    yield from (re.escape(value) for value in values if subject and subject in value)
    if subject:
        yield rf"(?<![\w.-]){re.escape(subject)}(?![\w-]|\.\w)"


def _line_of(pattern: str, text: str) -> int:
    """Return the number of the line in which the first match ends, 0 where there is none."""
    match = re.search(pattern, text, re.IGNORECASE | re.MULTILINE)
    return text.count("\n", 0, match.end()) + 1 if match else 0
