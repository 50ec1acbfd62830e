"""What pages contact: hosts before they are allowed, hosts that nobody declares, content past our helper."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.walking.domains import is_everybodys
from flask_cookieconsent.audit.walking.loading import in_headers
from flask_cookieconsent.audit.walking.page import Contact, in_script, in_style_sheet
from flask_cookieconsent.audit.walking.routes import bases_of
from flask_cookieconsent.audit.walking.walk import Answer, Walk
from flask_cookieconsent.core.trackers import tracker_at
from flask_cookieconsent.embeds.targets import host_of_source, is_below, read_target, without_port
from flask_cookieconsent.state import State

from .cookies import place

_FRAMES = ("frame-src", "object-src")
# Which declared directives a script may come under (CSP Level 3, "fallback lists").
_FOR_SCRIPTS = frozenset(("script-src", "script-src-elem", "default-src"))


def host_findings(walk: Walk) -> Iterator[Finding]:
    """Yield what is wrong with the hosts that each page, style sheet and script of the site contacts."""
    for answer in walk.answers:
        for contact in contacts_of(walk, answer):
            yield from judged(walk, answer, contact)


def contacts_of(walk: Walk, answer: Answer) -> Iterator[Contact]:
    """Yield what an answer makes a browser contact: by its headers, and by its HTML, CSS or script."""
    url = answer.address.base + answer.address.path
    if answer.is_page:
        yield from answer.page(walk.own).contacts
        for name, address, directive in in_headers(answer.headers):
            target = read_target(urljoin(url, address), walk.own)
            if target is not None and target.host:
                yield Contact(target.host, target.address, directive, f"{name} header")
    elif answer.mimetype == "text/css":
        yield from in_style_sheet(answer.body, url, walk.own)
    elif "javascript" in answer.mimetype:
        yield from in_script(answer.body, url, walk.own)


def judged(walk: Walk, answer: Answer, contact: Contact) -> Iterator[Finding]:
    """Yield what is wrong with one contact for the visitor of an answer."""
    ids = declared_at(walk.state, contact.host)
    # Statistics on a host of the site's own are asked about as any others.
    asked = ids & set(walk.state.registry.optional)
    if is_own(walk, contact.host) and not _declared_directives(walk.state, asked, contact.host):
        return
    necessary = ids - set(walk.state.registry.optional)
    allowed = necessary | (ids & (answer.visitor.allowed or frozenset()))
    where = (place(answer, contact.element),)
    named = ", ".join(sorted(ids))
    if contact.is_script:
        tracker = tracker_at(contact.host)
        if not allowed and (ids or tracker):
            whose = named or (tracker.vendor if tracker else "")
            says = f"has a script that loads from {contact.host} of {whose}, which no consent can stop"
            yield Finding("inline-loader", contact.host, says, where)
        elif not ids and contact.is_sure:
            says = f"has a script that contacts {contact.host}, which no service declares"
            yield Finding("undeclared-host", contact.host, says, where)
    elif not ids:
        says = f"contacts {contact.host}, which no service declares ({contact.directive})"
        yield Finding("undeclared-host", contact.host, says, where)
    elif allowed:
        # Visitors were asked for what it is declared for, and a script may do much more than a frame or a picture.
        directives = _declared_directives(walk.state, ids, contact.host)
        if contact.directive == "script-src" and directives and not directives & _FOR_SCRIPTS:
            for_what = ", ".join(sorted(directives))
            says = f"runs a script of {contact.host}, which {named} declares for {for_what} alone"
            remedy = f'hosts={{"script-src": ("https://{contact.host}",)}}  # in the declaration of {named}'
            yield Finding("undeclared-host", contact.host, says, where, (remedy,))
    elif contact.directive in _FRAMES and not contact.ours:
        says = f"has a frame of {contact.host} that {named} declares, and no placeholder stands before it"
        remedy = f'{{{{ cookieconsent.embed("{contact.url}", title="…") }}}}'
        yield Finding("embed-past-helper", contact.host, says, where, (remedy,))
    else:
        says = f"contacts {contact.host} of {named} before it is allowed ({contact.directive})"
        yield Finding("contact-before-choice", contact.host, says, where)


def is_own(walk: Walk, host: str) -> bool:
    """Tell whether a host is one of the site's: named in its configuration, or below what that names.

    Those are `SERVER_NAME`, `TRUSTED_HOSTS`, `COOKIECONSENT_TRUSTED_ORIGINS`, `COOKIECONSENT_COOKIE_DOMAIN`, and the
    sources in `COOKIECONSENT_CSP_SOURCES`.
    """
    settings, config = walk.state.settings, walk.app.config
    named = (source for each in (settings.csp_sources or {}).values() for source in each)
    sources = [source for source in named if not _is_vendor(walk.state, _host(source))]
    exact = {*walk.own, *(_host(source) for source in sources)}
    below = [str(config.get("SERVER_NAME") or ""), settings.cookie_domain or ""]
    below += [str(each) for each in config.get("TRUSTED_HOSTS") or () if str(each).startswith(".")]
    below += [_host(source) for source in sources if "*." in source]
    below = [each for each in below if not is_everybodys(each.strip("."))]
    name = _ascii(host)
    if tracker_at(name) is not None and name not in {urlsplit(base).hostname for base in bases_of(walk.app)}:
        return False
    return any(name == _ascii(each) for each in exact) or any(
        is_below(name, _ascii(each.lstrip("."))) for each in below if each.strip(".")
    )


def declared_at(state: State, host: str) -> frozenset[str]:
    """Return the ids of the declared services that a host belongs to, in any of its spellings."""
    return state.embeds.vendors(host) | state.embeds.vendors(_ascii(host))


def _declared_directives(state: State, ids: frozenset[str], host: str) -> frozenset[str]:
    """Return the directives for which services name a host; none where they know it by a cookie's domain alone."""
    name = _ascii(host)
    declared = (pair for id in ids for pair in state.registry.services[id].hosts.items())
    return frozenset(directive for directive, sources in declared if any(_covers(source, name) for source in sources))


def _covers(source: str, name: str) -> bool:
    known = _ascii(host_of_source(source))
    return bool(known) and (is_below(name, known) if "*." in source else name == known)


def _is_vendor(state: State, host: str) -> bool:
    """Tell whether a host is one that visitors are asked about, or a tracker: no policy makes it the site's own."""
    return bool(declared_at(state, host) & set(state.registry.optional)) or tracker_at(host) is not None


def _host(source: str) -> str:
    return host_of_source(source.partition("://")[2].partition("/")[0] or source.partition("/")[0])


def in_punycode(host: str) -> str:
    """Return a host as DNS and policies have it, in lower case and Punycode (RFC 3492), with its port if it has one."""
    name, colon, port = host.lower().partition(":")
    try:
        return (name if name.isascii() else name.encode("idna").decode()) + colon + port
    except UnicodeError:
        return host.lower()


def _ascii(host: str) -> str:
    return in_punycode(without_port(host))
