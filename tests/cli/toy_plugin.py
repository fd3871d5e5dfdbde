"""A plugin whose claims reach every verdict there is, without training anything."""

import time

from dlcheck import Topic, at_least, claim, equals, exceeds, hookimpl


@hookimpl
def dlcheck_topics():
    return [Topic("toy", "Toys", "장난감", claims=("toy_plugin",))]


@claim(
    en="Two is two.",
    ko="둘은 둘이다.",
    notes=["000-01"],
    source="Euclid, book 7",
    rule=equals("gap", 0.0, atol=1e-9),
    controls={"off by one": {"gap": 1.0}},
)
def two_is_two(run, gap=0.0):
    """The gap between two and two."""
    return {"gap": [gap for _ in run.seeds]}


@claim(
    en="Heads always win.",
    ko="앞면이 늘 이긴다.",
    source="folklore",
    expect="refuted",
    rule=exceeds("heads", "tails", by=0.1, unit="points"),
    controls={"loaded coin": {"heads": 1.0}},
)
def heads_win(run, heads=0.3):
    """Points for heads and for tails."""
    return {"heads": [heads for _ in run.seeds], "tails": [0.7 for _ in run.seeds]}


@claim(
    en="Zero is one.",
    ko="영은 일이다.",
    source="nobody",
    rule=equals("gap", 0.0, atol=1e-9),
    controls={"right": {"gap": 0.0}},
    seconds=90.0,  # dearer than patience, which it comes before
)
def zero_is_one(run, gap=1.0):
    """The gap between zero and one."""
    return {"gap": [gap for _ in run.seeds]}


@claim(
    en="Everything is at least zero.",
    ko="모든 것은 영 이상이다.",
    source="nobody",
    rule=at_least("score", 0.0),
    controls={"broken": {"score": 0.0}},
)
def always_true(run, score=1.0):
    """A score that cannot be negative."""
    return {"score": [score for _ in run.seeds]}


@claim(
    en="A coin shows heads.",
    ko="동전은 앞면이 나온다.",
    source="nobody",
    rule=at_least("heads", 1.0),
    controls={"two tails": {"tails": True}},
)
def a_coin(run, tails=False):
    """One for heads, zero for tails."""
    return {"heads": [0.0 if tails else float(index % 2) for index, _ in enumerate(run.seeds)]}


@claim(en="This breaks.", ko="이것은 고장난다.", source="nobody", rule=at_least("x", 1.0), controls={"off": {"x": 0.0}})
def breaks(run, x=1.0):
    """Nothing, because it breaks."""
    raise RuntimeError("the experiment broke")


@claim(
    en="This needs an accelerator.",
    ko="이것은 가속기가 필요하다.",
    source="nobody",
    devices=("cuda",),
    rule=at_least("x", 1.0),
    controls={"off": {"x": 0.0}},
)
def needs_cuda(run, x=1.0):
    """A number."""
    return {"x": [x for _ in run.seeds]}


@claim(
    en="One clears the bar.",
    ko="일은 문턱을 넘는다.",
    source="nobody",
    rule=at_least("x", 1.0),
    controls={"half of the time": {"half": True}},
)
def weak_control(run, half=False):
    """A number, or half of the time zero."""
    return {"x": [0.0 if half and index % 2 else 1.0 for index, _ in enumerate(run.seeds)]}


@claim(
    en="It is [bold red]not[/] :smile: \x1b[31mred\x1b[0m \x07\u202ebackwards.",
    ko="[bold]굵지[/] 않다.",
    source="[link=http://x]nobody[/link]\r\nsecond line",
    rule=at_least("[red]x[/]", 1.0, unit="[i]u[/i]"),
    controls={"[off]\x1b[2J": {"x": 0.0}},
)
def nasty(run, x=1.0):
    """[bold]A number[/] :tada:"""
    return {"[red]x[/]": [x for _ in run.seeds]}


@claim(
    en="Patience pays.",
    ko="인내는 보답한다.",
    source="nobody",
    seconds=60.0,
    rule=at_least("x", 1.0),
    controls={"off": {"x": 0.0}},
)
def patience(run, x=1.0):
    """A number, after a long while."""
    for step in range(600):
        run.progress(step, 600)
        time.sleep(0.1)
    return {"x": [x for _ in run.seeds]}
