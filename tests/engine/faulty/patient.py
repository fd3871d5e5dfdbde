"""Claims for a run that is interrupted: some are quick, and the others wait until a file named "go on" is there."""

import ctypes
import os
import time
from pathlib import Path

from dlcheck import at_least, claim, exceeds, lazy, per_seed

torch = lazy("torch")

HERE = Path(__file__).parent
ONE = at_least("x", 1.0)


def holds(rule=ONE):
    """A claim whose control "off" fails."""
    return claim(en="It holds.", ko="성립한다.", source="none", rule=rule, controls={"off": {"x": 0.0}}, seconds=60)


def wait(name, sleep):
    """Say that we are here, then wait for the sign to go on."""
    (HERE / f"{name} waits").touch()
    while not (HERE / "go on").exists():
        sleep(1)


@holds()
def quick(run, x=1.0):
    """One."""
    return {"x": [x for _ in run.seeds]}


@holds(rule=exceeds("a", "b", by=0.1))
@per_seed
def noisy(run, seed, x=1.0):
    """Two random numbers, which differ by little."""
    a, b = torch.rand(2, generator=run.generator(seed)).tolist()
    return {"a": a * x, "b": b * x}


@holds()
def stuck_in_c(run, x=1.0):
    """One, later; holds the interpreter's lock meanwhile."""
    wait(f"stuck {x}", ctypes.PyDLL(None).sleep)
    return {"x": [x for _ in run.seeds]}


@holds()
def has_children(run, x=1.0):
    """One, later; has a child, a session of its own and a daemon meanwhile."""
    for detach in (lambda: None, os.setsid, lambda: os.fork() and os._exit(0)):
        if not (HERE / "go on").exists() and os.fork() == 0:
            detach()
            time.sleep(3600)
    wait(f"children {x}", time.sleep)
    return {"x": [x for _ in run.seeds]}


@holds()
def last(run, x=1.0):
    """One."""
    return {"x": [x for _ in run.seeds]}
