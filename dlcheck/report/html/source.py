"""Source code as the page shows it: an experiment without its claim, a module without its experiments."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from dlcheck.api import Claim
from dlcheck.engine.source import last_name
from dlcheck.report.markup import escaped

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def experiment(claim: Claim) -> str:
    """The function, without `@claim(...)`, whose words the page has already; "" where its file cannot be read."""
    file, first = claim.location
    lines, found = _experiments(file)
    return "\n".join(_without_claim(lines, found[first])) if first in found else ""


def shared(claim: Claim) -> str:
    """What else is in the experiment's module: constants and helpers of it and of its neighbours."""
    lines, found = _experiments(claim.location[0])
    taken = {number for node in found.values() for number in range(_first(node), (node.end_lineno or 0) + 1)}
    left = "\n".join(line for number, line in enumerate(lines, 1) if number not in taken)
    while "\n\n\n\n" in left:
        left = left.replace("\n\n\n\n", "\n\n\n")
    return left.strip("\n")


def file_text(path: str) -> str:
    """ "" where it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8").strip("\n")
    except (OSError, UnicodeDecodeError):
        return ""


def block(source: str) -> str:
    """As HTML; the page's script colours it when it is looked at."""
    return f"<pre>{escaped(source, quote=False)}</pre>"


@cache
def _experiments(file: str) -> tuple[list[str], dict[int, Definition]]:
    """The lines of a file, and its claims by the number of their first line."""
    source = file_text(file)
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        body = []
    claims = [node for node in body if isinstance(node, Definition) and any(map(_is_claim, node.decorator_list))]
    return source.split("\n"), {_first(node): node for node in claims}


def _first(node: Definition) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _is_claim(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and last_name(decorator.func) == "claim"


def _without_claim(lines: list[str], node: Definition) -> list[str]:
    claims = [decorator for decorator in node.decorator_list if _is_claim(decorator)]
    taken = {number for d in claims for number in range(d.lineno, (d.end_lineno or d.lineno) + 1)}
    return [lines[n - 1] for n in range(_first(node), (node.end_lineno or 0) + 1) if n not in taken]
