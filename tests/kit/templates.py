"""Templates that are compiled once for all apps of a process: each test has an app of its own, and most have ours."""

from __future__ import annotations

from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """Keeps the code of each source in memory, by all that its environment has to say in how it is compiled."""

    def __init__(self) -> None:
        self._codes: dict[str, CodeType] = {}

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        bucket = Bucket(environment, repr((name, filename, source, _options(environment, name))), "")
        bucket.code = self._codes.get(bucket.key)
        return bucket

    def set_bucket(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key] = bucket.code

    def load_bytecode(self, bucket: Bucket) -> None:
        """Do nothing: the bucket has its code already."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Do nothing: the code is kept as it is."""


def compile_once() -> None:
    """Let every Flask app that this process makes from now on share what is compiled."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}


def _options(environment: Environment, name: str) -> tuple[Any, ...]:
    escapes = environment.autoescape
    return (
        escapes(name) if callable(escapes) else escapes,
        type(environment).__qualname__,
        environment.is_async,
        environment.optimized,
        environment.sandboxed,
        environment.undefined.__qualname__,
        sorted(environment.extensions),
        environment.keep_trailing_newline,
        environment.trim_blocks,
        environment.lstrip_blocks,
        environment.newline_sequence,
        environment.line_statement_prefix,
        environment.line_comment_prefix,
        *(getattr(environment, f"{kind}_{end}_string") for kind in ("block", "variable", "comment") for end in _ENDS),
        sorted(environment.filters),
        sorted(environment.tests),
    )


_ENDS = ("start", "end")
