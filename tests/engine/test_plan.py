"""What a run is to decide, and how machines divide it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcheck.api import Claim, Expected, Text
from dlcheck.engine.plan import Shard, make_plan, share
from dlcheck.errors import DlcheckError
from dlcheck.rules import at_least

SOURCE = """
from dlcheck import at_least, claim

def helper():
    return 1.0

@claim(en="e", ko="k", source="s", rule=at_least("x", 1.0), controls={"off": {"x": 0.0}})
def one(run, x=1.0):
    "One."
    return {"x": [x * helper() for _ in run.seeds]}
"""


def a_claim(name: str, seconds: float, controls: int = 1) -> Claim:
    knobs = {str(index): {"x": index} for index in range(controls)}
    return Claim(name, Text("e", "k"), "s", at_least("x", 1.0), lambda run: {}, knobs, seconds=seconds, topic="t")


CLAIMS = st.lists(st.tuples(st.floats(0.01, 100), st.integers(1, 3)), min_size=1, max_size=40)


@given(CLAIMS, st.data())
def test_every_claim_is_in_exactly_one_shard(costs, data):
    """In the order of the run; no shard is empty, and none costs more than its share and the costliest claim."""
    claims = [a_claim(f"c{index}", *cost) for index, cost in enumerate(costs)]
    count = data.draw(st.integers(1, len(claims)))
    shards = [share(claims, Shard(index, count)) for index in range(1, count + 1)]
    assert sorted(claim.name for shard in shards for claim in shard) == sorted(claim.name for claim in claims)
    assert all(shards)
    assert all(shard == [claim for claim in claims if claim in shard] for shard in shards)
    cost = {claim.name: claim.seconds * len(claim.arms()) for claim in claims}
    heaviest = max(sum(cost[claim.name] for claim in shard) for shard in shards)
    assert heaviest <= sum(cost.values()) / count + max(cost.values()) + 1e-6


def test_shards_are_divided_by_cost():
    """One claim of ten seconds weighs as much as ten of one."""
    claims = [a_claim("long", 10.0), *(a_claim(f"short-{index}", 1.0) for index in range(10))]
    assert sorted(len(share(claims, Shard(index, 2))) for index in (1, 2)) == [1, 10]


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "-1/2", "1/0", "1/2/3", ""])
def test_a_shard_that_does_not_exist_is_refused(text):
    """Shards count from 1 to n."""
    with pytest.raises(DlcheckError, match="expected i/n with 1 <= i <= n"):
        Shard.parse(text)
    assert str(Shard.parse("2/3")) == "2/3"


def test_more_shards_than_claims_are_refused():
    """A machine with nothing to do would be green."""
    with pytest.raises(DlcheckError, match="expected at most as many shards as claims, which are 1"):
        share([a_claim("c", 1.0)], Shard(1, 2))


def test_a_plan_changes_with_what_numbers_or_verdict_depend_on(write):
    """Source, knobs, rule, expectation, epoch, device and limit of seeds; not with the statement."""

    def digest(claim, **settings):
        asked = {"device": "cpu", "epoch": 0, "seeds_max": None, **settings}
        return make_plan([claim], **asked).claims[claim.id]

    (one,) = write(SOURCE, "planned")
    before = digest(one)
    assert digest(replace(one, statement=Text("Another.", "다른 것."))) == before
    others = [
        digest(replace(one, rule=at_least("x", 0.5))),
        digest(replace(one, expect=Expected.REFUTED)),
        digest(replace(one, controls={"off": {"x": 0.1}})),
        digest(replace(one, controls={"out": {"x": 0.0}})),
        digest(one, epoch=1),
        digest(one, device="cuda:0"),
        digest(one, seeds_max=4),
        digest(one, seeds_max=8),
        digest(write(SOURCE.replace("return 1.0", "return 1.5"), "planned")[0]),
    ]
    assert len({before, *others}) == len(others) + 1
