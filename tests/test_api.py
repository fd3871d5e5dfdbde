"""What plugin authors write with."""

import inspect
import random
import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcheck import ClaimError, Run, Topic, at_least, claim, lazy, per_seed
from dlcheck.api import Claim, Curve, Expected, Text, derive_seed


@claim(
    en="More is more.",
    ko="많으면 많다.",
    source="Euclid",
    rule=at_least("x", 1.0),
    controls={"off": {"x": 0.0}, "half": {"x": 0.5}},
    expect="refuted",
    notes=["000-01"],
)
def a_small_claim(run: Run, x: float = 2.0) -> dict[str, list[float]]:
    """The number
    itself.

    Not read by anybody.
    """
    return {"x": [x for _ in run.seeds]}


def test_the_decorator_makes_a_claim() -> None:
    """Name, words, place and arms come from the function and the keywords."""
    assert isinstance(a_small_claim, Claim)
    assert a_small_claim.name == "a-small-claim"
    assert (a_small_claim.statement("en"), a_small_claim.statement("ko")) == ("More is more.", "많으면 많다.")
    assert a_small_claim.measures == "The number itself."
    assert a_small_claim.location == (__file__, a_small_claim.experiment.__code__.co_firstlineno)  # type: ignore[attr-defined]
    assert (a_small_claim.module, a_small_claim.function) == (__name__, "a_small_claim")
    assert a_small_claim.arms() == {"": {}, "off": {"x": 0.0}, "half": {"x": 0.5}}
    assert a_small_claim.expect is Expected.REFUTED
    assert a_small_claim.notes == ("000-01",)


def test_a_topic_collects_the_claims_of_a_module() -> None:
    """They carry the topic's name in their id; the module's own claim is untouched."""
    (found,) = Topic("small", en="Small", ko="작은 것", claims=[__name__]).collect(__name__)
    assert found.id == "small/a-small-claim"
    assert a_small_claim.topic == ""


@given(st.integers(0, 10**6), st.integers(0, 1000))
def test_seeds_fit_everywhere(epoch: int, index: int) -> None:
    """A seed survives JSON's doubles and every random generator."""
    seed = derive_seed("topic/claim", epoch, index)
    assert 0 <= seed < 2**53
    assert int(float(seed)) == seed


def test_seeds_differ_between_claims_epochs_and_numbers() -> None:
    """No two claims share seeds, a new epoch draws new ones, and more seeds continue the same series."""
    topic = Topic("small", en="Small", ko="작은 것", claims=[__name__])
    (found,) = topic.collect(__name__)
    series = [found.seeds(0, 0, 20), found.seeds(7, 0, 20), a_small_claim.seeds(0, 0, 20)]
    assert len({seed for seeds in series for seed in seeds}) == 60
    assert found.seeds(0, 0, 8) + found.seeds(0, 8, 20) == found.seeds(0, 0, 20)


def test_seeds_never_change() -> None:
    """Saved trials are found again by their seeds, on every version and every machine."""
    assert derive_seed("transformer/permutation-equivariance", 0, 0) == 1693357631030484
    assert derive_seed("transformer/permutation-equivariance", 7, 3) == 4613466406839009


def test_a_generator_draws_the_same_numbers_for_a_seed() -> None:
    """And does not touch global random state."""
    run = Run([1, 2])
    before = torch.random.get_rng_state()
    first, again, other = (torch.rand(4, generator=run.generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_global_random_state_is_lent_and_given_back() -> None:
    """Layers may initialise themselves inside the block; outside it nothing has changed, after an error too."""
    run = Run([5])
    before = torch.random.get_rng_state(), random.getstate()
    with run.seeded(5):
        first = torch.nn.Linear(3, 3).weight, random.random()
    with run.seeded(5):
        again = torch.nn.Linear(3, 3).weight, random.random()
    with pytest.raises(ValueError, match="invalid literal"), run.seeded(6):
        int("x")
    assert torch.equal(first[0], again[0])
    assert first[1] == again[1]
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert random.getstate() == before[1]


@per_seed
def own_noise(run: Run, seed: int, scale: float = 1.0, *, shift: float = 0.0) -> dict[str, object]:
    """Global noise."""
    return {"noise": torch.randn(()) * scale + shift, "seed": seed}


def test_an_experiment_for_one_seed_serves_all() -> None:
    """Each seed gets numbers of its own, which do not depend on the seeds beside it, and progress is told."""
    seen: list[tuple[int, int]] = []
    numbers = own_noise(Run([1, 2, 3], on_progress=lambda done, total: seen.append((done, total))))
    assert numbers["seed"] == [1, 2, 3]
    assert own_noise(Run([3]))["noise"] == numbers["noise"][2:]
    assert own_noise(Run([3]), 2.0, shift=1.0)["noise"] == [numbers["noise"][2] * 2 + 1]
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_an_experiment_for_one_seed_shows_its_knobs_and_not_its_seed() -> None:
    """A control may turn the knobs; the seed is not one."""
    assert list(inspect.signature(own_noise).parameters) == ["run", "scale", "shift"]


def test_an_experiment_without_a_seed_is_refused_by_name() -> None:
    """The decorator was meant for something else."""
    with pytest.raises(ClaimError, match="'forgetful': expected f\\(run, seed"):

        @per_seed  # type: ignore[arg-type]  # that is the mistake
        def forgetful(run: Run) -> dict[str, float]:
            return {}


def test_an_experiment_whose_seed_is_a_knob_is_refused() -> None:
    """It would be given the seed as its knob."""
    with pytest.raises(
        ClaimError, match=r"'odd': expected f\(run, seed, \*\*knobs\), got f\(run: .*, flip: .* = False\)"
    ):

        @per_seed
        def odd(run: Run, flip: int = False) -> dict[str, float]:
            return {}


def test_an_experiment_for_one_seed_has_to_return_its_measures() -> None:
    """A return that was forgotten is said to be one."""

    @per_seed  # type: ignore[arg-type]  # that is the mistake
    def silent(run: Run, seed: int) -> None: ...

    with pytest.raises(ClaimError, match="expected a dict of measure -> number, got None"):
        silent(Run([1]))


def test_curves_are_kept_as_plain_numbers() -> None:
    """Whatever holds the points, the store gets floats."""
    run = Run([1])
    run.curve("loss", torch.arange(2), torch.tensor([[0.5, 0.25]]))  # type: ignore[arg-type]  # tensors work as well
    assert run.curves == [Curve("loss", [0.0, 1.0], [[0.5, 0.25]])]
    assert {type(y) for row in run.curves[0].ys for y in row} == {float}


def test_exact_precision_depends_on_the_device() -> None:
    """Equality is checked in float64 where that is cheap."""
    assert Run([], "cpu").exact_dtype == torch.float64
    assert Run([], "cuda:0").exact_dtype == torch.float32


def test_text_speaks_the_language_asked_for() -> None:
    """English is what everybody else gets."""
    assert (Text("yes", "예")("ko"), Text("yes", "예")("en")) == ("예", "yes")


def test_a_lazy_module_is_imported_when_it_is_used() -> None:
    """Naming torch costs nothing; the first attribute imports it."""
    code = (
        "import sys; from dlcheck import lazy; torch = lazy('torch'); assert 'torch' not in sys.modules; "
        "assert torch.tensor(3).item() == 3; assert 'torch' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert lazy("torch").nn is torch.nn
