"""Regimes by region: whether a service may be used before a visitor has answered, by ISO 3166 code of the region.

A region is opt-in unless the site says otherwise. For those whose law asks for consent it stays so, whatever is said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
# The longest value of a header that is looked at: no code is longer.
_LONGEST_CODE = 6

#: Stands in an exemption for every region.
EVERYWHERE = "*"

#: The service that a consent refuses besides all declared ones, where silence would allow what comes later. No service
#: of a site may have this id.
REST = "whatever_comes"

#: Twelve months, for which nobody who has opted out may be asked again (California Civil Code, section 1798.135(c)(4)).
LEAST_OPT_OUT_DAYS = 365


class Regime(StrEnum):
    """What holds where a visitor has not answered: off until allowed, on until refused, or on and told.

    The strictest is the first. The value is the word of the settings.
    """

    OPT_IN = "opt-in"
    OPT_OUT = "opt-out"
    NOTICE = "notice"


_STRICTNESS = tuple(Regime)

# EL is another code of Greece, and EU one that is reserved.
_EU = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "EL", "EU"),
    )
)
# Parts of member states with codes of their own, where their law of data protection holds: TFEU, article 355, and
# Protocol 2 of the Act of Accession of 1994 for Åland; the French law 78-17, article 125, for the others of France. IC,
# EA and FX are reserved codes of the Canaries, of Ceuta and Melilla, and of France in Europe.
_PARTS = frozenset(["GF", "GP", "MQ", "RE", "YT", "MF", "AX", "BL", "PM", "WF", "PF", "NC", "TF", "IC", "EA", "FX"])
# EEA Agreement, annex XI, decision 154/2018. Svalbard and Jan Mayen are parts of Norway.
_EEA = frozenset(["IS", "LI", "NO", "SJ"])
# PECR 2003, regulation 6; UK and XI are other codes of the same and of Northern Ireland. Gibraltar, Guernsey, Jersey
# and the Isle of Man have laws after the model of the GDPR; nobody is worse off for being asked.
_UK = frozenset(["GB", "UK", "XI", "GI", "GG", "JE", "IM"])

#: Countries and territories whose law asks for consent (ePrivacy Directive, article 5(3), and what follows it), and
#: Switzerland (Telecommunications Act, article 45c; Federal Act on Data Protection).
PROTECTED = _EU | _PARTS | _EEA | _UK | {"CH"}


@dataclass(frozen=True, eq=False)
class Terms:
    """What holds for visitors of one region: the regime, and which services are exempt, each with its ground in words.

    Compared by identity; `Regions` makes one for all regions in which the same holds.
    """

    regime: Regime = Regime.OPT_IN
    exempt: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def lets_silence_allow(self) -> bool:
        """Whether anything is allowed before a visitor has answered."""
        return self.regime is not Regime.OPT_IN or bool(self.exempt)

    @property
    def text(self) -> str:
        """The terms as a text, for digests; empty where everything optional needs a grant."""
        return f" {self.regime} {sorted(self.exempt.items())}" if self.lets_silence_allow else ""


#: Everything optional needs a grant.
STRICT = Terms()


@lru_cache(maxsize=512)
def region_of(*values: str | None) -> str | None:
    """Return the region that headers name: an ISO 3166-1 code, or one of 3166-2; None for all else.

    A subdivision that is missing leaves the country. Two values in one header are none.
    """
    parts = [(value or "").strip(" \t").upper() for value in values]
    if any(len(part) > _LONGEST_CODE for part in parts):
        return None
    joined = "-".join(parts).removesuffix("-")
    return joined if _CODE.fullmatch(joined) else None


def regime_of(region: str | None, regimes: Mapping[str, str]) -> Regime:
    """Return the regime of a region: that of its most specific code; opt-in where there is none.

    Where all that is known is a country, the strictest of its subdivisions counts. For `PROTECTED` regions the answer
    is opt-in, whatever the mapping says.
    """
    country, _, part = (region or "").partition("-")
    if region is None or country in PROTECTED:
        return Regime.OPT_IN
    named = regimes.get(region) or regimes.get(country) or Regime.OPT_IN
    others = () if part else (other for code, other in regimes.items() if code.startswith(country + "-"))
    return min((Regime(each) for each in (named, *others)), key=_STRICTNESS.index)


def grounds_in(region: str | None, exempt: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return which services are exempt in a region, each with its ground; that of the most specific code counts."""
    codes = [EVERYWHERE] if region is None else [region, region.partition("-")[0], EVERYWHERE]
    found = {service: next((where[code] for code in codes if code in where), None) for service, where in exempt.items()}
    return {service: ground for service, ground in found.items() if ground is not None}


@dataclass(frozen=True)
class Regions:
    """The terms of every region, worked out once from what a site says of them."""

    regimes: Mapping[str, str] = field(default_factory=dict)
    exempt: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def terms_of(self, region: str | None) -> Terms:
        """Return the terms of a region, those of anywhere where it is unknown."""
        if region is None:
            return self.anywhere
        country, _, part = region.partition("-")
        return self._by_code.get(region) or self._by_code.get(country + "-" if part else country) or self.anywhere

    @cached_property
    def anywhere(self) -> Terms:
        """The terms of a region that is unknown, or of which nothing is said."""
        return self._by_code[""]

    @cached_property
    def all_terms(self) -> tuple[Terms, ...]:
        """Every terms that some visitor may have, those of anywhere first."""
        return tuple(dict.fromkeys(self._by_code.values()))

    @cached_property
    def _by_code(self) -> Mapping[str, Terms]:
        made: dict[tuple[Any, ...], Terms] = {(Regime.OPT_IN,): STRICT}

        def terms(region: str | None) -> Terms:
            regime, exempt = regime_of(region, self.regimes), grounds_in(region, self.exempt)
            key = (regime, *exempt.items())
            return made.setdefault(key, Terms(regime, MappingProxyType(exempt)))

        codes = {*self.regimes, *(code for where in self.exempt.values() for code in where)} - {EVERYWHERE}
        countries = {code.partition("-")[0] for code in codes}
        # A subdivision that is not named has what holds for its country.
        rest = {f"{country}-": terms(f"{country}-?") for country in sorted(countries)}
        return {"": terms(None), **rest, **{code: terms(code) for code in sorted(codes | countries)}}

    def named(self, regime: Regime) -> tuple[str, ...]:
        """Return the codes for which a site names a regime, in order."""
        return tuple(sorted(code for code in self.regimes if regime_of(code, {code: self.regimes[code]}) is regime))


# -- what settings may say ---------------------------------------------------------------------------------------------


def are_region_headers(value: Any) -> bool:
    """Tell whether a value is the name of a header, or of two; `_` in one would be read as `-` by some servers."""
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or len(names) > 2:
        return False
    return all(isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9-]{1,60}", name) for name in names)


def header_names(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return the names of headers for themselves, or for a single one."""
    return (value,) if isinstance(value, str) else tuple(value)


def are_regimes(value: Any) -> bool:
    """Tell whether a value maps codes of regions to the words of regimes."""
    words = [regime.value for regime in Regime]  # a list takes values that cannot be hashed
    return isinstance(value, Mapping) and all(is_region(code) and word in words for code, word in value.items())


def frozen(value: Any) -> Any:
    """Return a read-only copy of a mapping, and of those in it; anything else is itself."""
    return MappingProxyType({key: frozen(each) for key, each in value.items()}) if isinstance(value, Mapping) else value


def are_exemptions(value: Any) -> bool:
    """Tell whether a value maps ids of services to codes of regions, or a star, with a ground in words each."""
    return isinstance(value, Mapping) and all(
        isinstance(service, str) and isinstance(where, Mapping) and bool(where) and all(map(_is_ground, where.items()))
        for service, where in value.items()
    )


def _is_ground(item: tuple[Any, Any]) -> bool:
    code, ground = item
    is_said = isinstance(ground, str) and bool(ground.strip()) and len(ground) <= 300
    return (code == EVERYWHERE or is_region(code)) and is_said


def is_region(value: Any) -> bool:
    """Tell whether a value is written as a code of ISO 3166-1 (alpha-2) or 3166-2."""
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def mistakes_in(
    headers: Collection[str],
    named: Mapping[str, str] | None,
    exemptions: Mapping[str, Mapping[str, str]] | None,
    refusal_days: int,
) -> Iterator[str]:
    """Yield what is wrong with settings that are well formed each by itself, in the words of error messages."""
    regimes, exempt = named or {}, exemptions or {}
    wrong = sorted(code for code, word in regimes.items() if regime_of(code, {code: word}) != word)
    if wrong:
        yield (
            f"REGIMES: found {', '.join(f'{code!r}: {str(regimes[code])!r}' for code in wrong)}, wanted 'opt-in' or "
            "nothing: the law there asks for consent; an exemption for a service goes into COOKIECONSENT_EXEMPT"
        )
    codes = {code for where in exempt.values() for code in where} - {EVERYWHERE}
    for name, found in (("REGIMES", regimes), ("EXEMPT", codes)):
        if found and not headers:
            yield (
                f"{name}: found regions, and no COOKIECONSENT_REGION_HEADERS that say where a visitor is; wanted the "
                "name of a header which your proxy sets and overwrites, such as 'CF-IPCountry'"
            )
    if refusal_days < LEAST_OPT_OUT_DAYS and any(word != Regime.OPT_IN for word in regimes.values()):
        yield (
            f"REFUSAL_VALIDITY: found {refusal_days} days, wanted at least {LEAST_OPT_OUT_DAYS} where a regime is "
            "'opt-out' or 'notice': what was refused would be on again after it"
        )
