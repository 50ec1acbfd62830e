"""Rules for the tests themselves: none of them can end, or take another way, before it has asserted anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
EXPECTATIONS = ("pytest.raises(", "pytest.warns(")


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs as part of a function or statement, without the functions and classes that it defines."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            yield child
            yield from statements(child)


def asserts(node: ast.AST) -> bool:
    """Tell whether a statement is an assertion, `pytest.raises` and `pytest.warns` included."""
    contexts = [ast.unparse(item.context_expr) for item in node.items] if isinstance(node, ast.With) else []
    return isinstance(node, ast.Assert) or any(
        each.startswith(("pytest.raises(", "pytest.warns(")) for each in contexts
    )


def skips(branch: ast.If) -> bool:
    """Tell whether all that a branch does is to skip the test, which its report shows."""
    return not branch.orelse and [ast.unparse(each)[:12] for each in branch.body] == ["pytest.skip("]


def functions_of(source: str) -> list[ast.FunctionDef]:
    """Return the test functions of a module."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [node for node in functions if node.name.startswith("test_")]


def called_tests(source: str) -> list[str]:
    """Return the tests that call another test, and that call."""
    calls = [(test, node) for test in functions_of(source) for node in statements(test) if isinstance(node, ast.Call)]
    return [f"{test.name}: {text}" for test, node in calls if (text := ast.unparse(node)).startswith("test_")]


def early_exits(source: str) -> list[str]:
    """Return the tests of a module that may pass without having asserted anything, and by which line."""
    exits = []
    for test in functions_of(source):
        inside = list(statements(test))
        first = min((node.lineno for node in inside if asserts(node)), default=test.end_lineno)
        for node in inside:
            leaves = isinstance(node, (ast.Return, ast.Continue, ast.Break))
            branches = isinstance(node, ast.If) and not skips(node)
            if leaves or (branches and (node.lineno < first or any(map(asserts, statements(node))))):
                exits.append(f"{test.name}: {ast.unparse(node).splitlines()[0]}")
    return exits


def test_no_test_can_pass_before_it_asserts() -> None:
    """A test that returns or branches first may report a success that checked nothing."""
    for path in sorted(TESTS.rglob("test_*.py")):
        exits = early_exits(path.read_text(encoding="utf-8"))
        assert exits == [], path


def test_no_test_calls_another() -> None:
    """A bad twin asks the check, not a test, or it passes for any other mistake of that test."""
    for path in sorted(TESTS.rglob("test_*.py")):
        calls = called_tests(path.read_text(encoding="utf-8"))
        assert calls == [], path


def test_called_test_is_found() -> None:
    """The bad twin: a test inside another is named."""
    source = "def test_it():\n    with pytest.raises(AssertionError):\n        test_that(x)\n"

    assert called_tests(source) == ["test_it: test_that(x)"]


@pytest.mark.parametrize(
    ("lines", "exit"),
    [
        (["if x:", "    return", "assert x"], "if x:"),
        (["for y in x:", "    if y:", "        continue", "    assert y"], "continue"),
        (["if x:", "    assert x", "else:", "    assert y"], "if x:"),
        (["assert x", "if y:", "    assert z"], "if y:"),
        (["assert x", "return"], "return"),
        (["if x:", "    pytest.skip('')", "else:", "    assert x"], "if x:"),
        (["if x:", "    with pytest.raises(OSError):", "        f()"], "if x:"),
    ],
)
def test_early_exit_is_found(lines: list[str], exit: str) -> None:
    """The bad twins: a test that leaves, or asserts in one branch alone, is named with the line."""
    assert f"test_it: {exit}" in early_exits("def test_it():\n" + "".join(f"    {line}\n" for line in lines))


@pytest.mark.parametrize(
    "lines",
    [
        ["assert x"],
        ["if not x:", "    pytest.skip('')", "assert x"],
        ["def f():", "    return 1", "assert f()"],
        ["for y in x:", "    assert y"],
        ["with pytest.raises(OSError):", "    f()", "if x:", "    g()"],
    ],
)
def test_straight_tests_are_left_alone(lines: list[str]) -> None:
    assert early_exits("def test_it():\n" + "".join(f"    {line}\n" for line in lines)) == []
