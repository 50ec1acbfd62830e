"""The list of known trackers names its sources, and says each thing once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from flask_cookieconsent.core.defaults import NECESSARY_PURPOSES
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.trackers import TRACKERS
from flask_cookieconsent.errors import RegistryError
from tests.kit.samples import SAMPLES


def test_each_vendor_has_a_source() -> None:
    """C5: nobody is called a tracker without a document that says so."""
    assert [
        tracker.vendor for tracker in TRACKERS if not tracker.source or not (tracker.names or tracker.domains)
    ] == []
    assert [tracker.vendor for tracker in TRACKERS if tracker.common and not (tracker.sites or tracker.domains)] == []


def test_nothing_is_said_twice() -> None:
    for part in ("names", "domains", "common", "vendor"):
        said = Counter(
            each for tracker in TRACKERS for each in ([tracker.vendor] if part == "vendor" else getattr(tracker, part))
        )
        assert [each for each, count in said.items() if count > 1] == [], part


def test_domains_are_domains() -> None:
    domains = [each for tracker in TRACKERS for each in tracker.domains + tracker.sites]

    assert [each for each in domains if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", each)] == []


def test_names_are_no_ordinary_words() -> None:
    """What counts everywhere cannot be taken for a name of the site's own: it is long enough, or begins with _."""
    names = [each for tracker in TRACKERS for each in tracker.names]

    assert [each for each in names if len(each.rstrip("*")) < 4 and not each.startswith("_")] == []


def trackers_called_necessary() -> dict[str, bool]:
    """Return the services of the catalogue that measure or advertise by script, and whether the list knows them.

    Each is declared as its owner would who calls it necessary for security.
    """
    known = {}
    for sample in SAMPLES:
        service = sample.service
        if service.tag is None or service.purpose in NECESSARY_PURPOSES or not service.cookies:
            continue
        try:
            build([replace(service, category="necessary", categories=(), purpose="security", justification="x")])
        except RegistryError as error:
            known[service.id] = any("track" in mistake for mistake in error.mistakes)
        else:
            known[service.id] = False
    return known


def test_trackers_of_the_catalogue_are_known() -> None:
    """C5: whoever declares one of them as necessary, for security, is found out by its cookies or hosts."""
    found = trackers_called_necessary()

    assert {"google_analytics", "google_ads", "meta_pixel", "linkedin_insight", "matomo", "hotjar"} <= found.keys()
    strangers = {id for id, is_known in found.items() if not is_known}
    assert strangers == {"crisp", "intercom", "fathom", "plausible", "umami"}, "these keep nothing by a known name"
