"""What an experiment's numbers depend on: exactly the right cells run again after an edit, and it is said why."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dlcheck.engine import source
from dlcheck.engine.cell import Cell
from dlcheck.engine.fingerprint import fingerprint as cached_fingerprint
from dlcheck.engine.fingerprint import forget, refresh


def fingerprint(module: str, function: str) -> dict[str, str]:
    """Of the source as it is now."""
    refresh()
    return cached_fingerprint(module, function)


PLUGIN = {
    "demo.__init__": "from .passed_on import passed\n",
    "demo.passed_on": "def passed():\n    return 1\n",
    "demo.model": """
        '''The model.'''
        SCALE = 2
        FIRST, SECOND = 1, 2

        def attention(x):
            '''Attend.'''
            return x * SCALE

        class Base:
            def size(self):
                return 1

        class Layer(Base):
            def forward(self):
                return attention(1)

        def unrelated():
            return 0
        """,
    "demo.claims": """
        from __future__ import annotations
        from typing import TYPE_CHECKING, Any
        from dlcheck import at_least, claim, lazy
        from demo.model import attention, FIRST
        import demo.model as aliased
        import demo.model
        import demo
        from demo import passed

        if TYPE_CHECKING:
            from demo.model import unrelated

        model: Any = lazy("demo.model")
        plain = lazy("demo.model")
        ONE = {"rule": at_least("x", 1.0), "en": "It holds.", "ko": "성립한다.", "source": "none"}

        def helper():
            return 1

        def decorator(function):
            return function

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_name(run, x=1):
            '''One.'''
            return {"x": [attention(x) for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_alias(run, x=1):
            '''One.'''
            return {"x": [aliased.attention(x) for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_dots(run, x=1):
            '''One.'''
            return {"x": [demo.model.attention(x) for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_lazy(run, x=1):
            '''One.'''
            return {"x": [model.attention(x) for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_plain_lazy(run, x=1):
            '''One.'''
            return {"x": [plain.attention(x) for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_method(run, x=1):
            '''One.'''
            return {"x": [model.Layer().forward() * x for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_inner_import(run, x=1):
            '''One.'''
            from demo.model import attention as hidden
            return {"x": [hidden(x) for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_string(run, x=1):
            '''One.'''
            import importlib
            return {"x": [importlib.import_module("demo.model").attention(x) for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_value(run, x=1):
            '''One.'''
            return {"x": [getattr(aliased, "atten" + "tion")(x) for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_constant(run, x=FIRST):
            '''One.'''
            return {"x": [x for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        def by_re_export(run, x=1):
            '''One.'''
            return {"x": [passed() * x for _ in run.seeds]}

        @claim(controls={"off": {"x": 0}}, **ONE)
        @decorator
        def alone(run, x=1):
            '''One.'''
            return {"x": [helper() * x for _ in run.seeds]}
        """,
    "demo.listed": """
        from dlcheck import Run, at_least, claim, per_seed
        from demo import tables

        @claim(controls={"off": {"x": 0}}, en="It holds.", ko="성립한다.", source="none", rule=at_least("x", 1))
        @per_seed
        def by_registry(run: Run, seed: int, x=1):
            '''One.'''
            return {"x": tables.TABLE["attend"](x)}
        """,
    "demo.tables": """
        from demo import model

        TABLE = {}

        def register(function):
            TABLE["attend"] = function
            return function

        @register
        def attend(x):
            return model.attention(x)
        """,
}
ATTEND = {
    "by_name",
    "by_alias",
    "by_dots",
    "by_lazy",
    "by_plain_lazy",
    "by_method",
    "by_inner_import",
    "by_string",
    "by_value",
    "by_registry",
}
EDITS = {
    "a helper": ("model", "return x * SCALE", "return x * SCALE + 0", ATTEND),
    "a constant that the helper uses": ("model", "SCALE = 2", "SCALE = 3", ATTEND),
    "a class": ("model", "return attention(1)", "return attention(2)", {"by_method", "by_string", "by_value"}),
    "its base class": ("model", "return 1", "return 2", {"by_method", "by_string", "by_value"}),
    "one of two constants": (
        "model",
        "FIRST, SECOND = 1, 2",
        "FIRST, SECOND = 3, 2",
        {"by_constant", "by_string", "by_value"},
    ),
    "what only modules as a whole reach": ("model", "return 0", "return 5", {"by_string", "by_value"}),
    "a registered function": ("tables", "return model.attention(x)", "return model.attention(x) + 1", {"by_registry"}),
    "the registering decorator": ("tables", 'TABLE["attend"] = function', "TABLE['attend'] = id", {"by_registry"}),
    "what a package passes on": ("passed_on", "return 1", "return 2", {"by_re_export"}),
    "a helper beside the claim": ("claims", "def helper():\n    return 1", "def helper():\n    return 2", {"alone"}),
    "a decorator": ("claims", "return function", "return function if function else None", {"alone"}),
    "the experiment": ("claims", "helper() * x", "helper() * x * 1", {"alone"}),
    "a docstring": ("model", "'''Attend.'''", "'''Attend well.'''", set()),
    "a comment": ("model", "def attention(x):", "# attends\ndef attention(x):", set()),
    "a margin": ("claims", 'at_least("x", 1.0)', 'at_least("x", 0.5)', set()),
    "a statement": ("claims", "It holds.", "It truly holds.", set()),
    "an import for type checkers": ("claims", "import unrelated", "import Layer", set()),
    "a new function": (
        "model",
        "def unrelated():",
        "def new():\n    return 1\n\ndef unrelated():",
        {"by_string", "by_value"},
    ),
}


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The demo plugin on disk; `edit(module, old, new)` changes it."""
    from textwrap import dedent

    for name, text in PLUGIN.items():
        path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text).lstrip(), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    def edit(name: str, old: str, new: str) -> None:
        path = tmp_path / "demo" / f"{name}.py"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        status = path.stat()
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**6))  # coarse clocks may not have moved on

    yield edit
    forget()
    source.claimed.discard("demo")


EXPERIMENTS = {
    line.split("(")[0].split()[1]: module
    for module in ("demo.claims", "demo.listed")
    for line in PLUGIN[module].splitlines()
    if "(run" in line
}


def fingerprints() -> dict[str, dict[str, str]]:
    return {name: fingerprint(module, name) for name, module in EXPERIMENTS.items()}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_touches_exactly_the_claims_that_depend_on_it(plugin, what):
    """Whichever way the name was reached: imports of all kinds, lazily, by a method, a string or a registry."""
    name, old, new, touched = EDITS[what]
    before = fingerprints()
    plugin(name, old, new)
    after = fingerprints()
    assert {each for each in EXPERIMENTS if before[each] != after[each]} == touched


def test_the_reason_names_what_was_edited(plugin):
    """In the words of the plugin's author: module and definition."""
    before = fingerprint("demo.claims", "by_lazy")
    plugin("model", "return x * SCALE", "return x / SCALE")
    after = fingerprint("demo.claims", "by_lazy")
    assert {name for name in before if before[name] != after.get(name)} == {"demo.model.attention"}


def test_data_files_of_the_package_count(plugin, tmp_path):
    """Any file that is not source, and only its content."""
    before = fingerprint("demo.claims", "alone")
    data = tmp_path / "demo" / "data"
    data.mkdir()
    (data / "digits.csv").write_text("1,2\n")
    forget()  # only known files are watched; a new one is found by the next process
    added = fingerprint("demo.claims", "alone")
    (data / "digits.csv").write_text("1,2,3\n")
    changed = fingerprint("demo.claims", "alone")
    different = [{n for n in x | y if x.get(n) != y.get(n)} for x, y in ((before, added), (added, changed))]
    assert different == [{"data files of demo"}] * 2


TOPIC = """
def dlcheck_topics():
    return [Topic("demo", en="Demo", ko="데모", claims=["demo.claims"], questions="demo/bank/questions.yaml")]
"""


def test_the_questions_of_a_topic_change_no_measurement(plugin, tmp_path):
    """What its author edits most often; every other file beside them counts."""
    plugin("__init__", "from .passed_on", f"from dlcheck import Topic\n{TOPIC}\nfrom .passed_on")
    (tmp_path / "demo" / "bank").mkdir()
    found = []
    for name in ("questions.yaml", "other.yaml"):
        for text in ("one", "another"):
            (tmp_path / "demo" / "bank" / name).write_text(text)
            forget()
            found.append(fingerprint("demo.claims", "alone"))
    assert found[0] == found[1]
    assert [each.get("data files of demo", "") != "" for each in found] == [False, False, True, True]
    assert found[2] != found[3]


TRICKS = {
    "star import": ("from demo.deep import *\ndef f(run):\n    return leaf()", "demo.deep"),
    "import for its effect": ("import demo.deep\ndef f(run):\n    return 1", "demo.patch"),
    "globals": ("def leaf():\n    return 1\ndef f(run):\n    return globals()['le' + 'af']()", "demo.trick"),
    "two imports of one name": (
        "def f(run):\n    from demo.deep import leaf as g\n    return g()\n"
        "def h():\n    from demo.model import unrelated as g\n    return g()",
        "demo.deep",
    ),
    "either import": (
        "try:\n    from demo.deep import leaf\nexcept ImportError:\n    def leaf():\n        return 2\n"
        "def f(run):\n    return leaf()",
        "demo.deep",
    ),
    "a module passed on by a package": (
        "import demo.inner\ndef f(run):\n    return demo.inner.deep.leaf()",
        "demo.inner.deep",
    ),
    "a namespace package": ("from demo.space import deep\ndef f(run):\n    return deep.leaf()", "demo.space.deep"),
    "relative string": (
        "import importlib\ndef f(run):\n    return importlib.import_module('.deep', __package__).leaf()",
        "demo.deep",
    ),
    "a name in parts": (
        "import importlib\ndef f(run, which='deep'):\n    return importlib.import_module(f'demo.{which}').leaf()",
        "demo.deep",
    ),
    "subclasses that register": (
        "from demo.registry import made\nimport demo.deep\ndef f(run):\n    return made()",
        "demo.deep",
    ),
    "an assignment that registers": (
        "from demo.registry import TABLE, keep\ndef leaf():\n    return 1\nkept = keep(leaf)\n"
        "def f(run):\n    return TABLE['leaf']()",
        "demo.trick",
    ),
    "a conditional definition": (
        "if True:\n    def leaf():\n        return 1\ndef f(run):\n    return leaf()",
        "demo.trick",
    ),
    "a default value": ("from demo.deep import leaf\ndef f(run, x=leaf):\n    return x()", "demo.deep"),
    "a name given again": ("import demo.deep as d\ng = d.leaf\ndef f(run):\n    return g()", "demo.deep"),
    "a nested class": (
        "from demo.deep import Leaf\nclass L(Leaf):\n    pass\ndef f(run):\n    return L().leaf()",
        "demo.deep",
    ),
}
LEAVES = """
import demo.patch
from demo.registry import Base

def leaf():
    return 1

class Leaf(Base):
    def leaf(self):
        return 1
"""


@pytest.mark.parametrize("what", TRICKS)
def test_ways_to_reach_a_helper_that_are_easily_missed(plugin, tmp_path, what):
    """A stale hit is the worst of bugs: when "return 1" becomes "return 2" there, the experiment is another one."""
    text, place = TRICKS[what]
    files = {
        "demo.trick": text,
        "demo.deep": LEAVES,
        "demo.inner.deep": LEAVES,
        "demo.inner.__init__": "from . import deep\n",
        "demo.space.deep": LEAVES,
        "demo.patch": "import demo.model\ndemo.model.SCALE = sum([0])  # return 1\n",
        "demo.registry": "TABLE = {}\ndef keep(f):\n    TABLE['leaf'] = f\nclass Base:\n"
        "    pass\ndef made():\n    return Base.__subclasses__()[0]().leaf()\n",
    }
    for name, content in files.items():
        path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    before = fingerprint("demo.trick", "f")
    path = tmp_path.joinpath(*place.split(".")).with_suffix(".py")
    path.write_text(path.read_text().replace("return 1", "return 2").replace("sum([0])", "sum([2])"))
    os.utime(path, ns=(1, 1))
    assert fingerprint("demo.trick", "f") != before


def test_dlcheck_itself_counts_only_where_it_measures():
    """An edit of errors, rules, statistics, plugins, store or reports re-runs nothing; one of `Run` everything."""
    found = fingerprint("dlcheck_transformer.claims.attention", "weights_are_shares")
    ours = {name for name in found if name.startswith("dlcheck.")}
    assert {"dlcheck.api.Run", "dlcheck.engine.worker.measure", "dlcheck.measured.plain"} <= ours
    judging = ("errors", "rules", "statistics", "plugins", "hookspecs", "soundness", "report", "cli", "engine.store")
    assert not [name for name in ours if name.startswith(tuple(f"dlcheck.{part}" for part in judging))]


def test_the_real_plugin_is_followed_into_its_model():
    """Through `model: Any = lazy(...)`, as its claims have it."""
    found = fingerprint("dlcheck_transformer.claims.attention", "weights_are_shares")
    assert {"dlcheck_transformer.model.MultiHeadAttention", "dlcheck_transformer.model.attention"} <= set(found)


def test_versions_of_libraries_count(tmp_path):
    """torch by its metadata, whatever is named in the source, and a library whose distribution has another name."""
    site = tmp_path / "site-packages"
    for name, version in (("torch", "9.9"), ("odd_name", "3.1")):
        metadata = site / f"{name}-{version}.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (metadata / "RECORD").write_text("oddlib/__init__.py,,\n" if name == "odd_name" else "")
    (site / "oddlib").mkdir()
    (site / "oddlib" / "__init__.py").write_text("")
    (tmp_path / "mine.py").write_text("import oddlib, torch\ndef f(run):\n    return torch.ones(oddlib.n)\n")
    script = "from dlcheck.engine.fingerprint import fingerprint; print(fingerprint('mine', 'f'))"
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{tmp_path}"}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert "'torch': '9.9'" in told.stdout
    assert "'oddlib': 'odd_name-3.1'" in told.stdout


def test_nothing_is_imported_to_find_out():
    """Neither torch nor the plugin: fingerprints are taken before it is known whether anything has to run."""
    script = (
        "import sys; from dlcheck.engine.fingerprint import fingerprint;"
        "fingerprint('dlcheck_transformer.claims.attention', 'weights_are_shares');"
        "print([name for name in ('torch', 'dlcheck_transformer.model') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_key_holds_all_that_was_asked(write):
    """Claim, arm, knobs, seeds, epoch, device, precision, torch and Python; a function as a knob by its source."""
    [claim] = write(
        "from dlcheck import at_least, claim\ndef act():\n    return 1\n"
        "@claim(en='e', ko='k', source='s', rule=at_least('x', 1),\n"
        "       controls={'a': {'x': 1}, 'b': {'x': 2}, 'f': {'x': act}})\n"
        "def experiment(run, x=0):\n    '''X.'''\n"
    )
    cells = [
        Cell(claim, arm, epoch, start, start + 4, device)
        for arm in claim.arms()
        for epoch in (0, 1)
        for start in (0, 4)
        for device in ("cpu", "cuda:0")
    ]
    assert len({cell.key for cell in cells}) == len(cells)
    assert {"claim", "arm", "knobs", "seeds", "device", "precision", "torch", "python"} <= set(cells[0].ingredients)
    knob = next(cell for cell in cells if cell.arm == "f").ingredients
    assert knob["knobs"] == '{"x": "toys.act"}'
    assert "toys.act" in knob
    assert "toys.act" not in cells[0].ingredients
