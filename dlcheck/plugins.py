"""Find plugins, isolate the broken ones, and hand out their topics and claims."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import EntryPoint, entry_points
from traceback import walk_tb

import pluggy

from dlcheck import hookspecs
from dlcheck.api import Claim, Text, Topic
from dlcheck.errors import ClaimError, DlcheckError, PluginError, did_you_mean
from dlcheck.soundness import claim_problems, topic_problems

GROUP = "dlcheck"
"""The entry-point group, for bundled and outside plugins alike."""
HOOKS = [name for name, value in vars(hookspecs).items() if hasattr(value, "dlcheck_spec")]


@dataclass(frozen=True)
class Fault:
    """Something wrong with a plugin. topic is empty when the plugin failed before it named one."""

    plugin: str
    reason: str
    remedy: str
    topic: str = ""


@dataclass(frozen=True)
class LoadedTopic:
    name: str
    title: Text
    plugin: str
    claims: Sequence[Claim]
    model: str = ""  # dotted module name of the reference model
    questions: str = ""  # package/file.yaml
    oracles: str = ""  # dotted module name


@dataclass(frozen=True)
class Plugin:
    entry: EntryPoint
    topics: Sequence[str]
    faults: Sequence[Fault]

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def module(self) -> str:
        return self.entry.value

    @property
    def distribution(self) -> str:
        """Name of the installed package that brought it; each look reads the package's metadata from disk."""
        return self.entry.dist.name if self.entry.dist else ""

    @property
    def version(self) -> str:
        return self.entry.dist.version if self.entry.dist else ""

    def answers_to(self, pattern: str) -> bool:
        """Whether a pattern needs this plugin: by its topics, or by its name when it failed before it had any."""
        wanted = pattern.partition("/")[0]
        return any(fnmatchcase(name, wanted) for name in self.topics or [self.name])


@dataclass(frozen=True)
class Catalogue:
    """Everything the installed plugins offer."""

    plugins: Sequence[Plugin]
    topics: Sequence[LoadedTopic]

    @property
    def faults(self) -> list[Fault]:
        return [fault for plugin in self.plugins for fault in plugin.faults]

    @property
    def claims(self) -> list[Claim]:
        return [claim for topic in self.topics for claim in topic.claims]

    def select(self, patterns: Sequence[str]) -> list[Claim]:
        """The claims that topics, `topic/claim` ids or globs over them name, in catalogue order, each once.

        All claims when there are no patterns. For a pattern that names nothing, raises PluginError when a broken
        plugin stands behind it, else DlcheckError with "did you mean".
        """
        claims = self.claims
        for pattern in patterns:
            if not any(_names(pattern, claim) for claim in claims):
                raise self._nothing(pattern)
        return [claim for claim in claims if not patterns or any(_names(pattern, claim) for pattern in patterns)]

    def lost(self, patterns: Sequence[str]) -> dict[str, PluginError]:
        """The patterns that name nothing because a plugin is broken, with what is wrong with it.

        Raises DlcheckError for one that names nothing for another reason.
        """
        found = {}
        for pattern in patterns:
            try:
                self.select([pattern])
            except PluginError as error:
                found[pattern] = error
        return found

    def faults_behind(self, patterns: Sequence[str]) -> list[Fault]:
        """Faults of the plugins that these patterns need; of all plugins when there are no patterns."""
        needed = [p for p in self.plugins if not patterns or any(p.answers_to(pattern) for pattern in patterns)]
        return [fault for plugin in needed for fault in plugin.faults]

    def _nothing(self, pattern: str) -> DlcheckError:
        hint = did_you_mean(pattern, [*(topic.name for topic in self.topics), *(claim.id for claim in self.claims)])
        told = f"no topic or claim {pattern!r}."
        return self.broken_behind(pattern, told) or DlcheckError(told + (hint or " See: dlcheck list"))

    def broken_behind(self, pattern: str, told: str) -> PluginError | None:
        """What is missing (`told`), with the fault of the plugin that should have it; None when that has none."""
        faults = self.faults_behind([pattern])
        if not faults:
            return None
        fault = next((fault for fault in faults if pattern in fault.reason), faults[0])
        return PluginError(f"{told} Plugin {fault.plugin} is broken: {fault.reason}; {fault.remedy}")


def _names(pattern: str, claim: Claim) -> bool:
    return fnmatchcase(claim.topic, pattern) or fnmatchcase(claim.id, pattern)


def load() -> Catalogue:
    """Load every plugin of the entry-point group `dlcheck`; one that fails is reported, never raised."""
    plugins: list[Plugin] = []
    topics: dict[str, LoadedTopic] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        loader = _Loader(entry, topics.keys())
        plugins.append(loader.load())
        topics.update((topic.name, topic) for topic in loader.topics)
    return Catalogue(plugins, list(topics.values()))


class _Loader:
    """Loads one plugin; whatever goes wrong in it becomes one of its faults."""

    def __init__(self, entry: EntryPoint, taken: Collection[str]) -> None:
        self.entry = entry
        self.taken = taken
        self.topics: list[LoadedTopic] = []
        self.faults: list[Fault] = []

    def load(self) -> Plugin:
        for topic in self._declared():
            self._add(topic)
        return Plugin(self.entry, [topic.name for topic in self.topics], self.faults)

    def _declared(self) -> list[object]:
        with self._isolated("", self.entry.value):
            if found := list(topics_of(self.entry.load())):
                return found
            raise ClaimError("dlcheck_topics returned no topics: expected a list of Topic(...)")
        return []

    def _add(self, topic: object) -> None:
        if not isinstance(topic, Topic):
            self._fault(f"dlcheck_topics returned {topic!r}: expected Topic(...)", "return topics only")
        elif wrong := topic_problems(topic):
            self._fault(f"topic {topic.name!r}: {'; '.join(wrong)}", "mend what dlcheck_topics returns")
        elif topic.name in self.taken or topic.name in [mine.name for mine in self.topics]:
            self._fault(f"topic {topic.name!r} exists already", "rename it, or uninstall one of the two plugins")
        else:
            claims = [claim for module in topic.claims for claim in self._collected(topic, module)]
            ids = Counter(claim.id for claim in claims)
            sound = [claim for claim in claims if self._is_sound(claim, repeated=ids[claim.id] > 1)]
            title = Text(topic.en, topic.ko)
            places = (topic.model, topic.questions, topic.oracles)
            self.topics.append(LoadedTopic(topic.name, title, self.entry.name, sound, *places))

    def _collected(self, topic: Topic, module: str) -> list[Claim]:
        with self._isolated(f"topic {topic.name!r}: ", module, topic.name):
            if found := topic.collect(module):
                return found
            raise ClaimError(f"no claims in {module}: write them there with @claim(...)")
        return []

    def _is_sound(self, claim: Claim, repeated: bool) -> bool:
        """Whether the claim can be used; what is wrong with it is reported."""
        with self._isolated(f"claim {claim.id}: ", claim.module, claim.topic):
            wrong = ["another claim has this id: rename one function"] if repeated else claim_problems(claim)
            for problem in wrong:
                self._fault(f"claim {claim.id}: {problem}", "edit {}:{}".format(*claim.location), claim.topic)
            return not wrong
        return False

    def _fault(self, reason: str, remedy: str, topic: str = "") -> None:
        self.faults.append(Fault(self.entry.name, reason, remedy, topic))

    @contextmanager
    def _isolated(self, doing: str, module: str, topic: str = "") -> Iterator[None]:
        """Keep whatever the plugin's code raises as a fault."""
        try:
            with redirect_stdout(sys.stderr):  # a plugin that prints must not spoil output for machines
                yield
        except (Exception, SystemExit) as error:
            packages = {_package(module), _package(self.entry.value)}
            self._fault(doing + summary(error, packages), self._remedy(error, packages), topic)

    def _remedy(self, error: BaseException, packages: Collection[str]) -> str:
        name = self.entry.dist.name if self.entry.dist else ""
        uninstall = f", or uninstall the plugin: pip uninstall {name}" if name and name != "dlcheck" else ""
        if isinstance(error, ModuleNotFoundError) and error.name and _package(error.name) not in packages:
            return f"install {_package(error.name)!r}{uninstall}"
        return f"mend it{uninstall}"


def topics_of(plugin: object) -> Iterable[object]:
    """What the plugin's hook returns, unchecked.

    Raises ClaimError when the plugin joins no hook or one that does not exist, and whatever the hook raises.
    """
    manager = pluggy.PluginManager("dlcheck")  # one of its own for each plugin: none can be in another's way
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    joined = manager.get_hookcallers(plugin) or []
    for hook in joined:
        if not hook.has_spec():
            raise ClaimError(
                f"unknown hook {hook.name!r}: expected {', '.join(HOOKS)}.{did_you_mean(hook.name, HOOKS)}"
            )
    if not joined:
        raise ClaimError(f"joins no hook: mark a function {' or '.join(HOOKS)} with @hookimpl")
    returned = [*manager.hook.dlcheck_topics(), None][0]  # pluggy leaves out a None
    if isinstance(returned, str) or not isinstance(returned, Iterable):
        raise ClaimError(f"dlcheck_topics returned {returned!r}: expected a list of Topic(...)")
    return returned


def summary(error: BaseException, packages: Collection[str]) -> str:
    """One line: what was raised, and the last place inside these packages that led to it."""
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    if isinstance(error, pluggy.PluginValidationError):
        message = message.splitlines()[-1]  # the lines before it are pluggy's own view of the plugin
    kind = "" if isinstance(error, ClaimError | pluggy.PluginValidationError) else f"{type(error).__name__}: "
    where = _where(error, packages)
    return f"{kind}{' '.join(message.split())[:300]}".rstrip(": ") + (f" ({where})" if where else "")


def _where(error: BaseException, packages: Collection[str]) -> str:
    """file:line of the last frame in these packages, or of what cannot be parsed."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    inside = [
        f"{frame.f_code.co_filename}:{line}"
        for frame, line in walk_tb(error.__traceback__)
        if _package(frame.f_globals.get("__name__", "")) in packages
    ]
    return inside[-1] if inside else ""


def _package(module: str) -> str:
    """The top-level package of a dotted name or an entry point's value."""
    return module.partition(":")[0].partition(".")[0].strip()
