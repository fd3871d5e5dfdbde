"""Which source an experiment's numbers depend on, definition by definition.

From the experiment's function every name is followed to its definition, through the modules of plugins and of
dlcheck itself; only what is reached is hashed, as a syntax tree without docstrings. So an edited helper re-runs the
experiments that use it, and an edited comment, statement or margin re-runs none.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

EVERYTHING = "*"
CORE = (("dlcheck.api", "Run"), ("dlcheck.engine.worker", "measure"))
"""What every measurement goes through."""


@dataclass
class Source:
    """A module's top level: what its names stand for, and the statements that run whatever is used."""

    name: str
    is_package: bool = False
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)  # alias -> (module, attribute or "")
    always: list[ast.stmt] = field(default_factory=list)


def fingerprint(module: str, function: str) -> dict[str, str]:
    """For everything that `module.function` reaches: "module.definition" -> hash, "package" -> version."""
    found: dict[str, str] = {}
    queue = [(module, function), *CORE]
    seen = set(queue)
    while queue:
        here, name = queue.pop()
        source = read(here)
        if source is None:
            top = here.partition(".")[0]
            if (version := _version(top)) is not None:
                found[top] = version
            continue
        if name == EVERYTHING:
            reached = frozenset((here, each) for each in [*source.definitions, ""])
        else:
            found[f"{here}.{name}".rstrip(".")], reached = _hash_and_uses(here, name)
            reached = reached | {(here, "")}
        queue.extend(reached - seen)
        seen |= reached
    return dict(sorted(found.items()))


@cache
def _hash_and_uses(module: str, name: str) -> tuple[str, frozenset[tuple[str, str]]]:
    """The hash of one definition (of the statements that always run, for the name ""), and what it uses."""
    source = read(module)
    assert source is not None
    nodes = source.always if name == "" else source.definitions.get(name, [])
    uses: set[tuple[str, str]] = set()
    digest = hashlib.sha256()
    for node in nodes:
        digest.update(ast.dump(node).encode())
        uses |= _uses(node, source)
    if name in source.imports and name not in source.definitions:  # a name that the module only passes on
        uses.add(_resolve(*source.imports[name]))
    for target in sorted(uses):
        digest.update(repr(target).encode())
    return digest.hexdigest()[:16], frozenset(uses)


def _uses(node: ast.AST, source: Source) -> set[tuple[str, str]]:
    """(module, name) of every definition that the node mentions; a whole module when it is used as a value."""
    found: set[tuple[str, str]] = set()
    attributes: set[int] = set()
    for child in ast.walk(node):
        if isinstance(child, ast.Attribute) and isinstance(child.value, ast.Name):
            module, attribute = source.imports.get(child.value.id, ("", ""))
            if module and child.value.id not in source.definitions:
                target = _resolve(module, attribute)
                if target[1] == EVERYTHING:
                    target = _resolve(target[0], child.attr)
                found.add(target)
                attributes.add(id(child.value))
        elif isinstance(child, ast.Name) and id(child) not in attributes:
            if child.id in source.definitions:
                found.add((source.name, child.id))
            elif child.id in source.imports:
                found.add(_resolve(*source.imports[child.id]))
    return found


def _resolve(module: str, attribute: str) -> tuple[str, str]:
    """`attribute` of `module`, which may itself be a module, then wanted as a whole."""
    if not attribute:
        return module, EVERYTHING
    if (here := read(module)) is None:
        return module, ""
    if here.is_package and attribute not in here.definitions and attribute not in here.imports:
        submodule = f"{module}.{attribute}"
        if read(submodule) is not None:
            return submodule, EVERYTHING
    return module, attribute


@cache
def read(module: str) -> Source | None:
    """The parsed module, or None for one that is only known by its version (the standard library, torch, ...)."""
    if module.partition(".")[0] in sys.stdlib_module_names:
        return None
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None or not _followed(module, Path(spec.origin)):
        return None
    source = Source(module, is_package=spec.submodule_search_locations is not None)
    package = module if source.is_package else module.rpartition(".")[0]
    for node in ast.parse(Path(spec.origin).read_bytes()).body:
        _file(_without_prose(node), source)
        source.imports.update(_imports(node, package))
    return source


def _followed(module: str, origin: Path) -> bool:
    """Plugins and dlcheck itself, and whatever stands outside the installed libraries."""
    top = module.partition(".")[0]
    libraries = [Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib", "stdlib")]
    ours = top == "dlcheck" or top.startswith("dlcheck_") or top in _plugin_packages()
    return origin.suffix == ".py" and (ours or not any(origin.is_relative_to(folder) for folder in libraries))


@cache
def _plugin_packages() -> frozenset[str]:
    return frozenset(point.module.partition(".")[0] for point in importlib.metadata.entry_points(group="dlcheck"))


def _file(node: ast.stmt, source: Source) -> None:
    """Put a top-level statement where it belongs."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            source.definitions.setdefault(name, []).append(node)
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.Call(func=called, args=[ast.Constant(value=str(target))])
        ) if _name(called) == "lazy":
            source.imports[name] = (target, "")
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            source.definitions.setdefault(name, []).append(node)
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            pass
        case _:
            source.always.append(node)


def _imports(node: ast.stmt, package: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Every name that an import anywhere inside the statement binds."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                bound = alias.asname or alias.name.partition(".")[0]
                yield bound, (alias.name if alias.asname else bound, "")
        elif isinstance(child, ast.ImportFrom):
            base = package.rsplit(".", child.level - 1)[0] if child.level else ""
            module = ".".join(part for part in (base, child.module) if part)
            for alias in child.names:
                yield alias.asname or alias.name, (module, alias.name)


def _without_prose(node: ast.stmt) -> ast.stmt:
    """The statement without docstrings and without `@claim(...)`, whose words and margins measure nothing."""
    for child in ast.walk(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            child.decorator_list = [
                d for d in child.decorator_list if not (isinstance(d, ast.Call) and _name(d.func) == "claim")
            ]
            if ast.get_docstring(child, clean=False) is not None:
                child.body = child.body[1:] or [ast.Pass()]
    return node


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


@cache
def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
