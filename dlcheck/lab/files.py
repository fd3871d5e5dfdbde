"""Loaders for image collections that users have downloaded: MNIST, Fashion-MNIST (IDX files) and CIFAR-10."""

from __future__ import annotations

import gzip
import io
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dlcheck.errors import DlcheckError

IDX_BYTES = 0x08  # the code of unsigned bytes, the only type in these collections


def idx(path: str | Path) -> Tensor:
    """The array of unsigned bytes in an IDX file, compressed (`.gz`) or not, of any number of axes.

    The format: two zeros, a type, the number of axes; the length of each axis, four bytes, largest first; the array
    (LeCun, Cortes and Burges, "The MNIST database"). Raises DlcheckError for a file that is none or is cut off.
    """
    content = _content(Path(path))
    if content[:3] != bytes([0, 0, IDX_BYTES]):
        raise DlcheckError(
            f"{path}: expected an IDX file of unsigned bytes, which begins with 00 00 08, "
            f"got {content[:3].hex(' ')!r}; unpack an archive first"
        )
    axes = content[3] if len(content) > 3 else 0
    start = 4 + 4 * axes
    shape = [int.from_bytes(content[at : at + 4], "big") for at in range(4, start, 4)]
    size = len(content) - start
    if size != math.prod(shape):
        raise DlcheckError(
            f"{path}: expected {math.prod(shape):,} bytes after the header, got {size:,}; download again"
        )
    return torch.frombuffer(bytearray(content[start:]), dtype=torch.uint8).reshape(shape)


def idx_images(images: str | Path, labels: str | Path) -> tuple[Float[Tensor, "N 1 height width"], Int[Tensor, N]]:
    """Grey images with pixels from 0 to 1 and their labels, from a pair of IDX files such as those of MNIST.

    Raises DlcheckError as `idx` does, and for files that do not belong together.
    """
    pixels, answers = idx(images), idx(labels)
    if pixels.dim() != 3 or answers.dim() != 1 or len(pixels) != len(answers):
        raise DlcheckError(
            f"{images}: expected images (N, height, width) and as many labels (N), "
            f"got {tuple(pixels.shape)} and {tuple(answers.shape)}; name the two files of one collection"
        )
    return pixels[:, None].float() / 255, answers.long()


def cifar10_batch(path: str | Path) -> tuple[Float[Tensor, "N 3 32 32"], Int[Tensor, N]]:
    """Colour images with pixels from 0 to 1 and their labels, from one batch of CIFAR-10's "python version".

    The file is a pickle, of which nothing but arrays is read, so that it cannot run code. Raises DlcheckError for a
    file that is not such a batch.
    """
    try:
        batch = _Arrays(io.BytesIO(_content(Path(path))), encoding="bytes").load()
        pixels, labels = np.asarray(batch[b"data"]), torch.as_tensor(batch[b"labels"])
        images = torch.from_numpy(pixels.reshape(len(labels), 3, 32, 32)).float() / 255
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise DlcheckError(
            f'{path}: expected a batch of CIFAR-10\'s "python version" (data_batch_1 to 5, test_batch), '
            f"got something else ({error}); unpack cifar-10-python.tar.gz and name a file in it"
        ) from error
    return images, labels.long()


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError) as error:
        raise DlcheckError(f"{path}: expected a file that can be read, got {error}; check the path") from error


class _Arrays(pickle.Unpickler):
    """Reads numpy arrays and plain values; refuses whatever else a pickle may name."""

    ALLOWED = frozenset(
        {
            ("numpy", "dtype"),
            ("numpy", "ndarray"),
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("numpy._core.numeric", "_frombuffer"),
            ("_codecs", "encode"),
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return super().find_class(module, name)
