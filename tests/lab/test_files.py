"""Loaders of downloaded collections, on small files that these tests write as the collections' authors describe."""

import gzip
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from dlcheck.errors import DlcheckError
from dlcheck.lab import files

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5], dtype=np.uint8)


def written(path: Path, array: np.ndarray) -> Path:
    """An IDX file of unsigned bytes."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    content = header + array.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["images-idx3-ubyte", "images-idx3-ubyte.gz"])
def test_idx_files_are_read_as_they_were_written(tmp_path: Path, name: str) -> None:
    """Compressed or not: the same array, of any number of axes."""
    assert torch.equal(files.idx(written(tmp_path / name, PIXELS)), torch.from_numpy(PIXELS))
    assert files.idx(written(tmp_path / "labels", LABELS)).tolist() == LABELS.tolist()


def test_images_and_labels_belong_together(tmp_path: Path) -> None:
    """Pixels from 0 to 1 with one channel, labels as int64; as many of both, or the two names are asked for."""
    pixels, labels = written(tmp_path / "a", PIXELS), written(tmp_path / "b", LABELS)
    images, answers = files.idx_images(pixels, labels)
    assert images.shape == (5, 1, 4, 3)
    torch.testing.assert_close(images[:, 0] * 255, torch.from_numpy(PIXELS).float())
    assert answers.tolist() == LABELS.tolist()
    with pytest.raises(DlcheckError, match="name the two files of one collection"):
        files.idx_images(pixels, written(tmp_path / "c", LABELS[:4]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04", "begins with 00 00 08, got '50 4b 03'"),
        (b"", "begins with 00 00 08"),
        (struct.pack(">BBBBI", 0, 0, 8, 1, 5) + b"abc", "expected 5 bytes after the header, got 3"),
        (b"\x1f\x8b\x08\x00", "expected a file that can be read"),
    ],
)
def test_other_files_are_refused_with_the_remedy(tmp_path: Path, content: bytes, message: str) -> None:
    """An archive, an empty file, one that was cut off, a compressed one that was cut off: one line each."""
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(DlcheckError, match=message) as caught:
        files.idx(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(DlcheckError, match="nowhere: expected a file that can be read"):
        files.idx(tmp_path / "nowhere")


@pytest.mark.parametrize("protocol", [2, 5])
def test_cifar_batches_are_read_as_they_were_written(tmp_path: Path, protocol: int) -> None:
    """Rows of 1024 red, 1024 green and 1024 blue bytes become images of three channels from 0 to 1."""
    rows = np.random.default_rng(1).integers(0, 256, (4, 3072), dtype=np.uint8)
    path = tmp_path / "data_batch_1"
    path.write_bytes(pickle.dumps({b"data": rows, b"labels": [6, 9, 0, 1], b"batch_label": b"1 of 5"}, protocol))
    images, labels = files.cifar10_batch(path)
    assert images.shape == (4, 3, 32, 32)
    assert images[2, 1, 3, 7].item() == pytest.approx(rows[2, 1024 + 3 * 32 + 7] / 255)
    assert labels.tolist() == [6, 9, 0, 1]


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("code has run",)


@pytest.mark.parametrize("content", [Evil(), {b"data": np.zeros((2, 5), np.uint8), b"labels": [1, 2]}, [1, 2], {}])
def test_other_pickles_are_refused_and_run_nothing(
    tmp_path: Path, content: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pickle with code, one of another shape, one that is no batch: one line, and nothing has run."""
    path = tmp_path / "x"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(DlcheckError, match="expected a batch of CIFAR-10"):
        files.cifar10_batch(path)
    assert capsys.readouterr().out == ""
