"""Read and check the configuration of an app; all mistakes are reported together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from flask_cookieconsent.core import regimes as by_region
from flask_cookieconsent.errors import SettingsError

from .table import Settings

PREFIX = "COOKIECONSENT_"

#: Names before 0.1.0, each with what takes its place; using one is an error until 0.2.
RENAMED: Mapping[str, str] = MappingProxyType(
    {
        "KEEP_GRANTS": "write COOKIECONSENT_GRANT_RETENTION",
        "KEEP_REFUSALS": "write COOKIECONSENT_REFUSAL_RETENTION",
        "LAYOUT": "write COOKIECONSENT_BASE_TEMPLATE",
        "LOOK": "write COOKIECONSENT_BANNER_STYLE",
        "RATE_STORAGE": "leave it out: every process counts for itself",
        "SPOOL": "write COOKIECONSENT_SPOOL_FOLDER",
        "SWEEP": "write COOKIECONSENT_SWEEP_EXCEPT with a tuple of names, such as ('_ga', '_ga_*')",
        "UNDECLARED": "write COOKIECONSENT_UNDECLARED_COOKIES",
        "UNKNOWN_FRAMES": "write COOKIECONSENT_UNDECLARED_FRAMES",
    }
)


def read(config: Mapping[str, Any]) -> Settings:
    """Read and check every key of an app's configuration.

    :raises SettingsError: with every mistake at once: the key, the value found and the value wanted.
    """
    given = {key: value for key, value in config.items() if str(key).startswith(PREFIX)}
    mistakes = list(_mistakes(given))
    if mistakes:
        raise SettingsError(mistakes)
    settings = {}
    for setting in fields(Settings):
        if (key := PREFIX + setting.name.upper()) in given:
            convert = setting.metadata["convert"]
            settings[setting.name] = convert(given[key]) if convert else given[key]
    s = Settings(**settings)
    wrong = [*by_region.mistakes_in(s.region_headers, s.regimes, s.exempt, s.refusal_validity.days)]
    wrong += [f"{name}: {mistake}" for name, mistake in s.scopes.mistakes()]
    if wrong:
        raise SettingsError([PREFIX + mistake for mistake in wrong])
    return s


def _mistakes(given: Mapping[str, Any]) -> Iterator[str]:
    by_key = {PREFIX + setting.name.upper(): setting for setting in fields(Settings)}
    for key, value in given.items():
        if (old := key.removeprefix(PREFIX)) in RENAMED:
            yield f"{key}: has another name now; {RENAMED[old]}"
        elif key not in by_key:
            near = get_close_matches(key, by_key, 1)
            yield f"{key}: no such setting" + (f"; did you mean {near[0]}?" if near else "")
        elif not by_key[key].metadata["check"](value):
            shown = "a value that does not fit" if by_key[key].name.startswith("secret_key") else repr(value)
            yield f"{key}: found {shown}, wanted {by_key[key].metadata['wanted']}"
