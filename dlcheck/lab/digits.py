"""Real images that need no download: the 1,797 handwritten digits of 8x8 pixels that come with scikit-learn.

From Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

TEST = 497
"""Images held out for testing; the other 1,300 are for training."""
MEAN, STD = 0.3058, 0.3763
"""Of all pixels of the training images."""


class Images(NamedTuple):
    """Grey images with pixels from 0 to 1, and the digits that they show."""

    images: Float[Tensor, "N 1 8 8"]
    labels: Int[Tensor, N]

    def standardised(self) -> Float[Tensor, "N 1 8 8"]:
        """The images with mean 0 and variance 1 over all pixels of the training images."""
        return (self.images - MEAN) / STD


class Digits(NamedTuple):
    """Always the same split, drawn once at random, so that nothing is learnt from the order of the collection."""

    train: Images
    test: Images

    def subset(self, generator: Generator, size: int) -> Images:
        """`size` training images, as many of each digit, in random order. Raises ValueError if that cannot be.

        A generator on the CPU; the same seed gives the same images on every device.
        """
        each, rest = divmod(size, 10)
        fewest = int(self.train.labels.bincount().min())
        if rest or not 1 <= each <= fewest:
            raise ValueError(f"expected a multiple of 10 from 10 to {10 * fewest} images, got {size}")
        labels = self.train.labels.cpu()
        shuffled = torch.randperm(len(labels), generator=generator)
        chosen = torch.cat([shuffled[labels[shuffled] == digit][:each] for digit in range(10)])
        chosen = chosen[torch.randperm(size, generator=generator)].to(self.train.images.device)
        return Images(self.train.images[chosen], self.train.labels[chosen])


def digits(device: str = "cpu") -> Digits:
    """The split into 1,300 images for training and 497 for testing, on the device."""
    images, labels = _all()
    images, labels = images.to(device), labels.to(device)
    return Digits(Images(images[TEST:], labels[TEST:]), Images(images[:TEST], labels[:TEST]))


@cache
def _all() -> Images:
    # Not sklearn.datasets.load_digits, which takes a second to import in each process, longer than reading the file.
    table = distribution("scikit-learn").locate_file("sklearn/datasets/data/digits.csv.gz")
    pixels_and_label = torch.from_numpy(np.loadtxt(str(table), delimiter=","))
    shuffled = pixels_and_label[torch.randperm(len(pixels_and_label), generator=Generator().manual_seed(0))]
    return Images(shuffled[:, :-1].float().view(-1, 1, 8, 8) / 16, shuffled[:, -1].long())


def epochs(
    generators: list[Generator], data: list[Images], batch: int, count: int
) -> tuple[Float[Tensor, "seeds steps B 1 8 8"], Int[Tensor, "seeds steps B"]]:
    """Standardised batches for `count` passes over each seed's images, in a new order each time.

    Images that do not fill a batch wait for the next pass. One generator (on the CPU) and one set of images per seed.
    """
    steps = len(data[0].labels) // batch
    images, labels = [], []
    for generator, own in zip(generators, data, strict=True):
        orders = [torch.randperm(len(own.labels), generator=generator)[: steps * batch] for _ in range(count)]
        order = torch.cat(orders).to(own.labels.device)
        images.append(own.standardised()[order].view(steps * count, batch, 1, 8, 8))
        labels.append(own.labels[order].view(steps * count, batch))
    return torch.stack(images), torch.stack(labels)
