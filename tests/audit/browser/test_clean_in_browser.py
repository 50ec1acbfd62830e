"""The audit in a browser of sites that declare the truth: there is nothing to find."""

from __future__ import annotations

import pytest

from flask_cookieconsent.audit.browser.browse import browse
from flask_cookieconsent.audit.findings import merged
from flask_cookieconsent.audit.visitors import visitors_of
from flask_cookieconsent.audit.walking.walk import Wishes, walk
from flask_cookieconsent.state import get_state
from tests.audit.test_clean_sites import SITES, told
from tests.browser.harness import find_browser, missing

pytestmark = [pytest.mark.browser, pytest.mark.flaky(reruns=1)]


def browsed(name: str, folder: str) -> list[str]:
    """Return what a browser finds on a site for somebody who accepts everything, and then takes it back."""
    if find_browser() is None:
        missing("chromium")
    make, sign_in, paths = SITES[name]
    app, wishes = make(folder), Wishes(sign_in=sign_in, paths=paths)
    accepting = [each for each in visitors_of(get_state(app).registry) if each.name == "accepting"]
    walked = walk(app, accepting, wishes)
    return told(tuple(merged(browse(walked, wishes)[0])))


@pytest.mark.parametrize("name", ["shop", "demo"])
def test_site_that_tells_the_truth_has_nothing_to_find(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An alarm that is false costs the trust in those that are not."""
    assert browsed(name, str(tmp_path_factory.mktemp("instance"))) == []
