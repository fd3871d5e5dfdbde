"""Numbers as people read them: three digits, the unit of the effect, seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dlcheck.api import Lang
from dlcheck.report import words
from dlcheck.rules import Compare, Judgement, Rule

EXPONENTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: Any) -> str:
    """Three significant digits; whole numbers in full with thousands separated; lists by their ends."""
    if isinstance(value, list):
        return "[" + ", ".join(number(x) for x in value) + "]" if len(value) <= 3 else _ends(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


def round_number(value: float) -> str:
    """A number beside an axis; large and small ones as powers of ten."""
    digits, _, power = f"{value:.3g}".partition("e")
    if not value or 1e-4 <= abs(value) < 1e5 or not power:
        return number(value)
    return {"1": "", "-1": "-"}.get(digits, f"{digits}·") + f"10{str(int(power)).translate(EXPONENTS)}"


def _ends(values: Sequence[Any]) -> str:
    return f"[{number(values[0])}, …, {number(values[-1])}]"


def effect(judgement: Judgement, rule: Rule, lang: Lang) -> str:
    """The effect in its unit with its interval (left out where every seed gave the same), "" where there is none."""
    if judgement.effect is None:
        return ""
    shown = _with_unit(number(judgement.effect), judgement.unit, rule, lang)
    if judgement.interval is None or judgement.interval == (judgement.effect, judgement.effect):
        return shown
    low, high = judgement.interval
    return f"{shown} [{number(low)}, {number(high)}]"


def _with_unit(effect: str, unit: str, rule: Rule, lang: Lang) -> str:
    """Behind the number; where an author gave no unit, what the number is stands before it."""
    if unit in words.UNITS:
        return words.UNITS[unit](lang).format(effect=effect)
    if unit:
        return f"{effect} {unit}"
    named = words.DIFFERENCE(lang) if isinstance(rule, Compare) else rule.measures[0]
    return f"{named} {effect}"


def seeds(judgement: Judgement, lang: Lang) -> str:
    """How many seeds the verdict rests on and, where a bet decided, how many of them showed the effect."""
    if judgement.wins is not None:
        return words.WINS(lang).format(wins=judgement.wins, n=judgement.seeds)
    return words.SEEDS(judgement.seeds, lang)


def duration(seconds: float, lang: Lang) -> str:
    """What something took, with one digit behind the point below ten seconds."""
    if seconds < 0.05:
        return words.NO_TIME(lang)
    return words.SECONDS(lang).format(s=f"{seconds:.1f}") if seconds < 9.95 else clock(seconds, lang)


def clock(seconds: float, lang: Lang) -> str:
    """Whole seconds; minutes from ninety seconds on."""
    if seconds >= 90:
        minutes, rest = divmod(round(seconds), 60)
        return (words.MINUTES if rest else words.WHOLE_MINUTES)(lang).format(m=minutes, s=rest)
    return words.SECONDS(lang).format(s=f"{seconds:.0f}")
