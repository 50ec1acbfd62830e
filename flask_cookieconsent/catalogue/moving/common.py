"""Hosts that many sites contact and that need no consent, or less of it, once a site does the same by itself."""

from __future__ import annotations

from collections.abc import Mapping

#: Hosts that serve the files of everybody, and so name nobody.
SHARED = frozenset(
    (
        *("cdn.jsdelivr.net", "unpkg.com", "cdnjs.cloudflare.com", "esm.sh", "ajax.googleapis.com", "code.jquery.com"),
        *("maxcdn.bootstrapcdn.com", "stackpath.bootstrapcdn.com", "netdna.bootstrapcdn.com", "ajax.aspnetcdn.com"),
        *("cdn.skypack.dev", "ga.jspm.io", "cdn.tailwindcss.com", "cdn.datatables.net", "cdn.plot.ly", "d3js.org"),
        *("cdn.socket.io", "rsms.me", "raw.githubusercontent.com", "gitcdn.xyz", "cdn.rawgit.com"),
    )
)

_PICTURES = "fetch each picture once on your server and answer with it from a route of your own"
_TYPEFACES = "Or keep the typefaces in static/, with an @font-face in your style sheet: then nobody has to be asked"
_BADGES = "Or keep a copy of the picture in static/: then nobody has to be asked"
_ADVICE: Mapping[str, str] = {
    **dict.fromkeys(("gravatar.com", "www.gravatar.com", "secure.gravatar.com", "s.gravatar.com"), f"Or {_PICTURES}"),
    **dict.fromkeys(("fonts.googleapis.com", "fonts.gstatic.com", "fonts.bunny.net", "use.typekit.net"), _TYPEFACES),
    **dict.fromkeys(("img.shields.io", "badge.fury.io", "badges.gitter.im", "travis-ci.org"), _BADGES),
    **dict.fromkeys(("use.fontawesome.com", "kit.fontawesome.com", "ka-f.fontawesome.com"), _TYPEFACES),
}


def is_shared(host: str) -> bool:
    """Tell whether a host serves files of everybody, which a site can serve itself."""
    return host in SHARED


def advice(host: str) -> str:
    """Return what an owner can do in the place of asking about a host, or an empty text."""
    return _ADVICE.get(host, "")
