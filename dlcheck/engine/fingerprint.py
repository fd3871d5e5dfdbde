"""Which source an experiment's numbers depend on, definition by definition.

From the experiment's function every name is followed to its definition, through the modules of plugins, of dlcheck's
lab and of whatever is under development; only what is reached is hashed, as a syntax tree without docstrings. So an
edited helper re-runs the experiments that use it, and an edited comment, statement or margin re-runs none. Where a
name cannot be followed for certain, more is hashed rather than less: a needless run costs seconds, a stale hit trust.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from dlcheck.engine import source
from dlcheck.engine.source import Import, Source, last_name, read

Target = tuple[str, str]
"""A module, and a name in it or one of these two."""
WHOLE = "*"
BODY = ""  # the statements that run when the module is imported

CORE = (
    ("dlcheck.api", "Run"),
    ("dlcheck.api", "Curve"),
    ("dlcheck.engine.worker", "measure"),
    ("dlcheck.measured", WHOLE),
)
"""What every measurement goes through. What these use in turn judges or reports, and is left out."""
SILENT = "dlcheck.errors"
"""What an error says changes no number."""
LOOKS_UP_NAMES = {"globals", "locals", "vars", "eval", "exec", "__import__", "__subclasses__", "__init_subclass__"}
LARGE = 1 << 24

known: dict[Target, dict[str, str]] = {}
"""Fingerprints of experiments, by module and function; also those that an earlier run left (`engine.remembered`)."""


def fingerprint(module: str, function: str) -> dict[str, str]:
    """For everything that `module.function` reaches: "module.definition" -> hash, "package" -> version.

    Files are taken to be as they were when they were first read, or at the last `refresh`.
    """
    if (module, function) not in known:
        _claim(module.partition(".")[0])
        known[module, function] = _fingerprint(module, function)
    return dict(known[module, function])


def _claim(package: str) -> None:
    """A package with experiments is read, even if it is installed like a library."""
    if package not in source.claimed:
        taken_for_library = read(package) is None
        source.claimed.add(package)
        if taken_for_library:
            forget()


def refresh() -> None:
    """Read all source anew if a file has changed since it was read."""
    if not source.unchanged():
        forget()


def forget() -> None:
    """Read all source anew."""
    for cached in (_hash_and_uses, _changes, _data_files):
        cached.cache_clear()
    known.clear()
    source.forget()


def _fingerprint(module: str, function: str) -> dict[str, str]:
    found = {_label(*each): _hash_and_uses(*each)[0] for target in CORE for each in _spread(*target)}
    queue: list[Target] = [(module, function)]
    reached = set(queue)
    while queue:
        here, name = queue.pop()
        if read(here) is None:
            found[here] = source.version(here)
            continue
        if name == WHOLE:
            uses = frozenset(_spread(here, WHOLE)) | _imported(here)
        else:
            found[_label(here, name)], uses = _hash_and_uses(here, name)
            uses = uses | {(here, BODY)}
        new = {target for target in uses if target[0] != SILENT} - reached
        queue.extend(new)
        reached |= new
    for package in {here.partition(".")[0] for here, _ in reached} - {"dlcheck"}:
        if digest := _data_files(package):
            found[f"data files of {package}"] = digest
    return {name: found[name] for name in sorted(found) if found[name]}


def _label(module: str, name: str) -> str:
    return f"{module}.{name}".rstrip(".")


def _spread(module: str, name: str) -> Iterator[Target]:
    """The definitions that a target stands for."""
    here = read(module)
    names = [*here.definitions, BODY] if here and name == WHOLE else [name]
    return ((module, each) for each in names)


def _imported(module: str) -> frozenset[Target]:
    """What else is to be had from a module as a whole: the names it passes on and, of a package, its submodules."""
    here = read(module)
    assert here is not None
    passed_on = {target for bound in here.imports.values() for one in bound for target in _as_values(_bind(*one))}
    return frozenset(passed_on | {(submodule, WHOLE) for submodule in here.submodules()})


@cache
def _hash_and_uses(module: str, name: str) -> tuple[str, frozenset[Target]]:
    """The hash of one definition, or of a module's body, and what it uses; an empty body has an empty hash."""
    here = read(module)
    assert here is not None
    nodes = _body(here) if name == BODY else here.definitions.get(name, [])
    uses = {target for node in nodes for target in _uses(node, here)}
    if name == BODY:
        uses |= _bodies_run_by(here)
    digest = hashlib.sha256()
    for part in [*map(ast.dump, nodes), *map(repr, sorted(uses))]:
        digest.update(part.encode())
    return digest.hexdigest()[:16] if nodes or name != BODY else "", frozenset(uses)


def _body(here: Source) -> list[ast.stmt]:
    """Statements that run on import and may reach beyond their own names: a registering decorator, say."""
    acting = [node for nodes in here.definitions.values() for node in nodes if _may_register(node, here)]
    return here.always + [node for node in acting if node not in here.always]


def _may_register(node: ast.stmt, here: Source) -> bool:
    """Whether plugin code that changes something elsewhere is called when the definition is made."""
    bases = [*node.bases, *(keyword.value for keyword in node.keywords)] if isinstance(node, ast.ClassDef) else []
    if any(_watches_subclasses(base, here) for base in bases):
        return True
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        called = node.decorator_list
    else:
        called = [child.func for child in ast.walk(node) if isinstance(child, ast.Call)]
    return any(_changes(*target) for function in called for target in _plugins_own(function, here))


def _watches_subclasses(base: ast.expr, here: Source) -> bool:
    nodes = [n for module, _ in _plugins_own(base, here) if (found := read(module)) for n in _all(found)]
    return any(_mentioned(child) in LOOKS_UP_NAMES for node in nodes for child in ast.walk(node))


def _all(here: Source) -> list[ast.stmt]:
    return [node for nodes in here.definitions.values() for node in nodes]


def _plugins_own(node: ast.expr, here: Source) -> set[Target]:
    """The definition behind a function that is called, unless it is a library's or dlcheck's: those only wrap."""
    name = _root(node)
    found = {(here.name, name)} if name in here.definitions else set()
    names = _chain(node)[1] if isinstance(node, ast.Attribute) else []
    for bound in here.imports.get(name, ()):
        found |= _attributes(_bind(*bound), names)
    return {target for target in found if target[0].partition(".")[0] != "dlcheck" and read(target[0])}


@cache
def _changes(module: str, name: str) -> bool:
    """Whether calling this may change something that outlives the call. Only of plain functions it is known."""
    here = read(module)
    assert here is not None
    nodes = here.definitions.get(name, [])
    if not nodes or not all(isinstance(node, ast.FunctionDef) for node in nodes):
        return True
    inside = [child for node in nodes for child in ast.walk(node)]
    calls = {target for child in inside if isinstance(child, ast.Call) for target in _plugins_own(child.func, here)}
    written = {_root(child) for child in map(_written, inside) if child}
    outlives = written & (here.definitions.keys() | here.imports.keys())
    other = calls - {(module, name)}
    return bool(outlives) or any(isinstance(c, ast.Global) for c in inside) or any(_changes(*call) for call in other)


def _written(node: ast.AST) -> ast.expr | None:
    """What a node writes to: `x` in x[...] = 1, x.a = 1 and, as a statement, x.append(1)."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return node.value.func
    written = isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load)
    return node if written and isinstance(node, ast.expr) else None


def _root(node: ast.expr) -> str:
    """`a` of a, a.b.c and a(...)."""
    while not isinstance(node, ast.Name):
        inner = getattr(node, "value", None) or getattr(node, "func", None)
        if not isinstance(inner, ast.expr):
            return ""
        node = inner
    return node.id


def _bodies_run_by(here: Source) -> set[Target]:
    """Importing a module runs the bodies of the packages it is in and of what it imports."""
    above = {here.name.rsplit(".", depth)[0] for depth in range(1, here.name.count(".") + 1)}
    if here.name.partition(".")[0] == "dlcheck":  # its own bodies do nothing but define
        return set()
    found = {(module, BODY) for module in here.runs | above if read(module)}
    return found | {(module, WHOLE) for module in here.stars if read(module)}


def _uses(node: ast.AST, here: Source) -> set[Target]:
    """Everything that the node mentions."""
    found: set[Target] = set()
    followed: set[ast.AST] = set()
    for child in ast.walk(node):
        if isinstance(child, ast.Attribute) and child not in followed:
            root, names, parts = _chain(child)
            if root in here.imports:
                followed |= parts
                found |= {target for bound in here.imports[root] for target in _attributes(_bind(*bound), names)}
        if isinstance(child, ast.Name):
            if child.id in here.definitions:
                found.add((here.name, child.id))
            if child.id in here.imports and child not in followed:
                found |= {target for bound in here.imports[child.id] for target in _as_values(_bind(*bound))}
        if _mentioned(child) in LOOKS_UP_NAMES:
            found.add((here.name, WHOLE))
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            found |= _named_module(child.value, here)
    return found


def _chain(node: ast.Attribute) -> tuple[str, list[str], set[ast.AST]]:
    """a.b.c as "a", ["b", "c"] and the nodes inside; no name when it starts with anything else."""
    names: list[str] = []
    parts: set[ast.AST] = set()
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        names.insert(0, inner.attr)
        inner = inner.value
        parts.add(inner)
    return inner.id if isinstance(inner, ast.Name) else "", names, parts


def _mentioned(node: ast.AST) -> str:
    return node.name if isinstance(node, ast.FunctionDef) else last_name(node) if isinstance(node, ast.expr) else ""


def _bind(module: str, attribute: str, *, passed: frozenset[Import] = frozenset()) -> set[Target]:
    """What an imported name stands for: definitions, wholes, and modules as such, which are (module, BODY)."""
    here = read(module)
    if here is None and (above := module.rpartition(".")[0]) and read(above):  # it is not there, or compiled
        return {(above, WHOLE)}
    if here is None:
        return {(module.partition(".")[0], BODY)}
    if not attribute:
        return {(module, BODY)}
    found = {(module, attribute)} if attribute in here.definitions else set()
    for bound in here.imports.get(attribute, set()) - passed - {(module, attribute)}:
        found |= _bind(*bound, passed=passed | {bound})
    if here.folders and read(f"{module}.{attribute}"):
        found.add((f"{module}.{attribute}", BODY))
    return found or {(module, WHOLE)}


def _attributes(bound: Iterable[Target], names: list[str]) -> set[Target]:
    """`name.b.c`, where the name is bound to these: through modules to a definition."""
    if not names:
        return _as_values(bound)
    found: set[Target] = set()
    for module, name in bound:
        found |= _attributes(_bind(module, names[0]), names[1:]) if name == BODY else {(module, name)}
    return found


def _as_values(bound: Iterable[Target]) -> set[Target]:
    """A module that is handed on as a value may be used in any way."""
    return {(module, WHOLE if name == BODY else name) for module, name in bound}


def _named_module(text: str, here: Source) -> set[Target]:
    """A string such as "plugin.model" may end in `import_module`; the beginning of one stands for the package."""
    name = text.rstrip(".")
    if "." not in text or not name.replace(".", "_").isidentifier():
        return set()
    try:
        module = importlib.util.resolve_name(name, here.package)
    except (ImportError, ValueError):
        return set()
    return {(module, WHOLE)} if read(module) else set()


@cache
def _data_files(package: str) -> str:
    """The hash of all files of a package but Python source and questions; of large ones, their size and time."""
    here = read(package)
    digest, banks = hashlib.sha256(), _banks(package)
    files = sorted({path for folder in (here.folders if here else []) for path in _files_below(folder)} - banks)
    for path in map(source.note, files):
        size, time, _ = source.seen[path]
        digest.update(str(path.name).encode())
        digest.update(path.read_bytes() if size < LARGE else f"{size} {time}".encode())
    return digest.hexdigest()[:16] if files else ""


def _banks(package: str) -> set[Path]:
    """The files that the package's topics name as their `questions`: no experiment reads them."""
    modules = [read(each) for each in {package, *source.plugin_modules()} if each.partition(".")[0] == package]
    inside = [child for here in modules if here for node in _all(here) for child in ast.walk(node)]
    calls = [node for node in inside if isinstance(node, ast.Call) and last_name(node.func) == "Topic"]
    named = [each.value for call in calls for each in call.keywords if each.arg == "questions"]
    places = [str(each.value).partition("/") for each in named if isinstance(each, ast.Constant)]
    found = [(read(place), file) for place, _, file in places if place.partition(".")[0] == package]
    return {Path(folder, file) for here, file in found if here for folder in here.folders}


def _files_below(folder: str) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        source.note(Path(where))
        folders[:] = [each for each in folders if not each.startswith((".", "__pycache__"))]
        droppings = (".py", ".pyc", "py.typed", "~")
        yield from (Path(where, f) for f in files if not f.endswith(droppings) and not f.startswith((".", "#")))
