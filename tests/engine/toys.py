"""Claims of every kind, for tests of what the engine decides. A copy of this file is written for each test."""

from pathlib import Path

from dlcheck import at_least, below, claim, equals, exceeds, faster, lazy

torch = lazy("torch")
HERE = Path(__file__).parent
ONE = at_least("x", 1.0)


def toy(rule=ONE, controls=None, **more):
    """A claim with its words filled in."""
    controls = controls or {"off": {"x": 0.0}}
    return claim(**{"en": "It holds.", "ko": "성립한다.", "source": "none", "rule": rule, "controls": controls, **more})


def note(what):
    """Leave a line for the test to read."""
    with open(HERE / "notes", "a") as file:
        file.write(f"{what}\n")


@toy()
def true(run, x=1.0):
    """One."""
    note(f"true {x:g} {list(run.seeds)}")
    return {"x": [x for _ in run.seeds]}


@toy(expect="refuted", controls={"on": {"x": 1.0}})
def untrue(run, x=0.0):
    """Zero."""
    return {"x": [x for _ in run.seeds]}


@toy(controls={"off": {"x": 0.0}, "the same": {"x": 2.0}})
def vacuous(run, x=1.0):
    """One, or two."""
    return {"x": [x for _ in run.seeds]}


@toy(controls={"off": {"x": 0.0}, "half": {"x": 0.5}})
def weak(run, x=1.0):
    """One, or on every other seed for the control "half"."""
    return {"x": [1.0 if x == 0.5 and index % 2 else x for index, _ in enumerate(run.seeds)]}


@toy(rule=exceeds("a", "b", by=0.5))
def mostly(run, x=1.0):
    """Lost on the first seed of the first batch: eight are not enough."""
    run.progress(1, 4)
    run.progress(3, 4)
    note(f"mostly {x:g} {len(run.seeds)}")
    first = len(run.seeds) == 8
    return {
        "a": [0.0 if first and index == 0 else x for index, _ in enumerate(run.seeds)],
        "b": [0.0 for _ in run.seeds],
    }


@toy()
def a_coin(run, x=1.0):
    """Every other seed: never settled."""
    return {"x": [x if index % 2 else 0.0 for index, _ in enumerate(run.seeds)]}


@toy(controls={"broken": {"x": -1.0}})
def broken_control(run, x=1.0):
    """One; the control raises."""
    if x < 0:
        raise ValueError("no luck")
    return {"x": [x for _ in run.seeds]}


@toy(devices=["cuda"])
def elsewhere(run, x=1.0):
    """One, on a GPU."""
    return {"x": [x for _ in run.seeds]}


@toy(rule=equals("gap", 0.0, atol=1e-9), controls={"a little off": {"x": 1e-8}})
def little_teeth(run, x=0.0):
    """Nothing, or less than a thousand tolerances."""
    return {"gap": [x for _ in run.seeds]}


@toy(rule=faster("a", "b", times=2), controls={"equal": {"x": 1.0}})
def timed(run, x=4.0):
    """Seconds, as if they had been measured."""
    return {"a": [1.0 for _ in run.seeds], "b": [x for _ in run.seeds]}


@toy(rule=below("a", "b", by=0.2))
def drawn(run, x=1.0):
    """Random numbers of the run's own generators."""
    a = [float(torch.rand((), generator=run.generator(seed))) for seed in run.seeds]
    return {"a": a, "b": [value + x * 0.5 * float(torch.rand(())) for value in a]}


@toy(seconds=5.0)
def long(run, x=1.0):
    """One."""
    note(f"long {x:g}")
    return {"x": [x for _ in run.seeds]}
