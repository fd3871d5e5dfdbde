"""What attention costs: operations in a row, time, floating-point operations and memory, beside a recurrent net."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, count, faster, growth, lazy, per_seed

if TYPE_CHECKING:
    from torch import Tensor

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_transformer.model")
probes: Any = lazy("dlcheck.lab.probes")
timing: Any = lazy("dlcheck.lab.timing")


# Operations in a row


@claim(
    en="A transformer processes a sequence at once: a longer one needs no longer chain of dependent operations.",
    ko="트랜스포머는 시퀀스 전체를 한꺼번에 처리한다. 시퀀스가 길어져도 차례로 해야 하는 연산의 수는 늘지 않는다.",
    source="Vaswani et al. 2017, section 4 and Table 1 (sequential operations)",
    notes=["000-31", "004-18"],
    rule=growth("chain of operations", against="length", power=0, within=0.05),
    controls={"recurrent net": {"mechanism": "recurrence"}},
    seconds=1.0,
)
@per_seed
def sequence_is_processed_at_once(run: Run, seed: int, *, mechanism: str = "transformer") -> dict[str, list[float]]:
    """The longest chain of operations that wait for one another, from tokens to logits, for 8 to 128 tokens.

    The recurrent net is an LSTM cell that is called once for each token.
    """
    lengths = (8, 16, 32, 64, 128)
    tokens = torch.randint(1, 20, (1, max(lengths)), generator=run.generator(seed)).to(run.device)
    transformer = model.Transformer(20, d_model=16, heads=2, layers=2, d_ff=32).to(run.device)
    embedding, cell = torch.nn.Embedding(20, 16).to(run.device), torch.nn.LSTMCell(16, 16).to(run.device)

    def forward(tokens: Tensor) -> Any:
        return transformer(tokens, tokens) if mechanism == "transformer" else _step_by_step(cell, embedding(tokens))

    chains = [float(probes.longest_chain(forward(tokens[:, :n]))) for n in lengths]
    return {"chain of operations": chains, "length": [float(n) for n in lengths]}


# Time, at equal parameters


def _seconds_of_a_step(
    run: Run, seed: int, *, batch: int, length: int, width: int, recurrence: str
) -> dict[str, float]:
    """Seconds of one training step (forward, backward, SGD) of a transformer block and of an LSTM.

    With d_ff = 2 d_model the block has 8 d² parameters, and so has the LSTM (biases and norms come to 3 % at d = 16
    and 0.2 % at d = 256). Both read the same sequences. `recurrence` is the framework's own "fused" kernel, or its
    cell called "step by step".
    """
    draw = run.generator(seed)
    x, wanted = (torch.randn(batch, length, width, generator=draw).to(run.device) for _ in range(2))
    block = model.EncoderLayer(width, width // 16, 2 * width, dropout=0.0).to(run.device)
    fused = recurrence == "fused"
    lstm = (torch.nn.LSTM(width, width, batch_first=True) if fused else torch.nn.LSTMCell(width, width)).to(run.device)
    recurrent: Callable[[Tensor], Tensor] = (lambda x: lstm(x)[0]) if fused else (lambda x: _step_by_step(lstm, x))
    steps = _training_step(block, block, x, wanted), _training_step(lstm, recurrent, x, wanted)
    seconds = timing.paired(*steps, device=run.device, rounds=1)
    return dict(zip(("transformer block", "recurrent layer"), seconds, strict=True))


def _step_by_step(cell: Any, x: Tensor) -> Tensor:
    """(B, T, d): the state after each position."""
    state, states = None, []
    for position in x.unbind(1):
        state = cell(position, state)
        states.append(state[0])
    stacked: Tensor = torch.stack(states, dim=1)
    return stacked


def _training_step(module: Any, forward: Callable[[Tensor], Tensor], x: Tensor, wanted: Tensor) -> Callable[[], None]:
    parameters = list(module.parameters())

    def step() -> None:  # plain SGD: what is timed is the network, not an optimiser
        loss = torch.nn.functional.mse_loss(forward(x), wanted)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                parameter.sub_(gradient, alpha=1e-3)

    return step


@claim(
    en="A transformer block trains at least twice as fast as an LSTM cell of equal size that is called for one token "
    "after the other (128 tokens, width 256).",
    ko="트랜스포머 블록은 토큰마다 차례로 호출되는 같은 크기의 LSTM 셀보다 두 배 이상 빠르게 학습한다"
    "(토큰 128개, 폭 256).",
    source="Vaswani et al. 2017, section 4 and Table 1",
    notes=["000-31"],
    rule=faster("transformer block", "recurrent layer", times=2),
    controls={"a sequence of one token": {"length": 1}},
    seconds=4.0,
)
@per_seed
def parallel_training_is_faster_than_step_by_step(run: Run, seed: int, *, length: int = 128) -> dict[str, float]:
    """Seconds of one training step on one sequence, from forward to update, of a transformer block and of an LSTM cell.

    The two do about as many operations, as the next claim counts; those of the LSTM are small and wait for one another.
    """
    return _seconds_of_a_step(run, seed, batch=1, length=length, width=256, recurrence="step by step")


@claim(
    en="Its speed does not come from less work: a transformer block does all the operations of a recurrent layer of "
    "equal size, and 4 n² d more for the attention.",
    ko="트랜스포머가 빠른 것은 연산량이 적어서가 아니다. 트랜스포머 블록은 같은 크기의 순환 층만큼 연산하고, 어텐션에 "
    "4n²d번의 연산을 더 쓴다.",
    source="Vaswani et al. 2017, section 4 and Table 1 (complexity per layer, sequential operations)",
    notes=["000-31"],
    rule=count("block", "recurrent layer and 4 n² d"),
    controls={"an LSTM of twice the width": {"recurrent_width": 128}},
    seconds=2.0,
)
@per_seed
def speed_is_not_less_work(run: Run, seed: int, *, recurrent_width: int = 64) -> dict[str, int]:
    """Counted operations of the forward pass over n = 32 tokens at width d = 64: a block with d_ff = 2 d, an LSTM cell.

    Both have 8 d² weights, each used once for every token. What makes the block faster is that its operations need
    not wait for one another.
    """
    n, d = 32, 64
    x = torch.randn(1, n, d, generator=run.generator(seed)).to(run.device)
    block = model.EncoderLayer(d, 4, 2 * d, dropout=0.0).to(run.device)
    cell = torch.nn.LSTMCell(d, recurrent_width).to(run.device)
    recurrent = probes.flops(lambda: _step_by_step(cell, x))
    return {"block": probes.flops(lambda: block(x)), "recurrent layer and 4 n² d": recurrent + 4 * n**2 * d}


@claim(
    en="On one core, a fused LSTM overtakes on long sequences: with 1024 tokens at width 16 it trains at least 1.5 "
    "times as fast as a transformer block of equal size.",
    ko="단일 코어에서는 긴 시퀀스로 가면 융합 커널 LSTM이 앞선다. 토큰 1024개, 폭 16이면 같은 크기의 트랜스포머 "
    "블록보다 1.5배 이상 빠르게 학습한다.",
    source="Vaswani et al. 2017, section 4 and Table 1",
    notes=["000-31"],
    rule=faster("recurrent layer", "transformer block", times=1.5),
    controls={"16 tokens at width 256": {"length": 16, "width": 256}},
    seconds=5.0,
    devices=["cpu"],  # with thousands of cores to fill, an accelerator comes to that point far later
)
@per_seed
def recurrence_trains_faster_on_long_sequences(
    run: Run, seed: int, *, length: int = 1024, width: int = 16
) -> dict[str, float]:
    """Seconds of one training step on 8 sequences, from forward to update, of a transformer block and of an LSTM layer.

    At 64 times the width, scores and averages take 16 times the operations of everything else in the block.
    """
    return _seconds_of_a_step(run, seed, batch=8, length=length, width=width, recurrence="fused")


# Operations and memory


@claim(
    en="The quadratic part of a transformer block is as much work as all the rest once the sequence is 6 times as long "
    "as the model is wide.",
    ko="시퀀스 길이가 모델 폭의 6배가 되면 트랜스포머 블록에서 길이의 제곱에 비례하는 계산이 나머지 전부와 같아진다.",
    source="Vaswani et al. 2017, section 4, Table 1 and section 3.3 (d_ff = 4 d_model)",
    notes=["000-31", "000-40"],
    rule=count("length of equal parts", "6 times the width"),
    controls={"d_ff = 2 d_model": {"inner": 2}},
    seconds=2.5,
)
@per_seed
def quadratic_part_overtakes_at_six_widths(run: Run, seed: int, *, inner: int = 4) -> dict[str, int]:
    """The length n at which b n² = a n, where a n + b n² operations are counted in a block of width d = 32, d_ff = 4 d.

    Derived: 2·(4 d² + 8 d²) for each position and 4 n d for its scores and its average, equal at n = 6 d.
    """
    width = 32
    block = model.EncoderLayer(width, 4, inner * width).to(run.device)
    one, two = (probes.flops(lambda: block(torch.zeros(1, n, width, device=run.device))) for n in (64, 128))  # noqa: B023 - called in the same turn
    quadratic, remainder = divmod(two - 2 * one, 2 * 64**2)
    linear = one // 64 - quadratic * 64
    assert remainder == 0, "the operations are a n + b n² exactly"
    return {"length of equal parts": linear // quadratic, "6 times the width": 6 * width}


def _kept_for_backward(run: Run, seed: int, kernel: str) -> dict[str, list[float]]:
    """Bytes that attention over n positions keeps for its backward pass, for n from 128 to 2048 at d_k = 8."""
    draw = run.generator(seed)
    lengths = (128, 256, 512, 1024, 2048)
    kept = []
    for n in lengths:
        q, k, v = (torch.randn(1, 1, n, 8, generator=draw).to(run.device).requires_grad_() for _ in range(3))
        q, k, v = q * 1, k * 1, v * 1  # no leaves: in a model, projections come before
        written_out = lambda: model.attention_weights(q, k) @ v  # noqa: B023 - called in the same turn
        fused = lambda: model.attention(q, k, v)  # noqa: B023 - called in the same turn
        kept.append(float(probes.saved_bytes(written_out if kernel == "written out" else fused)))
    return {"bytes": kept, "length": [float(n) for n in lengths]}


@claim(
    en="Attention written out as softmax(QKᵀ/√d_k)V needs training memory that grows with the square of the length.",
    ko="softmax(QKᵀ/√d_k)V를 식 그대로 계산하는 어텐션은 학습에 필요한 메모리가 길이의 제곱에 비례해 늘어난다.",
    source="Vaswani et al. 2017, section 3.2.1; Dao et al. 2022, section 2.2",
    notes=["000-40"],
    rule=growth("bytes", against="length", power=2, within=0.1),
    controls={"fused kernel": {"kernel": "fused"}},
    seconds=1.0,
)
@per_seed
def written_out_attention_needs_quadratic_memory(
    run: Run, seed: int, *, kernel: str = "written out"
) -> dict[str, list[float]]:
    """The bytes kept for the backward pass, activations only, for 128 to 2048 positions."""
    return _kept_for_backward(run, seed, kernel)


@claim(
    en="The memory of attention always grows with the square of the length, whatever kernel computes it.",
    ko="어떤 커널로 계산하든 어텐션의 메모리는 언제나 길이의 제곱에 비례해 늘어난다.",
    source="Dao et al. 2022, FlashAttention, section 3.1; Rabe and Staats 2021",
    notes=["000-40"],
    rule=growth("bytes", against="length", power=2, within=0.1),
    controls={"written out": {"kernel": "written out"}},
    expect="refuted",
    seconds=1.0,
)
@per_seed
def attention_always_needs_quadratic_memory(run: Run, seed: int, *, kernel: str = "fused") -> dict[str, list[float]]:
    """The bytes that the framework's fused kernel keeps for the backward pass, for 128 to 2048 positions.

    It keeps queries, keys, values, outputs and one number per row, and computes the weights anew when they are needed.
    """
    return _kept_for_backward(run, seed, kernel)
