"""The Transformer's reference layers against PyTorch's own, on the same work: `python benchmarks/bench_model.py`.

Both sides have the same weights and input, one thread, training mode, dropout 0, float32; a measurement is one forward
and one backward pass (gradients of the input and of every parameter). Sides alternate as A B B A in one process, so
that a machine that grows busier or hotter slows both, and only the ratio of each round is kept.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch reads it

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from dlcheck_transformer.model import Decoder, DecoderLayer, Encoder, EncoderLayer, MultiHeadAttention

TARGET = 1.05  # at most this times the time of PyTorch's own layer
SECONDS = 4.0  # spent on each comparison
MIN_ROUNDS = 7

Pass = Callable[[], list[Tensor]]


def measure() -> list[tuple[str, float, float]]:
    """For each comparison its name, the median of time(reference) / time(PyTorch), and the ratio that is allowed."""
    return [(name, statistics.median(ratios), TARGET) for name, ratios in _measure_all()]


def main() -> None:
    print(f"{'forward + backward, one thread':46} {'median':>7} {'quartiles':>15} {'rounds':>7}   target {TARGET}")
    for name, ratios in _measure_all():
        low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
        verdict = "ok" if median <= TARGET else "SLOWER"
        print(f"{name:46} {median:7.3f} {low:7.3f} {high:7.3f} {len(ratios):7}   {verdict}")


def _measure_all() -> list[tuple[str, list[float]]]:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    cases = []
    for B, T, d_model in [(8, 128, 256), (32, 64, 512)]:
        size = f"B={B} T={T} d_model={d_model}"
        cases.append((f"MultiHeadAttention {size}", _attention(B, T, d_model)))
        cases.append((f"EncoderLayer {size}", _encoder_layer(B, T, d_model)))
    cases.append(("EncoderLayer B=16 T=16 d_model=64", _encoder_layer(16, 16, 64)))  # calls, not sums, take the time
    cases.append(("DecoderLayer causal B=8 T=128 d_model=256", _decoder_layer(8, 128, 256)))
    cases.append(("Transformer 2+2 layers B=8 T=64 d_model=256", _transformer(8, 64, 256)))
    return [(name, _ratios(ours, theirs)) for name, (ours, theirs) in cases]


def _ratios(ours: Pass, theirs: Pass) -> list[float]:
    for a, b in zip(ours(), theirs(), strict=True):  # also the warm-up
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-3)
    ratios: list[float] = []
    stop = time.perf_counter() + SECONDS
    while len(ratios) < MIN_ROUNDS or time.perf_counter() < stop:
        a1, b1, b2, a2 = _seconds(ours), _seconds(theirs), _seconds(theirs), _seconds(ours)
        ratios.append((a1 + a2) / (b1 + b2))
    return ratios


def _seconds(run: Pass) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _pass(module: nn.Module, forward: Callable[[], Tensor], inputs: list[Tensor]) -> Pass:
    """Forward and backward; returns the output and the gradients of the inputs. All gradients are computed."""
    wanted = [*inputs, *module.parameters()]

    def run() -> list[Tensor]:
        out = forward()
        gradients = torch.autograd.grad(out, wanted, torch.ones_like(out) / out.numel())
        return [out.detach(), *gradients[: len(inputs)]]

    return run


def _input(B: int, T: int, d_model: int) -> Tensor:
    return torch.randn(B, T, d_model, requires_grad=True)


def _attention(B: int, T: int, d_model: int) -> tuple[Pass, Pass]:
    theirs = nn.MultiheadAttention(d_model, 8, batch_first=True)
    ours = MultiHeadAttention(d_model, 8)
    _copy_attention(ours, theirs)
    x = _input(B, T, d_model)
    return (
        _pass(ours, lambda: ours(x), [x]),
        _pass(theirs, lambda: theirs(x, x, x, need_weights=False)[0], [x]),
    )


def _encoder_layer(B: int, T: int, d_model: int) -> tuple[Pass, Pass]:
    theirs = nn.TransformerEncoderLayer(d_model, 8, 4 * d_model, dropout=0.0, batch_first=True)
    ours = EncoderLayer(d_model, 8, 4 * d_model, dropout=0.0)
    _copy_encoder_layer(ours, theirs)
    x = _input(B, T, d_model)
    return _pass(ours, lambda: ours(x), [x]), _pass(theirs, lambda: theirs(x), [x])


def _decoder_layer(B: int, T: int, d_model: int) -> tuple[Pass, Pass]:
    theirs = nn.TransformerDecoderLayer(d_model, 8, 4 * d_model, dropout=0.0, batch_first=True)
    ours = DecoderLayer(d_model, 8, 4 * d_model, dropout=0.0)
    _copy_decoder_layer(ours, theirs)
    x, memory = _input(B, T, d_model), _input(B, T, d_model)
    causal = nn.Transformer.generate_square_subsequent_mask(T)
    return (
        _pass(ours, lambda: ours(x, memory), [x, memory]),
        _pass(theirs, lambda: theirs(x, memory, tgt_mask=causal, tgt_is_causal=True), [x, memory]),
    )


class _Core(nn.Module):
    """What nn.Transformer is: encoder and decoder without embeddings, each with a last LayerNorm."""

    def __init__(self, layers: int, d_model: int) -> None:
        super().__init__()
        self.encoder = Encoder(layers, d_model, 8, 4 * d_model, dropout=0.0, norm_first=True)
        self.decoder = Decoder(layers, d_model, 8, 4 * d_model, dropout=0.0, norm_first=True)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        out: Tensor = self.decoder(target, self.encoder(source))
        return out


def _transformer(B: int, T: int, d_model: int, layers: int = 2) -> tuple[Pass, Pass]:
    # A custom encoder, because the one that nn.Transformer builds cannot be told to leave nested tensors alone.
    layer = nn.TransformerEncoderLayer(d_model, 8, 4 * d_model, dropout=0.0, batch_first=True, norm_first=True)
    encoder = nn.TransformerEncoder(layer, layers, nn.LayerNorm(d_model), enable_nested_tensor=False)
    theirs = nn.Transformer(
        d_model, 8, layers, layers, 4 * d_model, 0.0, custom_encoder=encoder, batch_first=True, norm_first=True
    )
    ours = _Core(layers, d_model)
    for mine, other in zip(ours.encoder.layers, theirs.encoder.layers, strict=True):
        _copy_encoder_layer(mine, other)
    for mine, other in zip(ours.decoder.layers, theirs.decoder.layers, strict=True):
        _copy_decoder_layer(mine, other)
    source, target = _input(B, T, d_model), _input(B, T, d_model)
    causal = nn.Transformer.generate_square_subsequent_mask(T)
    return (
        _pass(ours, lambda: ours(source, target), [source, target]),
        _pass(theirs, lambda: theirs(source, target, tgt_mask=causal, tgt_is_causal=True), [source, target]),
    )


@torch.no_grad()
def _copy_attention(ours: MultiHeadAttention, theirs: nn.MultiheadAttention) -> None:
    for mine, weight, bias in zip(
        [ours.w_q, ours.w_k, ours.w_v], theirs.in_proj_weight.chunk(3), theirs.in_proj_bias.chunk(3), strict=True
    ):
        mine.weight.copy_(weight)
        mine.bias.copy_(bias)
    ours.w_o.load_state_dict(theirs.out_proj.state_dict())


# Any: to a type checker, what stands in a ModuleList is just some module.
def _copy_encoder_layer(ours: Any, theirs: Any) -> None:
    _copy_attention(ours.self_attention, theirs.self_attn)
    ours.feed_forward.w_1.load_state_dict(theirs.linear1.state_dict())
    ours.feed_forward.w_2.load_state_dict(theirs.linear2.state_dict())
    # LayerNorms start as ones and zeros on both sides.


def _copy_decoder_layer(ours: Any, theirs: Any) -> None:
    _copy_encoder_layer(ours, theirs)
    _copy_attention(ours.cross_attention, theirs.multihead_attn)


if __name__ == "__main__":
    main()
