"""Plugins: real little packages with real entry points; a broken one is named and costs nobody else anything."""

import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dlcheck.errors import DlcheckError, PluginError
from dlcheck.plugins import Catalogue, Plugin, load

HOOK = """
from dlcheck import Topic, hookimpl

@hookimpl
def dlcheck_topics():
    return [Topic("{name}", en="A topic", ko="주제", claims=["{name}_plugin.claims"])]
"""
IMPORTS = "from dlcheck import claim, exceeds, at_least, per_seed\n"
CLAIM = """
@claim(en="True.", ko="참이다.", source="Euclid", rule=at_least("x", 1.0), controls={{"off": {{"x": 0.0}}}})
def {name}(run, x=2.0):
    \"\"\"The number itself.\"\"\"
    return {{"x": [x for _ in run.seeds]}}
"""
FINE = CLAIM.format(name="a_fine_claim")
ODD = CLAIM.format(name="odd").replace('en="True.", ko="참이다."', 'en=""')

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Write a distribution with one plugin package, as an installer would, and put it on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, hook: str = "", claims: str | None = IMPORTS + FINE, entry: str = "") -> None:
        package, metadata = tmp_path / f"{name}_plugin", tmp_path / f"{name}_dist-1.2.dist-info"
        package.mkdir()
        metadata.mkdir()
        (package / "__init__.py").write_text(hook or HOOK.format(name=name))
        if claims is not None:
            (package / "claims.py").write_text(claims)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-dist\nVersion: 1.2\n")
        (metadata / "entry_points.txt").write_text(f"[dlcheck]\n{name} = {entry or name + '_plugin'}\n")
        importlib.invalidate_caches()

    yield write
    for module in [m for m in sys.modules if m.partition(".")[0].endswith("_plugin")]:
        del sys.modules[module]


def plugin(catalogue: Catalogue, name: str) -> Plugin:
    (found,) = [p for p in catalogue.plugins if p.name == name]
    return found


def ids(catalogue: Catalogue, topic: str) -> list[str]:
    return [claim.id for claim in catalogue.claims if claim.topic == topic]


def test_a_plugin_is_found_by_its_entry_point(install: Install) -> None:
    """Topic, title, claims in written order, distribution and version come from the installed package."""
    install("logic", claims=IMPORTS + CLAIM.format(name="second_by_name") + CLAIM.format(name="first_by_name"))
    catalogue = load()
    found = plugin(catalogue, "logic")
    assert (found.module, found.distribution, found.version) == ("logic_plugin", "logic-dist", "1.2")
    assert found.topics == ["logic"]
    assert not found.faults
    assert ids(catalogue, "logic") == ["logic/second-by-name", "logic/first-by-name"]
    (topic,) = [t for t in catalogue.topics if t.name == "logic"]
    assert (topic.title("en"), topic.title("ko"), topic.plugin) == ("A topic", "주제", "logic")


def test_an_entry_point_may_name_an_object(install: Install) -> None:
    """`module:object` works too: pluggy plugins need not be modules."""
    hook = HOOK.format(name="logic").replace("def dlcheck_topics():", "def dlcheck_topics(self):")
    imports, method = hook.split("\n@")
    body = ("@" + method).replace("\n", "\n    ")
    install("logic", hook=f"{imports}\nclass Plugin:\n    {body}\nplugin = Plugin()", entry="logic_plugin:plugin")
    assert ids(load(), "logic") == ["logic/a-fine-claim"]


BROKEN_HOOKS = {
    "raises": ("x = 1\nraise ValueError('no\\nluck')", "ValueError: no luck (FILE:2)", "mend it, or uninstall"),
    "exits": ("import sys\nsys.exit(3)", "SystemExit: 3 (FILE:2)", "mend it"),
    "syntax": ("def f(:\n    pass", "SyntaxError: invalid syntax (FILE:1)", "mend it"),
    "dependency": (
        "\nimport a_library_not_here.part",
        "ModuleNotFoundError: No module named 'a_library_not_here' (FILE:2)",
        "install 'a_library_not_here', or uninstall the plugin: pip uninstall odd-dist",
    ),
    "own module": ("from . import missing", "cannot import name 'missing'", "mend it"),
    "deep": (
        "import json\n\ndef read():\n    return json.loads('?')\n\nread()",
        "JSONDecodeError: Expecting value: line 1 column 1 (char 0) (FILE:4)",
        "mend it",
    ),
    "no hook": ("def dlcheck_topics():\n    return []", "joins no hook", "mend it"),
    "misspelt": (
        "from dlcheck import hookimpl\n@hookimpl\ndef dlcheck_topic():\n    return []",
        "unknown hook 'dlcheck_topic': expected dlcheck_topics. Did you mean dlcheck_topics?",
        "mend it",
    ),
    "arguments": (
        "from dlcheck import hookimpl\n@hookimpl\ndef dlcheck_topics(config):\n    return []",
        "Argument(s) {'config'} are declared in the hookimpl but can not be found in the hookspec",
        "mend it",
    ),
    "hook raises": (
        "from dlcheck import hookimpl\n@hookimpl\ndef dlcheck_topics():\n    return 1 / 0",
        "ZeroDivisionError: division by zero (FILE:4)",
        "mend it",
    ),
    "nothing": ("from dlcheck import hookimpl\n@hookimpl\ndef dlcheck_topics():\n    pass", "returned None", "mend it"),
    "no topics": (
        "from dlcheck import hookimpl\n@hookimpl\ndef dlcheck_topics():\n    return []",
        "no topics",
        "mend it",
    ),
    "one topic": (
        "from dlcheck import Topic, hookimpl\n@hookimpl\ndef dlcheck_topics():\n    return Topic('a', 'b', 'c', ['d'])",
        "expected a list of Topic(...)",
        "mend it",
    ),
    "not a topic": (
        "from dlcheck import hookimpl\n@hookimpl\ndef dlcheck_topics():\n    return [3]",
        "dlcheck_topics returned 3: expected Topic(...)",
        "return topics only",
    ),
    "bad topic": (
        "from dlcheck import Topic, hookimpl\n@hookimpl\ndef dlcheck_topics():\n"
        "    return [Topic('o d', '', 'c', 'odd.claims')]",
        "topic 'o d': name 'o d': expected ASCII letters, digits and hyphens; no title in 'en': add en='...'; "
        "claims='odd.claims': expected a list of module names",
        "mend what dlcheck_topics returns",
    ),
}


@pytest.mark.parametrize("case", BROKEN_HOOKS)
def test_a_broken_plugin_is_named_and_costs_only_itself(install: Install, tmp_path: Path, case: str) -> None:
    """One line says what is wrong and where, another what to do; plugins sorted before and after it work."""
    source, reason, remedy = BROKEN_HOOKS[case]
    install("before")
    install("odd", hook=source)
    install("sound")
    catalogue = load()
    (fault,) = catalogue.faults_behind(["odd"])
    assert fault.plugin == "odd"
    assert reason.replace("FILE", str(tmp_path / "odd_plugin/__init__.py")) in fault.reason
    assert remedy in fault.remedy
    assert "\n" not in fault.reason + fault.remedy
    assert ids(catalogue, "before") == ["before/a-fine-claim"]
    assert ids(catalogue, "sound") == ["sound/a-fine-claim"]


BROKEN_MODULES = {
    "missing": (None, "ModuleNotFoundError: No module named 'odd_plugin.claims'", "mend it"),
    "empty": ("x = 1", "no claims in odd_plugin.claims", "mend it"),
    "imported": ("from before_plugin.claims import a_fine_claim", "no claims in odd_plugin.claims", "mend it"),
    "raises": ("\n\nimport a_library_not_here", "No module named 'a_library_not_here' (FILE:3)", "install 'a_library"),
    "margin": (IMPORTS + "rule = exceeds('a', 'b')", "by=... or a factor times=..., got neither (FILE:2)", "mend it"),
    "unknown rule": ("from dlcheck import exceedz", "cannot import name 'exceedz'", "mend it"),
    "keyword": (
        IMPORTS + "@claim(kontrols={})\ndef f(run): ...",
        "unexpected keyword argument 'kontrols' (FILE:2)",
        "mend it",
    ),
}


@pytest.mark.parametrize("case", BROKEN_MODULES)
def test_a_claims_module_that_fails_names_its_topic(install: Install, tmp_path: Path, case: str) -> None:
    """The topic stays known, without claims, and its fault says what is wrong; other plugins work."""
    source, reason, remedy = BROKEN_MODULES[case]
    install("before")
    install("odd", claims=source)
    catalogue = load()
    (fault,) = catalogue.faults_behind(["odd"])
    assert fault.topic == "odd"
    assert reason.replace("FILE", str(tmp_path / "odd_plugin/claims.py")) in fault.reason
    assert remedy in fault.remedy
    assert [topic.name for topic in catalogue.topics if topic.plugin == "odd"] == ["odd"]
    assert ids(catalogue, "before") == ["before/a-fine-claim"]


def test_the_other_modules_of_a_topic_keep_working(install: Install) -> None:
    """A topic may have several modules of claims; one that fails costs only its own claims."""
    install("logic", hook=HOOK.format(name="logic").replace('["', '["logic_plugin.missing", "'))
    catalogue = load()
    assert ids(catalogue, "logic") == ["logic/a-fine-claim"]
    (fault,) = catalogue.faults_behind(["logic"])
    assert "logic_plugin.missing" in fault.reason


def test_a_malformed_claim_costs_only_itself(install: Install, tmp_path: Path) -> None:
    """Each fault names the claim, what is wrong and the place; the neighbour in the same module works."""
    install("logic", claims=IMPORTS + ODD + FINE)
    catalogue = load()
    assert ids(catalogue, "logic") == ["logic/a-fine-claim"]
    faults = catalogue.faults_behind(["logic"])
    assert [fault.reason.partition(":")[0] for fault in faults] == 2 * ["claim logic/odd"]
    assert [fault.topic for fault in faults] == 2 * ["logic"]
    assert {fault.remedy for fault in faults} == {f"edit {tmp_path / 'logic_plugin/claims.py'}:3"}


def test_two_functions_of_one_name_are_both_reported(install: Install) -> None:
    """Python keeps the second silently; neither counts, because the id would stand for two experiments."""
    install("logic", claims=IMPORTS + FINE + CLAIM.format(name="twice") + CLAIM.format(name="twice"))
    catalogue = load()
    assert ids(catalogue, "logic") == ["logic/a-fine-claim"]
    first, second = catalogue.faults_behind(["logic"])
    assert first.reason == second.reason == "claim logic/twice: another claim has this id: rename one function"
    assert first.remedy != second.remedy


def test_a_topic_of_the_same_name_goes_to_the_first_plugin(install: Install) -> None:
    """Entry points are sorted by name; the second plugin gets the fault and the first topic is unharmed."""
    install("alpha")
    install("beta", hook=HOOK.format(name="alpha"))
    catalogue = load()
    assert [topic.plugin for topic in catalogue.topics if topic.name == "alpha"] == ["alpha"]
    assert ids(catalogue, "alpha") == ["alpha/a-fine-claim"]
    (fault,) = plugin(catalogue, "beta").faults
    assert fault.reason == "topic 'alpha' exists already"
    assert not catalogue.faults_behind(["alpha"])


def test_a_plugin_that_returns_one_topic_twice(install: Install) -> None:
    """The first of the two works."""
    install("logic", hook=HOOK.format(name="logic").replace("return [", "return 2 * ["))
    catalogue = load()
    assert ids(catalogue, "logic") == ["logic/a-fine-claim"]
    assert [fault.reason for fault in catalogue.faults_behind(["logic"])] == ["topic 'logic' exists already"]


def test_loading_leaves_nothing_behind(install: Install) -> None:
    """Every load starts anew and gives the same answer."""
    install("logic")
    assert load() == load()


def test_a_plugin_that_prints_does_not_spoil_output(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """What a plugin prints while it is imported goes to standard error: standard output may be JSON."""
    install("logic", hook="print('hello')\n" + HOOK.format(name="logic"))
    load()
    assert capsys.readouterr() == ("", "hello\n")


@pytest.fixture
def catalogue(install: Install) -> Catalogue:
    """Two sound topics, `alpha` and `beta` with two claims each, and `odd`, whose plugin does not import."""
    for name in ("beta", "alpha"):
        install(name, claims=IMPORTS + FINE + CLAIM.format(name="another_claim"))
    install("odd", hook="import a_library_not_here")
    return load()


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["alpha"], ["alpha/a-fine-claim", "alpha/another-claim"]),
        (["alpha/another-claim"], ["alpha/another-claim"]),
        (["beta", "alpha/a-fine-claim"], ["alpha/a-fine-claim", "beta/a-fine-claim", "beta/another-claim"]),
        (["alpha", "alpha/*"], ["alpha/a-fine-claim", "alpha/another-claim"]),
        (["*/another-*"], ["alpha/another-claim", "beta/another-claim"]),
        (["[ab]*a/a-fine-claim"], ["alpha/a-fine-claim", "beta/a-fine-claim"]),
        (["al?ha"], ["alpha/a-fine-claim", "alpha/another-claim"]),
    ],
)
def test_topics_ids_and_globs_select_claims(catalogue: Catalogue, patterns: list[str], expected: list[str]) -> None:
    """In the order of the catalogue, each once."""
    assert [claim.id for claim in catalogue.select(patterns)] == expected


def test_no_pattern_selects_everything(catalogue: Catalogue) -> None:
    """`--all` is the empty selection."""
    assert catalogue.select([]) == catalogue.claims
    assert catalogue.faults_behind([]) == catalogue.faults


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("alfa", "Did you mean alpha"),
        ("alpha/a_fine_claim", "Did you mean alpha/a-fine-claim"),
        ("Alpha", "Did you mean alpha"),
        ("zzzz/*", "See: dlcheck list"),
    ],
)
def test_an_unknown_name_gets_a_hint(catalogue: Catalogue, pattern: str, hint: str) -> None:
    """One line, with what is close or where to look; the exit code is that of a usage error."""
    with pytest.raises(DlcheckError, match=hint) as caught:
        catalogue.select(["alpha", pattern])
    assert repr(pattern) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("pattern", ["odd", "odd/claim", "od*"])
def test_a_name_behind_a_broken_plugin_says_so(catalogue: Catalogue, pattern: str) -> None:
    """It is not the user's typing that is wrong; the exit code says that something is broken."""
    with pytest.raises(
        PluginError, match=r"Plugin odd is broken: ModuleNotFoundError.*install 'a_library_not"
    ) as caught:
        catalogue.select([pattern])
    assert caught.value.exit_code == 4
    assert [fault.plugin for fault in catalogue.faults_behind([pattern])] == ["odd"]


def test_a_malformed_claim_that_is_asked_for_is_explained(install: Install) -> None:
    """Its own fault is shown, not the first one of the plugin."""
    install("logic", claims=IMPORTS + ODD + ODD.replace("odd", "other").replace('en=""', 'en="True."') + FINE)
    with pytest.raises(PluginError, match="claim logic/other: no statement in 'ko'"):
        load().select(["logic/other"])


def test_faults_of_plugins_that_are_not_needed_stay_out(catalogue: Catalogue) -> None:
    """A broken plugin does not fail the verification of another topic."""
    assert not catalogue.faults_behind(["alpha", "beta/another-claim"])


def test_no_bundled_claim_is_left_out() -> None:
    """Every module of a bundled plugin in which a claim is written is named by its topic."""
    plugins = Path(__file__).parents[1] / "plugins"
    written = {
        ".".join(path.relative_to(plugins).with_suffix("").parts)
        for path in plugins.rglob("*.py")
        if re.search(r"^@claim\b", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert written
    assert {claim.module for claim in load().claims} == written


def test_listing_every_bundled_claim_imports_nothing_heavy() -> None:
    """Loading all plugins and reading all claims, their words and their rules costs no torch, numpy, scipy or rich."""
    code = """
import sys
from dlcheck.plugins import load
catalogue = load()
for claim in catalogue.claims:
    claim.id, claim.statement.en, claim.measures, claim.location, claim.arms()
    claim.rule.words("ko"), claim.seeds(0, 0, 8)
assert "transformer" in [plugin.name for plugin in catalogue.plugins]
assert not catalogue.faults, catalogue.faults
heavy = {"torch", "numpy", "scipy", "rich", "typer", "jaxtyping"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True)
