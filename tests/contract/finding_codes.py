"""Every code of a finding that the product's source can produce, read from its syntax."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from stagegate.subjects.hubs.curate import Remark

ENUMS = {"remark.value": Remark}
"""Codes that are a member's value: how the call spells it, and whose."""
_MAKERS = frozenset({"Finding", "blocked", "warned"})
_CODE = re.compile(r"(?:[A-Z][a-z]+){2,}")


def codes_in(sources: Path) -> set[str]:
    """Return the codes of all modules below a folder. Raises AssertionError for a code that it can't follow."""
    return {code for path in sorted(sources.rglob("*.py")) for code in _codes(path)}


def _codes(path: Path) -> Iterator[str]:
    """Yield the codes that a module names where it makes findings, or in what it takes them from."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    handed_on = dict(_wrappers(tree))
    for call in _calls(tree, _MAKERS | handed_on.keys()):
        code = _code_of(call)
        if isinstance(code, ast.Constant):
            yield str(code.value)
        elif ast.unparse(code) in ENUMS:
            yield from (member.value for member in ENUMS[ast.unparse(code)])
        elif not any(code is own for own in handed_on.values()):
            assert isinstance(code, ast.Name), f"{path}:{call.lineno}: where does {ast.unparse(code)} come from?"
            yield from _constants(tree)


def _wrappers(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield each function that makes a finding with its own first parameter as code, and that code."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.args.args:
            for call in _calls(function, _MAKERS):
                code = _code_of(call)
                if isinstance(code, ast.Name) and code.id == function.args.args[0].arg:
                    yield function.name, code


def _calls(tree: ast.AST, names: frozenset[str] | set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def _code_of(call: ast.Call) -> ast.expr:
    return call.args[0] if call.args else next(word.value for word in call.keywords if word.arg == "code")


def _constants(tree: ast.AST) -> Iterator[str]:
    """Yield what looks like a code among a module's texts: several words, each with its capital."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
            yield node.value
