"""The pages of the repository as data: Markdown files, their Python blocks, tables and links."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = [README, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted(DOCS.glob("*.md"))]

needs_pages = pytest.mark.skipif(not DOCS.exists(), reason="the pages are in the checkout")


def unlike(documented: Collection[str], public: Collection[str]) -> set[str]:
    """Return the names that only the pages or only the code have."""
    return set(documented) ^ set(public)


def blocks(path: Path, language: str = "python") -> list[str]:
    """Return the code of a page in one language, in its order."""
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def rows(path: Path, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its head."""
    section = path.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert lines is not None, f"{path.name}: no table below {heading!r}"
    return [cells(line) for line in lines[0].splitlines()[2:]]


def cells(line: str) -> list[str]:
    """Return the cells of one line of a table."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def first_names(path: Path, heading: str) -> set[str]:
    """Return the first name in code of each row of a table: of `a(b)` that is a, of `x.y(z)` it is x.y."""
    return {re.match(r"`([\w.-]+)", row[0])[1] for row in rows(path, heading)}  # type: ignore[index]


def broken_links(path: Path, text: str) -> list[str]:
    """Return the relative links of a page that lead nowhere: to no file, or to no heading of one."""
    links = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    return [link for link in links if not re.match(r"[a-z]+:", link) and not _leads_somewhere(path, link)]


def _leads_somewhere(path: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = path.parent / name if name else path
    return target.exists() and (not anchor or anchor in _anchors(target.read_text(encoding="utf-8")))


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    made = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)">', text))
