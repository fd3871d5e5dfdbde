"""Modules as source: where they stand, and what each of their top-level names is. Nothing is imported to find out."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

Import = tuple[str, str]
"""A module and an attribute of it; the attribute is empty for the module itself."""

seen: dict[Path, tuple[int, int, int]] = {}
"""Every file that was read and every folder that was searched, with its `signature` then."""
tops: dict[str, tuple[str, list[str]]] = {}
"""Every top-level package that was looked up: its file, and its folders."""
versions: dict[str, str] = {}
"""Of every distribution that was asked for."""
claimed: set[str] = {"dlcheck"}
"""Top-level packages that are read even where they stand among installed libraries: plugins, and we ourselves."""


@dataclass(eq=False)
class Source:
    """A module's top level.

    definitions: name -> the statements that bind it.  imports: name -> what it stands for; stars: `from x import *`.
    runs: the modules that it imports.  always: statements that run whatever is used.
    folders: where a package's submodules are.
    """

    name: str
    folders: list[str] = field(default_factory=list)
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, set[Import]] = field(default_factory=dict)
    stars: set[str] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)
    always: list[ast.stmt] = field(default_factory=list)

    @property
    def package(self) -> str:
        return self.name if self.folders else self.name.rpartition(".")[0]

    def submodules(self) -> list[str]:
        searched = [str(note(Path(folder))) for folder in self.folders]
        return [f"{self.name}.{module.name}" for module in pkgutil.iter_modules(searched)]


@cache
def read(module: str) -> Source | None:
    """The parsed module, or None for one that is known by its version alone (the standard library, torch, ...)."""
    parent, _, name = module.rpartition(".")
    above = read(parent) if parent else None
    if parent:
        origin, folders = _find_below(above.folders if above else [], name)
    else:
        origin, folders = find_top(module)
        if _is_library(module, origin):
            return None
    if not origin and not folders:
        return None
    source = Source(module, folders)
    if origin.endswith(".py"):
        for node in ast.parse(note(Path(origin)).read_bytes()).body:
            _file(_without_prose(node), source)
    elif not source.folders:  # compiled: one of the files of its package
        return None
    return source


def forget() -> None:
    """Read all source anew."""
    read.cache_clear()
    seen.clear()
    tops.clear()


def note(path: Path) -> Path:
    """Remember the file or folder as it is now, so that `unchanged` can tell."""
    seen[path] = signature(path)
    return path


def unchanged() -> bool:
    """Whether everything is still as it was when it was read."""
    return all(signature(path) == before for path, before in seen.items())


def signature(path: Path) -> tuple[int, int, int]:
    """By which a change is noticed: its size, when it was written, and when anything about it changed.

    The last cannot be set by a program, as the second is by whoever unpacks files with fixed times.
    """
    try:
        status = path.stat()
    except OSError:
        return -1, 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def find_top(module: str) -> tuple[str, list[str]]:
    """File and, of a package, folders of a top-level module; nothing for the standard library."""
    if module not in tops:
        tops[module] = locate(module)
    return tops[module]


def locate(module: str) -> tuple[str, list[str]]:
    """The same, as it is now."""
    if module in sys.stdlib_module_names:
        return "", []
    try:
        spec = importlib.util.find_spec(module)  # of a top-level module: imports nothing
    except (ImportError, ValueError):
        return "", []
    return (spec.origin or "", list(spec.submodule_search_locations or [])) if spec else ("", [])


def _find_below(folders: list[str], name: str) -> tuple[str, list[str]]:
    """The same for a submodule. `importlib` would import the packages above it."""
    places = [note(Path(folder)) / name for folder in folders]
    for place in places:
        for file, below in ((place / "__init__.py", [str(place)]), (place.with_suffix(".py"), [])):
            if file.is_file():
                return str(file), below
    return "", [str(place) for place in places if place.is_dir()]


def _is_library(top: str, origin: str) -> bool:
    """Installed, with a version that stands for its source. What is being developed is read."""
    if top in claimed or top.startswith("dlcheck_") or top in plugin_packages():
        return False
    installed = not {"site-packages", "dist-packages"}.isdisjoint(Path(origin).parts)
    return installed and version(top) != ""


@cache
def plugin_modules() -> frozenset[str]:
    """Those that entry points name."""
    return frozenset(point.module for point in importlib.metadata.entry_points(group="dlcheck"))


def plugin_packages() -> frozenset[str]:
    return frozenset(module.partition(".")[0] for module in plugin_modules())


def version(package: str) -> str:
    """Of the distribution that brings a top-level package; empty when there is none."""
    if package not in versions:
        versions[package] = _version(package)
    return versions[package]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        pass
    origin, folders = find_top(package)
    file = Path(origin)  # sklearn comes with scikit-learn: look for the distribution that lists this file
    site = file.parent.parent if folders else file.parent
    for record in site.glob("*.dist-info/RECORD") if origin else ():
        if f"\n{file.relative_to(site).as_posix()}," in f"\n{record.read_text(encoding='utf-8')}":
            return record.parent.name.removesuffix(".dist-info")
    return ""


def _file(node: ast.stmt, source: Source) -> None:
    """Put a top-level statement where it belongs."""
    lazy = _lazy_import(node)
    if lazy is not None:
        source.imports.setdefault(lazy[0], set()).add((lazy[1], ""))
        source.runs.add(lazy[1])
        return
    _file_imports(node, source)
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return
        case ast.If(test=test, orelse=[]) if last_name(test) == "TYPE_CHECKING":
            return
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Assign() | ast.AnnAssign():
            if not _binds_names_only(node):
                source.always.append(node)
        case _:
            source.always.append(node)
    for name in _bound(node):
        source.definitions.setdefault(name, []).append(node)


def _lazy_import(node: ast.stmt) -> tuple[str, str] | None:
    """(name, module) of `name = lazy("module")`, annotated or not."""
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=called, args=[ast.Constant(value=str(target))]))
            | ast.AnnAssign(
                target=ast.Name(id=name), value=ast.Call(func=called, args=[ast.Constant(value=str(target))])
            )
        ) if last_name(called) == "lazy":
            return name, target
    return None


def _file_imports(node: ast.stmt, source: Source) -> None:
    """Every name that an import anywhere inside the statement binds; one name may stand for several things."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                top = alias.name.partition(".")[0]
                source.runs.add(alias.name)
                source.imports.setdefault(alias.asname or top, set()).add((alias.name if alias.asname else top, ""))
        elif isinstance(child, ast.ImportFrom):
            base = source.package.rsplit(".", child.level - 1)[0] if child.level else ""
            module = ".".join(part for part in (base, child.module) if part)
            source.runs |= {module, *(f"{module}.{alias.name}" for alias in child.names)}  # one may be a submodule
            for alias in child.names:
                if alias.name == "*":
                    source.stars.add(module)
                else:
                    source.imports.setdefault(alias.asname or alias.name, set()).add((module, alias.name))


def _binds_names_only(node: ast.stmt) -> bool:
    """Whether leaving the statement out hurts nobody but those who use its names."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", ast.Name("", ast.Store()))]
    return all(isinstance(part, ast.Name | ast.Tuple | ast.List | ast.Store) for t in targets for part in ast.walk(t))


def _bound(node: ast.stmt) -> Iterator[str]:
    """Names that a top-level statement binds, branches of an `if` included, but nothing of functions and classes."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield child.name


def _without_prose(node: ast.stmt) -> ast.stmt:
    """The statement without docstrings and without `@claim(...)`, whose words and margins measure nothing."""
    for child in ast.walk(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            child.decorator_list = [
                d for d in child.decorator_list if not (isinstance(d, ast.Call) and last_name(d.func) == "claim")
            ]
            if ast.get_docstring(child, clean=False) is not None:
                child.body = child.body[1:] or [ast.Pass()]
    return node


def last_name(node: ast.expr) -> str:
    """`f` of f, a.f and a.b.f."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
