"""The whole life of the process that runs a student's code: read the order, confine itself, call, write what came back.

What it says is only values. Whether they are right is decided elsewhere, so nothing is won by lying here.
"""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

from .confine import confine
from .seal import seal
from .wire import LONGEST_TEXT, pack, unpack

READY = b"\x00ready\n"
FILE = "answer.py"


def main() -> None:
    """Order on standard input, answers on standard output, READY on standard error; then all three lead nowhere."""
    import torch

    torch.set_num_threads(1)
    order = unpack(sys.stdin.buffer.read())
    output, signal = os.dup(1), os.dup(2)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    confine(order["limits"])
    if order["readable"] and not seal(order["readable"]):
        return  # without having said READY
    os.write(signal, READY)
    os.close(signal)
    answers = [attempt(program, order) for program in order["programs"]]
    with open(output, "wb") as file:
        file.write(_packed(answers, order["most"]))
    os._exit(0)  # whatever threads are left


def _packed(answers: list[dict[str, Any]], most: int) -> bytes:
    """What cannot be sent (a list within itself, a tensor without numbers) counts as raised by the last program."""
    try:
        return pack(answers, most)
    except BaseException as error:
        return pack([*answers[:-1], {"values": [], "raised": raised(error)}], most)


def attempt(source: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """What the function gave for each case, until it raised something; `raised` says what and where."""
    import torch

    values: list[Any] = []
    try:
        torch.manual_seed(0)
        function = getattr(load(source), order["function"])
        for arguments, cotangents in zip(order["cases"], order["cotangents"], strict=True):
            values.append(call(function, arguments, cotangents))
    except BaseException as error:  # SystemExit too
        return {"values": values, "raised": raised(error)}
    return {"values": values, "raised": None}


def load(source: str) -> ModuleType:
    """The module. Its lines are known to those who look for them: tracebacks, `inspect`."""
    module = ModuleType("answer")
    module.__file__ = FILE
    sys.modules["answer"] = module
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    exec(compile(source, FILE, "exec"), vars(module))
    return module


def call(function: Any, arguments: Any, cotangents: Sequence[Any] | None) -> dict[str, Any]:
    """cotangents: what each floating tensor that is returned is multiplied by, before their sum is differentiated."""
    import torch

    if cotangents is None:
        return {"value": function(*arguments), "gradients": None}
    given = differentiable(arguments)
    value = function(*given)
    returned = [each for each in leaves(value) if is_floating(each)]
    if [each.shape for each in returned] != [each.shape for each in cotangents]:
        return {"value": value, "gradients": None}
    total = sum((each * by.to(each.dtype)).sum() for each, by in zip(returned, cotangents, strict=True))
    wanted = [each for each in leaves(given) if is_floating(each)]
    if not getattr(total, "requires_grad", False):
        return {"value": value, "gradients": [None for _ in wanted]}
    return {"value": value, "gradients": list(torch.autograd.grad(total, wanted, allow_unused=True))}


def differentiable(value: Any) -> Any:
    """The same arguments; floating tensors are leaves that collect gradients."""
    if isinstance(value, tuple | list):
        return tuple(map(differentiable, value))
    return value.clone().requires_grad_() if is_floating(value) else value


def leaves(value: Any) -> list[Any]:
    """What nested tuples and lists hold."""
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, tuple | list) else [value]


def is_floating(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor) and value.is_floating_point()


def raised(error: BaseException) -> dict[str, Any]:
    """type: its name.  said: the message, if it has one that can be had.  line: the deepest of the program's."""
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == FILE]
    said = ""
    with suppress(BaseException):  # the student's own __str__ may raise, too
        said = str(error)[:LONGEST_TEXT]
    return {"type": type(error).__name__, "said": said, "line": lines[-1] if lines else None}
