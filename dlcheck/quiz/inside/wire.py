"""Values as bytes, between the process that grades and the one that is not to be trusted: a line of JSON, raw numbers.

Nothing is executed when they are read, and no length that is claimed is believed. A pickle would run what it holds, an
npz may unfold to more than the memory, and numpy has no bfloat16: so the dtype travels by name and the rest as bytes.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

LONGEST_TEXT = 1000
LONGEST_HEAD = 1 << 21
"""Bytes: an order holds the longest source that can be answered, of letters that take twelve bytes each."""
Scalar = bool | int | float | str | None


class Malformed(Exception):  # noqa: N818  # what to make of it is the reader's business
    """Bytes that no `pack` has written."""


class TooLarge:
    """In place of a tensor whose numbers were not sent."""

    def __init__(self, dtype: str, shape: tuple[int, ...]) -> None:
        self.dtype = dtype
        self.shape = shape


class Other:
    """In place of a value that is neither a tensor nor a plain one: the name of its type."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name


def pack(message: Any, most: int) -> bytes:
    """most: how many bytes of numbers; tensors beyond it arrive as `TooLarge`. An expanded view counts in full."""
    chunks: list[bytes] = []

    def encode(value: Any) -> Any:
        import torch

        if type(value) in (torch.Tensor, torch.nn.Parameter):  # any other subclass answers as it likes
            size = value.numel() * value.element_size()
            has_room = sum(map(len, chunks)) + size <= most
            if has_room:
                chunks.append(_raw(value))
            return {"tensor": [str(value.dtype).removeprefix("torch."), list(value.shape), size if has_room else None]}
        if type(value) is dict:
            return {"fields": {str(key): encode(each) for key, each in value.items()}}
        if isinstance(value, tuple | list):
            return [encode(each) for each in value]
        if isinstance(value, str):
            return str(value)
        if value is None or isinstance(value, Scalar):
            return value
        return {"other": type(value).__name__[:LONGEST_TEXT]}

    return json.dumps(encode(message)).encode() + b"\n" + b"".join(chunks)


def _raw(tensor: torch.Tensor) -> bytes:
    """Its numbers in order, as they are in memory."""
    import torch

    flat = tensor.detach().cpu().resolve_conj().resolve_neg().to_dense().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes()


def unpack(packed: bytes) -> Any:
    """Lists arrive as tuples. Raises Malformed, whatever the bytes are."""
    head, separator, data = packed.partition(b"\n")
    try:
        if not separator or len(head) > LONGEST_HEAD:
            raise Malformed("no head")
        value, used = _decode(json.loads(head), memoryview(data), 0)
    except (ValueError, TypeError, AttributeError, RuntimeError, OverflowError) as error:  # RecursionError too
        raise Malformed(str(error)) from None
    if used != len(data):
        raise Malformed("bytes are left over")
    return value


def _decode(value: Any, data: memoryview, used: int) -> tuple[Any, int]:
    """The value, and how many bytes are used now. Tensors stand in the order of their bytes."""
    if isinstance(value, list):
        values = []
        for each in value:
            decoded, used = _decode(each, data, used)
            values.append(decoded)
        return tuple(values), used
    if not isinstance(value, dict):
        return value, used
    [(kind, content)] = value.items()
    if kind == "fields":
        names = [str(name) for name in content]
        fields, used = _decode(list(content.values()), data, used)
        return dict(zip(names, fields, strict=True)), used
    if kind == "other":
        return Other(str(content)), used
    return _tensor(kind, content, data, used)


def _tensor(kind: str, content: Any, data: memoryview, used: int) -> tuple[torch.Tensor | TooLarge, int]:
    import torch

    name, shape, size = content
    dtype = getattr(torch, name)
    if kind != "tensor" or not isinstance(dtype, torch.dtype) or not all(type(n) is int and n >= 0 for n in shape):
        raise Malformed("no tensor")
    if size is None:
        return TooLarge(name, tuple(shape)), used
    if size != math.prod(shape) * dtype.itemsize or not 0 <= size <= len(data) - used:
        raise Malformed("sizes differ")
    raw = bytearray(data[used : used + size])
    flat = torch.frombuffer(raw, dtype=torch.uint8).view(dtype) if raw else torch.empty(0, dtype=dtype)
    return flat.reshape(shape), used + size
