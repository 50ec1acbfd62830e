"""Pages with the code of vendors in them, as sites have before they ask, and the sites that paste what is proposed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_cookieconsent import Frame, Service, catalogue
from flask_cookieconsent.catalogue.moving.known import examples

from .facts import DATA
from .samples import Sample

#: The snippets of those whose script a loader of ours puts together.
SNIPPETS: Mapping[str, str] = {
    "google_analytics": '<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC123"></script>'
    "<script>window.dataLayer = window.dataLayer || []; function gtag(){dataLayer.push(arguments);}"
    "gtag('js', new Date()); gtag('config', 'G-ABC123');</script>",
    "google_ads": '<script async src="https://www.googletagmanager.com/gtag/js?id=AW-123456789"></script>'
    "<script>window.dataLayer = window.dataLayer || []; function gtag(){dataLayer.push(arguments);}"
    "gtag('config', 'AW-123456789');</script>",
    "google_tag_manager": '<script async src="https://www.googletagmanager.com/gtm.js?id=GTM-ABC123"></script>',
}


def planted(sample: Sample) -> str:
    """Return what a page has of a service: its snippet or script, and its frame."""
    service = sample.service
    found = [SNIPPETS[service.id]] if service.id in SNIPPETS else []
    content = service.parse(sample.embed) if service.parse and sample.embed is not None else None
    if isinstance(content, Frame):
        found.append(f'<iframe src="{content.src}" title="It"></iframe>')
    tags = [service.tag, None if content is None or isinstance(content, Frame) else content.tag]
    found += [f'<script src="{tag.src}"></script>' for tag in tags if tag and tag.src.startswith("https://")]
    return "".join(found)


def cookies_of(sample: Sample) -> list[str]:
    """Return the cookies that a service keeps for the site, each under a name that a browser would show."""
    ours = [each for each in sample.service.cookies if each.is_first_party and each.storage == "cookie"]
    return [each.name.replace("*", "Ab12cd34") for each in ours]


def python(lines: Iterable[str]) -> str:
    """Return those lines of remedies that are of Python, without those of templates."""
    return "\n".join(line for line in lines if not line.startswith(("{{", "{%", "<")))


def pasted(code: str) -> tuple[list[Service], dict[str, Any]]:
    """Return the services and the settings that lines make when an owner pastes them."""
    names: dict[str, Any] = {}
    services: list[Service] = []
    for statement in ast.parse(code).body:
        text = ast.unparse(statement)
        if isinstance(statement, ast.Expr):
            services += eval(text, names)
        else:
            exec(text, names)
    return services, {name: value for name, value in names.items() if name.startswith("COOKIECONSENT_")}


def filled_in(code: str) -> str:
    """Return lines with each gap filled in: those of a call of the catalogue by its examples."""
    for id in re.findall(r"^from flask_cookieconsent\.catalogue import (\w+)$", code, re.M):
        given, rules = examples(DATA[id]), DATA[id].get("parameters", {})
        needed = iter([name for name, rule in rules.items() if not rule.get("keyword", "default" in rule)])
        line = re.search(rf"^{id}\(.*\)(?=,)", code, re.M)
        assert line is not None
        made = ast.parse(line[0], mode="eval").body
        assert isinstance(made, ast.Call)
        values = {next(needed): ast.literal_eval(each) for each in made.args}
        values |= {str(each.arg): ast.literal_eval(each.value) for each in made.keywords}
        values = {
            name: given.get(name, rules[name].get("example")) if value == "?" else value
            for name, value in values.items()
        }
        code = code.replace(line[0], f"{id}({', '.join(f'{name}={value!r}' for name, value in values.items())})")
    for name, value in (("country", "BE"), ("privacy_policy", "https://vendor.example/privacy")):
        code = code.replace(f'{name}="?"', f'{name}="{value}"')
    code = re.sub(r'^    purpose="\?"', '    purpose="advertising"', code, flags=re.M)
    return code.replace('"?"', '"It counts."')


def mended(template: str, remedies: Iterable[Iterable[str]]) -> str:
    """Return a template after what remedies say of its elements: taken out, or replaced by the line that follows."""
    for lines in map(list, remedies):
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if match := re.fullmatch(r"# In \S+, (delete|instead of|around) (?:the )?(<[^>]+>).*", line):
                element = re.escape(match[2]) + ("(.*?)</(?:script|iframe)>" if "<link" not in match[2] else "")
                element = re.escape(match[2]) if "<img" in match[2] else element
                put = "" if match[1] == "delete" else following
                template = re.sub(element, lambda _, put=put: put, template, count=1)  # type: ignore[misc]
    return template


def named_in(lines: Iterable[str]) -> list[str]:
    """Return the services of the catalogue that a remedy names, likeliest first."""
    code = re.sub(r"# In .*", "", "\n".join(lines))
    found = re.findall(r"(?:^|# |: )([a-z_0-9]+)\(", code, re.M)
    return [each for each in dict.fromkeys(found) if each in catalogue.__all__]
