"""The boundaries between the rooms, as import-linter reads them from setup.cfg, and their mirror in the tests."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "flask_cookieconsent"
pytestmark = pytest.mark.skipif(not (ROOT / "setup.cfg").exists(), reason="the contracts are in the checkout")

CHECK = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of the package in a folder."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", CHECK], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_imports_keep_the_contracts() -> None:
    """Lower modules import no higher ones, the core knows no web and no database, pages never touch the log."""
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout


#: For each contract the modules and lines that break it.
BAD_IMPORTS = {
    "Data flows one way through the rooms": [("choice/step", "import flask_cookieconsent.pages.loaders")],
    "The core knows nothing of the web or the database": [("core/consent", "import werkzeug")],
    "Pages may ask the log's interface, never its tables": [
        ("pages/preferences", "import flask_cookieconsent.log.database"),
        ("pages/report", "import flask_cookieconsent.log.limits"),
    ],
    "An app without a database needs no SQLAlchemy": [
        ("log/limits", "import sqlalchemy"),
        ("log/interface", "import flask_cookieconsent.log.rows"),
    ],
    "Nothing inside knows a vendor": [
        ("embeds/lookup", "import flask_cookieconsent.catalogue"),
        ("cli/log", "import flask_cookieconsent.catalogue.kit.declaration"),
        ("audit/judges/hosts", "import flask_cookieconsent.catalogue.moving.known"),
    ],
    "Inside the core each step stands on the ones below": [
        ("core/registry", "import flask_cookieconsent.core.decision")
    ],
    "Inside the audit each step stands on the ones below": [
        ("audit/walking/page", "import flask_cookieconsent.audit.judges.hosts")
    ],
}


def contracts() -> set[str]:
    """Return the names of all contracts."""
    lines = (ROOT / "setup.cfg").read_text("utf-8").partition("[importlinter:")[2].splitlines()
    return {line.partition("= ")[2] for line in lines if line.startswith("name = ")}


def test_each_contract_has_a_bad_import() -> None:
    assert set(BAD_IMPORTS) == contracts()


@pytest.mark.parametrize(
    ("contract", "module", "line"), [(name, *bad) for name, imports in BAD_IMPORTS.items() for bad in imports]
)
def test_bad_import_breaks_its_contract(tmp_path: Path, contract: str, module: str, line: str) -> None:
    """The bad twins: one import the wrong way, and that very contract is broken."""
    for path in PACKAGE.rglob("*.py"):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "setup.cfg").write_text((ROOT / "setup.cfg").read_text("utf-8"), "utf-8")
    changed = tmp_path / "flask_cookieconsent" / f"{module}.py"
    changed.write_text(changed.read_text("utf-8") + f"\n{line}\n", "utf-8")

    assert f"{contract} BROKEN" in lint(tmp_path).stdout


def test_modules_stay_small() -> None:
    """A module holds one idea: about 250 lines, and none is called utils."""
    for path in PACKAGE.rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 300, path.name
        assert path.stem != "utils"


def test_package_has_few_doors() -> None:
    """Whoever opens the package sees at most 18 names: its rooms, and the modules that belong to all of them."""
    names = {path.stem for path in PACKAGE.glob("*.py")} | {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

    assert len(names - {"__init__"}) <= 18, sorted(names)


#: Modules without a test file of their name, each with the reason.
TESTED_ELSEWHERE = {
    "audit/walking/answers": "frozen values, made and read in audit/test_walk",
    "audit/browser/device": "a profile of a real browser, tested in audit/browser/test_tour",
    "audit/browser/pieces": "tested with real pieces in audit/browser/test_browse",
    "audit/browser/notes": "what a real browser tells, tested in audit/browser/test_browse and test_tour",
    "audit/browser/seen": "frozen values, made and read in audit/browser/test_storage",
    "audit/proposals/clues": "what a walk shows of a finding, tested in audit/test_proposals",
    "audit/evidence/vocabulary": "names alone, tested in audit/evidence/test_processes",
    "audit/judges/pieces": "what a page lacks, tested in audit/test_check and audit/test_layout",
    "audit/proposals/in_templates": "the lines of templates, tested in audit/proposals/test_remedies",
    "audit/proposals/undeclared": "drafts of what nobody knows, tested in audit/test_proposals",
    "choice/people_hooks": "what a site registers, tested in choice/test_people",
    "choice/return_address": "the page that a press leads back to, tested in test_response and pages/test_preferences",
    "cli/catalogue": "commands, tested in catalogue/test_commands",
    "cli/group": "what the commands share, tested in test_cli",
    "cli/log": "commands, tested in test_cli",
    "cli/site": "commands, tested in test_cli and audit/test_check",
    "core/kinds": "names alone, tested in test_services and by whatever uses them",
    "core/own_service": "a declaration, tested in test_compatibility, test_cookies and pages/test_policy",
    "core/signing": "signatures, tested in test_consent, test_kept_choice, log/test_events and choice/test_codes",
    "embeds/segments": "the parts of stored content, tested in test_stored",
    "errors": "classes alone, raised in the tests of what raises them",
    "log/export": "a command, tested in test_database",
    "log/files": "files of the spool, tested in test_spool",
    "log/insertion": "how a row is written, tested in test_recorder",
    "log/lock_wait": "a lock of SQLite, tested in test_recorder",
    "log/opening": "picks the log of an app, tested in test_interface and test_layout",
    "log/rows": "the statements of a log, tested in test_database and test_databases",
    "log/samples": "invented events, tested in test_events",
    "log/sealed": "the newest seal, tested in test_seals",
    "log/statistics": "tested through its page in pages/test_report",
    "log/verified": "outcomes of verifications, tested in test_verification",
    "log/violations": "tested through its endpoint in pages/test_violations",
    "settings/table": "the keys, tested in settings/test_reading",
    "state": "a frozen value, built and read in test_extension",
}


def is_tested(module: Path) -> bool:
    """Tell whether a module has a test file of its name in the folder that mirrors its room."""
    return (ROOT / "tests" / module.parent / f"test_{module.stem}.py").exists()


def modules() -> list[Path]:
    """Return the modules of the package; vendors are all held to the contracts in tests/catalogue."""
    paths = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.stem != "__init__"]
    return sorted(path for path in paths if path.parts[0] != "catalogue")


def test_tests_mirror_the_modules() -> None:
    """A stranger who changes a module finds its tests under the same name in the same room."""
    without = {module.with_suffix("").as_posix() for module in modules() if not is_tested(module)}

    assert without == set(TESTED_ELSEWHERE)


def test_module_without_tests_is_found() -> None:
    """The bad twin: a module that has no test file is seen."""
    assert not is_tested(Path("core/surprise.py"))
    assert is_tested(Path("core/consent.py"))


def helpers(path: Path) -> set[str]:
    """Return the functions of a module of tests that are no tests."""
    nodes = ast.parse(path.read_text("utf-8")).body
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_")}


def test_kit_has_one_way_to_do_a_thing() -> None:
    """Two helpers of one name in the kit are two kits."""
    names = [name for path in (ROOT / "tests" / "kit").glob("*.py") for name in helpers(path) - {"main"}]

    assert sorted(names) == sorted(set(names))


#: Where header text is read; browsers strip spaces and tabs from it, and Python twenty characters more.
READS_HEADERS = ("http", "choice", "core/csp.py", "core/choices_cookie.py", "core/decision.py")


def bare_strips(source: str) -> list[str]:
    """Return the calls of a module that strip or split by every character which is a space to Python."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and not node.args)
    names = ("strip", "lstrip", "rstrip", "split")
    return [ast.unparse(call) for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in names]


def test_header_text_is_read_by_one_grammar() -> None:
    """D1: RFC 9110, section 5.6.3, has two characters of whitespace; a name that is read otherwise is another one."""
    paths = [PACKAGE / each for each in READS_HEADERS]
    modules = [module for path in paths for module in ([path] if path.suffix else sorted(path.rglob("*.py")))]

    assert len(modules) > 10
    assert {path.name: found for path in modules if (found := bare_strips(path.read_text("utf-8")))} == {}


def test_bare_strip_is_found() -> None:
    """The bad twin: what read a sibling host's cookie as ours."""
    assert bare_strips("name = part.strip()\nwords = csp.split()\nfine = part.strip(OWS)\n") == [
        "part.strip()",
        "csp.split()",
    ]
