"""The digits are scikit-learn's, split once and for all."""

import pytest
import torch
from sklearn.datasets import load_digits  # type: ignore[import-untyped]

from dlcheck.lab.digits import MEAN, STD, TEST, digits, epochs


def drawn(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_training_and_test_images_are_all_of_scikit_learns() -> None:
    """Every image of the collection, with its label, is in exactly one of the two parts."""
    pixels, labels = load_digits(return_X_y=True)
    theirs = sorted([*row, label] for row, label in zip(pixels.tolist(), labels.tolist(), strict=True))
    parts = digits()
    ours = sorted(
        [*(16 * image).flatten().tolist(), label]
        for part in parts
        for image, label in zip(part.images, part.labels.tolist(), strict=True)
    )
    assert ours == theirs
    assert len(parts.test.labels) == TEST
    assert len(parts.train.labels) == 1300


def test_split_is_always_the_same() -> None:
    """The first ten labels of each part, whatever random state the process is in."""
    torch.manual_seed(123)
    train, test = digits()
    assert train.labels[:10].tolist() == [3, 3, 0, 9, 8, 9, 1, 9, 4, 1]
    assert test.labels[:10].tolist() == [6, 5, 5, 7, 9, 9, 8, 4, 6, 8]


def test_standardised_training_images_have_mean_0_and_variance_1() -> None:
    """To four digits, as the constants are written."""
    x = digits().train.standardised()
    assert x.mean().item() == pytest.approx(0, abs=3e-4)
    assert x.std().item() == pytest.approx(1, abs=3e-4)
    assert digits().train.images.min() == 0
    assert digits().train.images.max() == 1
    assert 0 < MEAN < STD


def test_subsets_are_balanced_and_belong_to_their_generator() -> None:
    """Ten times as many of each digit, no image twice, none from the test images, other ones for another seed."""
    parts = digits()
    subset = parts.subset(drawn(1), 200)
    assert subset.labels.bincount().tolist() == [20] * 10
    rows = {tuple(x.flatten().tolist()) for x in subset.images}
    assert len(rows) == 200
    assert rows <= {tuple(x.flatten().tolist()) for x in parts.train.images}
    assert torch.equal(subset.images, parts.subset(drawn(1), 200).images)
    assert not torch.equal(subset.labels, parts.subset(drawn(2), 200).labels)


@pytest.mark.parametrize("size", [0, 15, 1200])
def test_impossible_subsets_are_refused(size: int) -> None:
    """Not a multiple of ten, none, or more than the rarest digit allows: the message says what is possible."""
    with pytest.raises(ValueError, match=f"expected a multiple of 10 from 10 to 1170 images, got {size}"):
        digits().subset(drawn(1), size)


def test_each_pass_shows_each_image_once() -> None:
    """Two seeds, three passes over 40 images in batches of 10: each image three times, in an order of its own."""
    own = [digits().subset(drawn(seed), 40) for seed in (1, 2)]
    images, labels = epochs([drawn(1), drawn(2)], own, batch=10, count=3)
    assert images.shape == (2, 12, 10, 1, 8, 8)
    for seed in range(2):
        for start in (0, 4, 8):
            shown = labels[seed, start : start + 4].flatten()
            assert shown.bincount().tolist() == [4] * 10
        assert not torch.equal(labels[seed, :4], labels[seed, 4:8])
        rows = {tuple(x.flatten().tolist()) for x in images[seed].flatten(0, 1)}
        assert rows == {tuple(x.flatten().tolist()) for x in own[seed].standardised()}
