"""What a code answer returned, compared with the reference one rung after the other: the first that fails is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcheck.api import Text
from dlcheck.quiz.inside.answer import is_floating
from dlcheck.quiz.inside.wire import Malformed, Other, TooLarge

if TYPE_CHECKING:
    import torch

MEMORY = ("can't allocate memory", "bad_alloc", "not enough memory")
SEALED = Text(
    " An answer runs sealed off: without network, without your files, without other programs.",
    " 답안은 네트워크, 파일, 다른 프로그램과 차단된 채 실행됩니다.",
)


@dataclass(frozen=True)
class Answers:
    """What one program gave: a value (and gradients) for each case, until it raised something."""

    values: Sequence[Mapping[str, Any]]
    raised: Mapping[str, Any] | None = None

    @classmethod
    def check(cls, told: Any, cases: int) -> Answers:
        """Raises Malformed for what no honest process tells."""
        if not isinstance(told, dict) or set(told) != {"values", "raised"}:
            raise Malformed("no answers")
        values, raised = told["values"], told["raised"]
        if not isinstance(values, tuple) or not all(map(_is_value, values)):
            raise Malformed("no values")
        if not (len(values) == cases if raised is None else _is_raised(raised) and len(values) < cases):
            raise Malformed("values for other cases")
        return cls(values, raised)


def _is_value(told: Any) -> bool:
    has_both = isinstance(told, dict) and set(told) == {"value", "gradients"}
    return has_both and (told["gradients"] is None or isinstance(told["gradients"], tuple))


def _is_raised(told: Any) -> bool:
    if not isinstance(told, dict) or set(told) != {"type", "said", "line"}:
        return False
    return isinstance(told["type"], str) and isinstance(told["said"], str) and type(told["line"]) in (int, type(None))


@dataclass(frozen=True)
class Tolerance:
    """As in `torch.testing.assert_close`."""

    atol: float
    rtol: float

    @property
    def of_gradients(self) -> Tolerance:
        """Ten times as wide: behind them is the rounding of two passes, and a wrong gradient is far off."""
        return Tolerance(10 * self.atol, 10 * self.rtol)


@dataclass(frozen=True)
class Pair:
    """One value of those that a case returned, and what the reference has there."""

    case: int
    place: str
    got: Any
    expected: Any


def first_failure(got: Answers, expected: Answers, cases: Sequence[Sequence[Any]], near: Tolerance) -> Text | None:
    """None when everything agrees."""
    if got.raised is not None:
        return _raised(got.raised)
    pairs = []
    for number, (ours, reference) in enumerate(zip(got.values, expected.values, strict=True)):
        for pair in _pairs(number, "", ours.get("value"), reference["value"]):
            if why := _kind(pair):
                return _told(why, pair, cases)
            pairs.append(pair)
    rungs: list[Callable[[Pair, Tolerance], Text | None]] = [_shape, _dtype, _finite, _value]
    for rung in rungs:
        for pair in pairs:
            if why := rung(pair, near):
                return _told(why, pair, cases)
    return _gradients(got, expected, cases, near)


def same(left: Answers, right: Answers, cases: Sequence[Sequence[Any]], near: Tolerance) -> bool:
    """Whether two programs do the same, right or wrong; of what was raised, the line does not matter."""
    if left.raised or right.raised:
        kinds = [each.raised and (each.raised.get("type"), each.raised.get("said")) for each in (left, right)]
        return kinds[0] == kinds[1]
    try:
        return first_failure(left, right, cases, near) is None
    except RuntimeError:  # both may be of a dtype with which torch cannot compare
        return False


def clean(said: Any) -> str:
    """Text from the other side on one line, without what a terminal would obey."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(said)).split())[:200]


def _told(why: Text, pair: Pair, cases: Sequence[Sequence[Any]]) -> Text:
    inputs = ", ".join(map(_argument, cases[pair.case]))
    place = Text(f"Value {pair.place}: ", f"{pair.place}번째 값: ") if pair.place else Text("", "")
    return Text(f"{place.en}{why.en} Arguments: {inputs}.", f"{place.ko}{why.ko} 인자: {inputs}.")


def _argument(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_argument, value))})"
    return f"{_name(value)}{_size(value.shape)}" if hasattr(value, "shape") else repr(value)[:40]


def _pairs(case: int, place: str, got: Any, expected: Any) -> Iterator[Pair]:
    """The values side by side, or the place where the nesting differs."""
    if not (isinstance(expected, tuple) and isinstance(got, tuple) and len(got) == len(expected)):
        yield Pair(case, place, got, expected)
        return
    for number, (one, other) in enumerate(zip(got, expected, strict=True), 1):
        yield from _pairs(case, f"{place}.{number}" if place else str(number), one, other)


def _kind(pair: Pair) -> Text | None:
    got, expected = _described(pair.got), _described(pair.expected)
    if _kind_of(pair.got) == _kind_of(pair.expected) and not isinstance(pair.got, tuple):
        return None
    return Text(f"Expected {expected.en}, got {got.en}.", f"기대한 값: {expected.ko}, 반환된 값: {got.ko}.")


def _kind_of(value: Any) -> str:
    if isinstance(value, TooLarge) or hasattr(value, "dtype"):
        return "tensor"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def _described(value: Any) -> Text:
    if isinstance(value, Other):
        return Text(f"an object of type {clean(value.type_name)}", f"{clean(value.type_name)} 타입의 객체")
    if isinstance(value, tuple):
        return Text(f"{len(value)} values", f"값 {len(value)}개")
    if _kind_of(value) == "tensor":
        size = _size(value.shape)
        return Text(f"a tensor of shape {size}", f"형태가 {size}인 텐서")
    words = clean(repr(value))
    return Text(words, words)


def _shape(pair: Pair, near: Tolerance) -> Text | None:
    if _kind_of(pair.expected) != "tensor" or tuple(pair.got.shape) == tuple(pair.expected.shape):
        if isinstance(pair.got, TooLarge):
            raise Malformed("a tensor of the right shape without its numbers")
        return None
    got, expected = _size(pair.got.shape), _size(pair.expected.shape)
    return Text(f"Expected the shape {expected}, got {got}.", f"기대한 형태(shape): {expected}, 반환된 형태: {got}.")


def _dtype(pair: Pair, near: Tolerance) -> Text | None:
    if _kind_of(pair.expected) != "tensor" or pair.got.dtype == pair.expected.dtype:
        return None
    got, expected = _name(pair.got), _name(pair.expected)
    return Text(f"Expected the dtype {expected}, got {got}.", f"기대한 dtype: {expected}, 반환된 dtype: {got}.")


def _finite(pair: Pair, near: Tolerance) -> Text | None:
    """Finite wherever the reference is."""
    if _kind_of(pair.expected) == "number":
        is_bad = _is_finite(pair.expected) and not _is_finite(pair.got)
        return Text(*_endless(str(pair.got), ("", ""))) if is_bad else None
    if _kind_of(pair.expected) != "tensor":
        return None
    bad = pair.expected.isfinite() & ~pair.got.isfinite()
    if not bad.any():
        return None
    index = _first(bad)
    return Text(*_endless(_number(pair.got[index]), _at(index)))


def _is_finite(number: float) -> bool:
    return isinstance(number, int) or math.isfinite(number)  # a whole number may be too large for a float


def _value(pair: Pair, near: Tolerance) -> Text | None:
    if _kind_of(pair.expected) == "tensor":
        return _difference(pair.got, pair.expected, near)
    is_number = _kind_of(pair.expected) == "number"
    if _is_near(pair.got, pair.expected, near) if is_number else pair.got == pair.expected:
        return None
    got, expected = _plain(pair.got), _plain(pair.expected)
    return Text(*_expected(got, expected, ("", "")))


def _is_near(got: float, expected: float, near: Tolerance) -> bool:
    """As `torch.isclose` has it; whole numbers have to be equal, and may be of any size."""
    if got == expected or (isinstance(got, int) and isinstance(expected, int)):
        return got == expected
    try:
        distance = abs(got - expected)
    except OverflowError:  # a whole number that is larger than any float
        return False
    both_nan = got != got and expected != expected
    return both_nan or (_is_finite(expected) and distance <= near.atol + near.rtol * abs(expected))


def _difference(got: torch.Tensor, expected: torch.Tensor, near: Tolerance) -> Text | None:
    """Where the two differ most, if they differ. Whole numbers have to be equal."""
    import torch

    is_exact = not (got.is_floating_point() or got.is_complex() or expected.is_floating_point())
    if is_exact:
        bad = got != expected
        distance = bad.double()
    else:
        wide = torch.complex128 if got.is_complex() else torch.float64
        got, expected = got.to(wide), expected.to(wide)
        bad = ~torch.isclose(got, expected, rtol=near.rtol, atol=near.atol, equal_nan=True)
        distance = (got - expected).abs().nan_to_num(math.inf, math.inf, math.inf)
    if not bad.any():
        return None
    worst = _first(bad & (distance == distance[bad].max()))
    en, ko = _expected(_number(got[worst]), _number(expected[worst]), _at(worst))
    if got.numel() > 1:
        most = ("", "") if is_exact else (", this one most", "(여기가 가장 큼)")
        en += f" {int(bad.sum())} of {got.numel()} differ{most[0]}."
        ko += f" 전체 {got.numel()}개 중 {int(bad.sum())}개가 다릅니다{most[1]}."
    return Text(en, ko)


def _gradients(got: Answers, expected: Answers, cases: Sequence[Sequence[Any]], near: Tolerance) -> Text | None:
    """Of sum(output * cotangent) by each floating argument; one that is not depended on has none, or zeros."""
    for case, (ours, reference) in enumerate(zip(got.values, expected.values, strict=True)):
        wanted, found = reference["gradients"], ours.get("gradients")
        if wanted is None:
            continue
        if not isinstance(found, tuple) or len(found) != len(wanted):
            raise Malformed("no gradients")
        for number, (one, other) in enumerate(zip(found, wanted, strict=True), 1):
            if why := _gradient(one, other, near):
                by = Text(f"Gradient by floating argument {number}: ", f"실수 인자 {number}번에 대한 기울기: ")
                return _told(Text(by.en + why.en, by.ko + why.ko), Pair(case, "", one, other), cases)
    return None


def _gradient(got: Any, expected: Any, near: Tolerance) -> Text | None:
    import torch

    if got is None and expected is not None and bool(expected.any()):
        return Text(
            "Expected one, got none: the result was cut off from it (detach, item, no_grad, a new tensor).",
            "기울기가 있어야 하는데 없습니다. detach, item, no_grad, 새 텐서 등으로 연산 그래프가 끊겼습니다.",
        )
    if got is None:
        return None
    if is_floating(got) and got.element_size() == 1:  # torch can do little with such numbers
        raise Malformed("a gradient of a dtype that no argument has")
    if expected is None and is_floating(got) and not got.any():
        return None
    expected = torch.zeros_like(got) if expected is None else expected
    if not is_floating(got) or got.shape != expected.shape or got.dtype != expected.dtype:
        raise Malformed("no gradient")
    return _finite(Pair(0, "", got, expected), near) or _difference(got, expected, near.of_gradients)


def _raised(raised: Mapping[str, Any]) -> Text:
    kind, said, line = clean(raised.get("type")), clean(raised.get("said")), raised.get("line")
    if kind == "MemoryError" or any(sign in said for sign in MEMORY):
        return Text("It asked for more memory than an answer may have.", "답안이 쓸 수 있는 메모리를 넘었습니다.")
    what = f"{kind}: {said}".rstrip(": .")
    sealed = SEALED if kind in ("PermissionError", "FileNotFoundError", "OSError", "gaierror") else Text("", "")
    if not isinstance(line, int):
        return Text(f"It raised {what}.{sealed.en}", f"{what} 예외가 발생했습니다.{sealed.ko}")
    return Text(f"Line {line} raised {what}.{sealed.en}", f"{line}번째 줄에서 {what} 예외가 발생했습니다.{sealed.ko}")


def _plain(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else clean(repr(value))


def _endless(got: str, at: tuple[str, str]) -> tuple[str, str]:
    return f"Expected finite values, got {got}{at[0]}.", f"{at[1]}유한한 값이 아닙니다: {got}."


def _expected(got: str, expected: str, at: tuple[str, str]) -> tuple[str, str]:
    return f"Expected {expected}{at[0]}, got {got}.", f"{at[1]}기대한 값: {expected}, 반환된 값: {got}."


def _at(index: tuple[int, ...]) -> tuple[str, str]:
    return (f" at {list(index)}", f"{list(index)} 자리: ") if index else ("", "")


def _first(mask: torch.Tensor) -> tuple[int, ...]:
    """The index of the first element that is true."""
    return tuple(mask.nonzero()[0].tolist())


def _number(value: torch.Tensor) -> str:
    number = value.item()
    return f"{number:.6g}" if isinstance(number, float | complex) else str(number)


def _size(shape: Sequence[int]) -> str:
    return clean(tuple(shape))


def _name(value: Any) -> str:
    return str(value.dtype).removeprefix("torch.")
