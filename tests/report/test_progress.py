"""How far a run is."""

import pytest

from dlcheck.report.progress import Progress


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def state(claim):
    """Two claims of 10 expected seconds, two workers, a clock that stands still."""
    state = Progress(jobs=2, clock=Clock())
    state.plan([claim("one"), claim("two")], {"toy/one": 10.0, "toy/two": 10.0})
    return state


def test_seeds_are_counted_over_all_arms(state, claim):
    """A bet begins with 8 seeds for the claim and 8 for its control; what runs counts by its share."""
    one = claim("one")
    state.start(one, "")
    state.step(one, "", 1, 2)
    (measuring,) = state.running
    assert measuring.seeds() == (0, 16)
    assert measuring.share == 0.25
    state.finish(one, "", 8)
    assert measuring.seeds() == (8, 16)
    assert state.running == []  # its control waits for a worker


def test_more_seeds_are_needed_while_nothing_is_settled(state, claim):
    """The second batch of an arm raises the total by its 4 seeds, and the bar goes on from there."""
    one = claim("one")
    state.start(one, "")
    state.finish(one, "", 8)
    state.start(one, "")
    assert state.running[0].seeds() == (8, 20)


def test_a_retry_starts_the_cell_over(state, claim):
    """A cell that began again has done nothing yet."""
    one = claim("one")
    state.start(one, "")
    state.step(one, "", 3, 4)
    state.start(one, "")
    assert state.running[0].share == 0


def test_time_to_go_is_shared_by_the_workers(state, claim):
    """20 s of work for two workers is 10 s; half of one claim done leaves 7.5 s, and a decided claim nothing."""
    one = claim("one")
    assert state.to_go == 10.0
    state.start(one, "")
    state.finish(one, "", 8)
    assert state.to_go == 7.5
    state.decide(one)
    assert (state.to_go, state.decided, state.total) == (5.0, 1, 2)


def test_a_slow_machine_is_told_longer(state, claim):
    """Half of the work done at a fifth of the stated speed: the other half takes as long."""
    state.decide(claim("one"))
    state.clock.now += 25
    assert state.to_go == 25.0


def test_elapsed_follows_the_clock(state):
    """Seconds since the plan."""
    state.clock.now += 7
    assert state.elapsed == 7
