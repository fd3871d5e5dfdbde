"""Claims that hold, if nothing breaks. Each breaks in its own way in the claim's own arm, and never in its control.

A copy of this file stands in the folder of each test, which is how a fault leaves traces there.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

from dlcheck import at_least, claim, equals, exceeds, lazy

torch = lazy("torch")

HERE = Path(__file__).parent
FOREVER = 3600


ONE = at_least("x", 1.0)


def holds(rule=ONE, **resources):
    """A claim whose control "off" fails."""
    return claim(en="It holds.", ko="성립한다.", source="none", rule=rule, controls={"off": {"x": 0.0}}, **resources)


def numbers(run, x):
    return {"x": [x for _ in run.seeds]}


def first_time(name):
    """Whether no process has been here before."""
    try:
        (HERE / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def sleep_in_c():
    """Holds the interpreter's lock, so that no signal handler and no thread of Python gets a turn."""
    ctypes.PyDLL(None).sleep(FOREVER)


@holds(seconds=6)
def sound(run, x=1.0):
    """One."""
    return numbers(run, x)


@holds(seconds=6)
def also_sound(run, x=1.0):
    """One."""
    return numbers(run, x)


@holds(seconds=0.01)
def sleeps_forever(run, x=1.0):
    """One, late."""
    if x:
        time.sleep(FOREVER)
    return numbers(run, x)


@holds(seconds=0.01)
def ignores_sigterm(run, x=1.0):
    """One, late."""
    for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP} if x else ():
        signal.signal(number, signal.SIG_IGN)
    while x:
        time.sleep(FOREVER)
    return numbers(run, x)


@holds(seconds=0.01)
def stuck_in_c(run, x=1.0):
    """One, late."""
    if x:
        sleep_in_c()
    return numbers(run, x)


@holds(seconds=0.01)
def talks_forever(run, x=1.0):
    """One, late; the pipe is always full."""
    while x:
        os.write(pipe(), b'{"Progress": {"done": 1, "total": 2}}\n' * 1000)
    return numbers(run, x)


@holds(seconds=0.01)
def stops_in_mid_sentence(run, x=1.0):
    """One, late."""
    if x:
        os.write(pipe(), b'{"Progress": {"done": 1')
        time.sleep(FOREVER)
    return numbers(run, x)


def pipe():
    """The file descriptor on which the worker talks to dlcheck."""
    frame = sys._getframe()
    while "connection" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["connection"].fileno()


@holds(seconds=6)
def segfaults(run, x=1.0):
    """One, never."""
    if x:
        ctypes.string_at(0)
    return numbers(run, x)


@holds(seconds=6, memory_gib=0.2)
def allocates_tensors(run, x=1.0):
    """One, never."""
    hoard = []
    while x:
        hoard.append(torch.ones(1 << 22))
    return numbers(run, x)


@holds(seconds=6, memory_gib=0.2)
def allocates_bytes(run, x=1.0):
    """One, never."""
    hoard = []
    while x:
        hoard.append(b"x" * (1 << 20))
    return numbers(run, x)


@holds(seconds=6)
def killed_from_outside(run, x=1.0):
    """One, never."""
    if x:
        os.kill(os.getpid(), signal.SIGKILL)
    return numbers(run, x)


@holds(seconds=6)
def killed_once(run, x=1.0):
    """One, at the second try; the seeds of both tries are kept."""
    if x:
        with open(HERE / "seeds", "a") as file:
            file.write(f"{list(run.seeds)}\n")
        if first_time("killed once"):
            os.kill(os.getpid(), signal.SIGKILL)
    return numbers(run, x)


@holds(seconds=6)
def leaves_a_child(run, x=1.0):
    """One; a child in the same process group stays."""
    if x and os.fork() == 0:
        time.sleep(FOREVER)
    return numbers(run, x)


@holds(seconds=6)
def leaves_a_session(run, x=1.0):
    """One; a child in a session of its own stays, deaf to signals, and so do its children."""
    if x and os.fork() == 0:
        os.setsid()
        os.fork()
        os.fork()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(FOREVER)
    return numbers(run, x)


@holds(seconds=6)
def leaves_a_daemon(run, x=1.0):
    """One; forked twice, it is nobody's child."""
    if x and os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(FOREVER)
        os._exit(0)
    return numbers(run, x)


@holds(seconds=6)
def leaves_many(run, x=1.0):
    """One; thirty children stay."""
    for _ in range(30 if x else 0):
        if os.fork() == 0:
            os.setsid()
            time.sleep(FOREVER)
    return numbers(run, x)


@holds(seconds=6)
def dies_and_leaves_a_child(run, x=1.0):
    """One, never; the child that stays still holds the pipe."""
    if x:
        if os.fork() == 0:
            os.setsid()
            time.sleep(FOREVER)
        os.kill(os.getpid(), signal.SIGKILL)
    return numbers(run, x)


@holds(seconds=6)
def copies_itself(run, x=1.0):
    """One; a copy of the whole process measures something else, and is done first."""
    if x and os.fork() == 0:
        return numbers(run, 0.0)
    time.sleep(0.5)
    return numbers(run, x)


@holds(seconds=6)
def leaves_a_thread(run, x=1.0):
    """One; a thread that is no daemon would keep the process."""
    if x:
        threading.Thread(target=time.sleep, args=(FOREVER,)).start()
    return numbers(run, x)


@holds(rule=exceeds("a", "b", by=0.5), seconds=6)
def diverges(run, x=1.0):
    """NaN, for the arm that was to do well; the control does well."""
    return {"a": [float("nan") if x else 1.0 for _ in run.seeds], "b": [0.0 for _ in run.seeds]}


@holds(rule=equals("gap", 0.0, atol=1e-9), seconds=6)
def is_nan(run, x=1.0):
    """NaN, where an equality was promised a finite number."""
    return {"gap": [float("nan") if x else 1.0 for _ in run.seeds]}


@holds(seconds=6)
def returns_a_string(run, x=1.0):
    """Not a dict."""
    return "one" if x else numbers(run, x)


@holds(seconds=6)
def returns_strings(run, x=1.0):
    """Not numbers."""
    return numbers(run, "one" if x else x)


@holds(seconds=6)
def returns_too_few(run, x=1.0):
    """One seed too few."""
    return {"x": [x for _ in run.seeds][1:]} if x else numbers(run, x)


@holds(seconds=6)
def raises(run, x=1.0):
    """One, never."""
    if x:
        raise ValueError("no\nluck")
    return numbers(run, x)


@holds(seconds=6)
def leaves_early(run, x=1.0):
    """One, never."""
    if x:
        os._exit(0)
    return numbers(run, x)


@holds(seconds=6)
def calls_sys_exit(run, x=1.0):
    """One, never."""
    if x:
        sys.exit(0)
    return numbers(run, x)


@holds(seconds=6)
def writes_garbage(run, x=1.0):
    """One, after bytes that mean nothing."""
    if x:
        os.write(pipe(), b"\x80\x04garbage\xff\n{}\n[1]\n")
    return numbers(run, x)


@holds(seconds=6)
def closes_everything(run, x=1.0):
    """One, which cannot be sent."""
    if x:
        os.closerange(3, 256)
    return numbers(run, x)


@holds(seconds=6)
def prints_a_lot(run, x=1.0):
    """One, noisily."""
    for _ in range(1 << 12 if x else 0):
        print("noise" * 100)
        sys.stderr.write("noise" * 100)
    return numbers(run, x)
