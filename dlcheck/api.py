"""What a plugin author writes with: topics, claims and the `Run` that an experiment is given.

Nothing here imports torch: listing claims has to stay instant.
"""

from __future__ import annotations

import importlib
import inspect
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import wraps
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, Concatenate, Literal, NamedTuple, ParamSpec

from dlcheck.errors import ClaimError
from dlcheck.rules import Rule

if TYPE_CHECKING:
    import torch

Lang = Literal["en", "ko"]
Knobs = Mapping[str, Any]
Numbers = dict[str, list[Any]]  # a measure's name -> one number (or one list of numbers) per seed
Experiment = Callable[..., Mapping[str, Sequence[Any]]]
P = ParamSpec("P")
DEVICES = ("cpu", "cuda", "mps")
"""The kinds of device that a claim can name."""
DECLARED = "__dlcheck_claims__"
"""Where the `claim` decorator keeps a module's claims."""


class Expected(StrEnum):
    """The verdict an author expects; a popular misconception is a claim expected to be refuted."""

    VERIFIED = "verified"
    REFUTED = "refuted"


class Text(NamedTuple):
    """The same sentence in English and in Korean."""

    en: str
    ko: str

    def __call__(self, lang: Lang) -> str:
        return self.ko if lang == "ko" else self.en


@dataclass(frozen=True)
class Curve:
    """A learning curve or a sweep: `ys[i][j]` is the value of seed i at `xs[j]`."""

    name: str
    xs: list[float]
    ys: list[list[float]]


@dataclass
class Run:
    """What an experiment may depend on. Global random state, the clock and the network are not in it.

    seeds: one integer per repetition; the experiment returns one number per seed, in this order.
    device: a torch device string such as "cpu" or "cuda:0".
    """

    seeds: Sequence[int]
    device: str = "cpu"
    curves: list[Curve] = field(default_factory=list)
    on_progress: Callable[[int, int], None] = lambda done, total: None

    @property
    def exact_dtype(self) -> torch.dtype:
        """The precision of equality claims: float64 on the CPU, float32 on an accelerator."""
        import torch

        return torch.float64 if self.device == "cpu" else torch.float32

    def generator(self, seed: int) -> torch.Generator:
        """A CPU generator for `seed`: draw on the CPU, move to `device`, and every device sees the same numbers."""
        import torch

        return torch.Generator().manual_seed(seed)

    @contextmanager
    def seeded(self, seed: int) -> Iterator[None]:
        """Global random state belongs to `seed` inside this block: for layers that initialise themselves."""
        import torch

        python_state = random.getstate()
        accelerators = [self.device] if self.device.startswith("cuda") else []  # not to wake a GPU that is not used
        with torch.random.fork_rng(accelerators):
            torch.manual_seed(seed)
            random.seed(seed)
            try:
                yield
            finally:
                random.setstate(python_state)

    def curve(self, name: str, xs: Sequence[float], ys: Sequence[Sequence[float]]) -> None:
        """Keep a curve for plots: `xs` of length n, `ys` one row of length n per seed."""
        self.curves.append(Curve(name, [float(x) for x in xs], [[float(y) for y in row] for row in ys]))

    def progress(self, done: int, total: int) -> None:
        """Tell whoever waits how far the experiment is."""
        self.on_progress(done, total)


def per_seed(
    experiment: Callable[Concatenate[Run, int, P], Mapping[str, Any]],
) -> Callable[Concatenate[Run, P], Numbers]:
    """Turn an experiment written for one seed, `f(run, seed, **knobs)`, into one that is given all of them.

    Global random state is seeded with `seed` around each call, so layers may initialise themselves. Raises ClaimError
    for a function that takes no seed, and for one that returns no measures.
    """
    takes_run, *knobs = inspect.signature(experiment).parameters.values()
    if not knobs or knobs[0].default is not knobs[0].empty:
        got = ", ".join(map(str, [takes_run, *knobs]))
        raise ClaimError(f"@per_seed on {experiment.__name__!r}: expected f(run, seed, **knobs), got f({got})")

    @wraps(experiment)
    def every_seed(run: Run, /, *args: P.args, **knobs: P.kwargs) -> Numbers:
        numbers: Numbers = {}
        for done, seed in enumerate(run.seeds):
            run.progress(done, len(run.seeds))
            with run.seeded(seed):
                measured = experiment(run, seed, *args, **knobs)
            if not isinstance(measured, Mapping):
                raise ClaimError(f"experiment: expected a dict of measure -> number, got {measured!r}")
            for name, value in measured.items():
                numbers.setdefault(name, []).append(value)
        run.progress(len(run.seeds), len(run.seeds))
        return numbers

    without_seed = inspect.Signature([takes_run, *knobs[1:]])
    every_seed.__signature__ = without_seed  # type: ignore[attr-defined]  # what loading a plugin checks knobs against
    return every_seed


@dataclass(frozen=True)
class Claim:
    """One checkable statement, the experiment that decides it, its rule and its controls.

    Made by the `claim` decorator; `topic` is filled in when a plugin's topic is collected.
    """

    name: str
    statement: Text
    source: str
    rule: Rule
    experiment: Experiment
    controls: Mapping[str, Knobs]
    expect: Expected = Expected.VERIFIED
    notes: tuple[str, ...] = ()
    seconds: float = 1.0
    memory_gib: float = 2.0
    devices: tuple[str, ...] = DEVICES
    topic: str = ""

    @property
    def id(self) -> str:
        """`topic/name-of-the-function`; it never changes once released."""
        return f"{self.topic}/{self.name}"

    @property
    def measures(self) -> str:
        """What the experiment measures: the first paragraph of its docstring."""
        return (inspect.getdoc(self.experiment) or "").split("\n\n")[0].replace("\n", " ")

    @property
    def module(self) -> str:
        """The module in which the experiment stands."""
        return self.experiment.__module__

    @property
    def function(self) -> str:
        """The experiment's name in its module."""
        return self.experiment.__name__

    @property
    def location(self) -> tuple[str, int]:
        """File and line of the experiment."""
        code = inspect.unwrap(self.experiment).__code__
        return code.co_filename, code.co_firstlineno

    def arms(self) -> dict[str, Knobs]:
        """The claim itself, named "", and each control, with its knobs."""
        return {"": {}, **self.controls}

    def seeds(self, epoch: int, start: int, stop: int) -> list[int]:
        """Seeds number start to stop-1 of an epoch: no two claims share them, all arms of one claim do."""
        claim_id = self.id
        return [derive_seed(claim_id, epoch, index) for index in range(start, stop)]


def derive_seed(claim_id: str, epoch: int, index: int) -> int:
    """A 53-bit seed (JSON and every generator hold it exactly) from the claim's id, the epoch and a running number."""
    import hashlib  # brings OpenSSL along, and listing claims needs no seeds

    digest = hashlib.sha256(f"{claim_id}|{epoch}|{index}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 11


def claim(
    *,
    en: str = "",
    ko: str = "",
    source: str = "",
    rule: Rule | None = None,
    controls: Mapping[str, Knobs] = MappingProxyType({}),
    expect: str = Expected.VERIFIED,
    notes: Sequence[str] = (),
    seconds: float = 1.0,
    memory_gib: float = 2.0,
    devices: Sequence[str] = DEVICES,
) -> Callable[[Experiment], Claim]:
    """Make a claim of the experiment below: a function `f(run, **knobs)` that returns one number per seed per measure.

    en, ko: the statement in English and Korean.  source: paper and section.
    rule: from `dlcheck.rules`, fixed before anything runs.  controls: name -> knobs that take the mechanism away.
    expect: the verdict the author expects, "verified" or "refuted".  notes: ids of statements in study notes.
    seconds: CPU seconds of one batch of seeds of one arm; the time limit is derived from it.
    memory_gib: memory one batch may take beyond torch itself.  devices: kinds of device it can run on.

    A faulty declaration is reported when the plugin is collected, not here, so that the other claims keep working.
    """

    def decorate(experiment: Experiment) -> Claim:
        made = Claim(
            name=experiment.__name__.replace("_", "-"),
            statement=Text(en, ko),
            source=source,
            rule=rule,  # type: ignore[arg-type]  # None is reported when the plugin is loaded
            experiment=experiment,
            controls=controls,
            expect=Expected(expect) if expect in tuple(Expected) else expect,  # type: ignore[arg-type]  # reported when the plugin is loaded
            notes=tuple(notes),
            seconds=seconds,
            memory_gib=memory_gib,
            devices=devices if isinstance(devices, str) else tuple(devices),  # type: ignore[arg-type]  # likewise
        )
        # A list in the author's module, because a second function of the same name would hide the first one.
        inspect.unwrap(experiment).__globals__.setdefault(DECLARED, []).append(made)
        return made

    return decorate


@dataclass(frozen=True)
class Topic:
    """One subject of study; what a plugin's `dlcheck_topics` hook returns.

    name: as typed on the command line.  en, ko: its title.
    claims: dotted names of the modules that hold the claims.  model: of the one that holds the reference model.
    questions: the bank of its quiz, as `package/file.yaml`.  oracles: dotted name of the module with the functions that
    compute their answers.
    """

    name: str
    en: str
    ko: str
    claims: Sequence[str]
    model: str = ""
    questions: str = ""
    oracles: str = ""

    def collect(self, module: str) -> list[Claim]:
        """The claims written in one of the modules, in order; two functions of one name are both there.

        Raises whatever importing the module raises.
        """
        return [replace(made, topic=self.name) for made in vars(importlib.import_module(module)).get(DECLARED, [])]


def lazy(module: str) -> Any:
    """The module, imported when it is first used: claims may name torch without paying for it when they are listed."""
    return _Lazy(module)


class _Lazy(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


__all__ = [
    "Claim",
    "ClaimError",
    "Curve",
    "Expected",
    "Knobs",
    "Lang",
    "Numbers",
    "Run",
    "Text",
    "Topic",
    "claim",
    "derive_seed",
    "lazy",
    "per_seed",
]
