"""The codes of problems, as the source of the program has them: found by its syntax."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.conftest import ROOT

_CODE = re.compile(r"[a-z]+(?:-[a-z0-9]+)*")
_PLACES = {
    "Problem": (1,),
    "Fault": (1, 0),
    "FileFaultError": (1,),
    "NoRowError": (0,),
    "_find": (1,),
    "fault": (1,),
    "_fault": (1,),
    "bad": (0,),
}
"""Which argument of a call is a code: the first of these that has the form of one."""
_KINDS = ("incident", "source", "tally", "batch")
"""What may be unknown: `Outcome.not_found` puts the kind into its code."""


@cache
def codes() -> dict[str, list[str]]:
    """Every code with the places (`ledger/…:LINE`) that give it."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "ledger").rglob("*.py")):
        for line, code in _in_module(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(code, []).append(f"{path.relative_to(ROOT)}:{line}")
    return found


def _in_module(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        match node:
            case ast.Call(args=args):
                yield from _in_call(node)
                for one in args:
                    yield from _told(one)
            case ast.Return(value=ast.expr() as value) | ast.Yield(value=ast.expr() as value):
                yield from _told(value)
            case ast.Assign(targets=[ast.Name(id="code")], value=value):
                yield from _texts(value)
            case ast.Assign(targets=[ast.Name(id="_FAULTS")], value=ast.Dict(keys=keys)):
                for key in keys:
                    yield from _texts(key) if key else ()
            case ast.FunctionDef(name=name) if name in {"text_faults", "_range_fault"}:
                yield from (one for one in _texts(node) if "-" in one[1])


def _in_call(node: ast.Call) -> Iterator[tuple[int, str]]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    for place in _PLACES.get(name, ()):
        found = list(_given(node.args[place])) if place < len(node.args) else []
        yield from found
        if found:
            return


def _given(code: ast.expr) -> Iterator[tuple[int, str]]:
    """The codes that an argument may be; a name stands for what is collected elsewhere."""
    if isinstance(code, ast.JoinedStr):
        yield from ((code.lineno, f"unknown-{kind}") for kind in _KINDS)
    elif isinstance(code, ast.Constant | ast.IfExp):
        yield from _texts(code)


def _told(node: ast.expr) -> Iterator[tuple[int, str]]:
    """The code of a tuple of code, message and hint."""
    match node:
        case ast.Tuple(elts=[_, ast.Constant(value=str(message)), _]) if " " not in message:
            return
        case ast.Tuple(elts=[ast.Constant() as code, _, _]):
            yield from _texts(code)


def _texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts within a piece of source that may be codes."""
    for one in ast.walk(node):
        match one:
            case ast.Constant(value=str(text)) if _CODE.fullmatch(text):
                yield one.lineno, text
