"""Order: why attention needs positions, and what the two kinds of positions give it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, count, equals, lazy, per_seed

if TYPE_CHECKING:
    from torch import Tensor

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_transformer.model")
drawn: Any = lazy("dlcheck.lab.drawn")

LENGTHS = (1, 2, 3, 17, 64, 255, 1024, 4096)
SIZES = {"d_model": 16, "heads": 4, "layers": 2, "d_ff": 32}


@claim(
    en="Without positions a transformer cannot see order: shuffling the words only shuffles the outputs.",
    ko="위치 정보가 없으면 트랜스포머는 순서를 알지 못한다. 단어의 순서를 섞으면 출력도 똑같이 섞일 뿐이다.",
    source="Vaswani et al. 2017, section 3.5",
    notes=["000-37", "004-18"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={"sinusoidal positions": {"positions": "sinusoidal"}, "learned positions": {"positions": "learned"}},
    seconds=0.1,
)
@per_seed
def without_positions_order_is_invisible(run: Run, seed: int, *, positions: str | None = None) -> dict[str, float]:
    """The largest difference between encoding shuffled tokens and shuffling the encoded tokens."""
    draw = run.generator(seed)
    transformer = drawn.filled(run, draw, model.Transformer(20, positions=positions, **SIZES))
    tokens = torch.randint(1, 20, (4, 10), generator=draw).to(run.device)
    order = torch.randperm(10, generator=draw).to(run.device)
    difference = transformer.encode(tokens[:, order]) - transformer.encode(tokens)[:, order]
    return {"largest difference": float(difference.abs().max())}


@claim(
    en="The positional encoding is added to the word's embedding (which is first multiplied by √d_model).",
    ko="위치 인코딩은 단어 임베딩에 더해진다(임베딩에는 먼저 √d_model을 곱한다).",
    source="Vaswani et al. 2017, sections 3.4 and 3.5",
    notes=["000-37", "004-18"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={"no positions": {"positions": None}, "learned positions": {"positions": "learned"}},
    seconds=0.1,
)
@per_seed
def encoding_is_added_to_the_embedding(
    run: Run, seed: int, *, positions: str | None = "sinusoidal"
) -> dict[str, float]:
    """The largest difference between what enters the encoder and √d_model · embedding + sines and cosines.

    The sines and cosines are those of the formula, computed one at a time with the standard library.
    """
    draw = run.generator(seed)
    transformer = drawn.filled(run, draw, model.Transformer(20, positions=positions, **SIZES))
    entered: list[Tensor] = []
    transformer.encoder.register_forward_pre_hook(lambda _, arguments: entered.append(arguments[0]))
    tokens = torch.randint(1, 20, (3, 12), generator=draw).to(run.device)
    transformer.encode(tokens)
    encoding = torch.tensor([_by_formula(position, 16) for position in range(12)], dtype=torch.float64)
    expected = 16**0.5 * transformer.source_embedding.weight[tokens] + encoding.to(run.exact_dtype).to(run.device)
    return {"largest difference": float((entered[0] - expected).abs().max())}


def _by_formula(position: int, d_model: int) -> list[float]:
    angles = [position / 10000 ** (2 * i / d_model) for i in range(d_model // 2)]
    return [wave(angle) for angle in angles for wave in (math.sin, math.cos)]


@claim(
    en="With sinusoidal encodings a shift is a linear map: PE(pos + k) = M_k PE(pos), the same M_k at every position.",
    ko="사인·코사인 위치 인코딩에서 위치 이동은 선형 변환이다. 위치와 무관한 행렬 M_k로 PE(pos + k) = M_k PE(pos)이다.",
    source="Vaswani et al. 2017, section 3.5",
    notes=["004-18"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={"learned positions": {"positions": "learned"}, "map of another shift": {"wrong_by": 1}},
    seconds=0.1,
)
@per_seed
def shift_is_a_linear_map(run: Run, seed: int, *, positions: str = "sinusoidal", wrong_by: int = 0) -> dict[str, float]:
    """The largest difference between PE(pos + k) and M_k PE(pos), over 200 positions and a random shift k up to 50.

    M_k turns each pair of a sine and a cosine by k times the pair's frequency.
    """
    draw = run.generator(seed)
    shift = int(torch.randint(1, 51, (), generator=draw))
    module = model.SinusoidalPositions() if positions == "sinusoidal" else model.LearnedPositions(32, 250)
    encodings = drawn.filled(run, draw, module)(torch.zeros(1, 250, 32, dtype=run.exact_dtype, device=run.device))[0]
    turn = _rotation(shift + wrong_by, 32).to(run.exact_dtype).to(run.device)
    difference = encodings[:200] @ turn.mT - encodings[shift : shift + 200]
    return {"largest difference": float(difference.abs().max())}


def _rotation(shift: int, d_model: int) -> Tensor:
    angles = [shift / 10000 ** (2 * i / d_model) for i in range(d_model // 2)]
    turns = [[[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]] for a in angles]
    matrix: Tensor = torch.block_diag(*torch.tensor(turns, dtype=torch.float64))
    return matrix


@claim(
    en="The same attention layer takes a sequence of any length: none of its parameters depends on it.",
    ko="어텐션 층은 같은 가중치로 어떤 길이의 시퀀스든 처리한다. 길이에 따라 달라지는 파라미터가 없기 때문이다.",
    source="Vaswani et al. 2017, section 3.2.1",
    notes=["000-40"],
    rule=count("lengths taken", "lengths tried"),
    controls={"a matrix over positions instead": {"mechanism": "matrix"}},
    seconds=0.3,
)
@per_seed
def attention_takes_any_length(run: Run, seed: int, *, mechanism: str = "attention") -> dict[str, int]:
    """How many lengths from 1 to 4096 one layer turns into outputs of that length.

    The control mixes the positions of a sequence with one matrix, as an MLP over the whole sequence does.
    """
    draw = run.generator(seed)
    if mechanism == "attention":
        layer = drawn.filled(run, draw, model.MultiHeadAttention(8, heads=1))
    else:
        matrix = drawn.filled(run, draw, torch.nn.Linear(64, 64))
        layer = lambda x: matrix(x.mT).mT
    taken = [_takes(layer, drawn.normal(run, draw, 1, length, 8)) for length in LENGTHS]
    return {"lengths taken": sum(taken), "lengths tried": len(LENGTHS)}


def _takes(layer: Callable[[Tensor], Tensor], x: Tensor) -> bool:
    try:
        output = layer(x)
    except (RuntimeError, ValueError):  # how the framework and the reference model say that a shape does not fit
        return False
    return output.shape == x.shape and bool(output.isfinite().all())


@claim(
    en="Sinusoidal positions have no end: the same model takes sequences of any length.",
    ko="사인·코사인 위치 인코딩에는 끝이 없어서, 같은 모델이 어떤 길이의 시퀀스든 받는다.",
    source="Vaswani et al. 2017, section 3.5",
    notes=["000-40"],
    rule=count("lengths taken", "lengths tried"),
    controls={"a learned table of 512": {"positions": "learned"}},
    seconds=0.5,
)
@per_seed
def sinusoidal_positions_have_no_end(run: Run, seed: int, *, positions: str = "sinusoidal") -> dict[str, int]:
    """How many lengths from 1 to 4096 one encoder takes, positions and all."""
    draw = run.generator(seed)
    sizes = {"d_model": 8, "heads": 1, "layers": 1, "d_ff": 8}
    transformer = drawn.filled(run, draw, model.Transformer(20, positions=positions, max_len=512, **sizes))
    encode = lambda x: transformer.encoder(transformer.positions(x))
    taken = [_takes(encode, drawn.normal(run, draw, 1, length, 8)) for length in LENGTHS]
    return {"lengths taken": sum(taken), "lengths tried": len(LENGTHS)}


@claim(
    en="Learned positions end at their table: a table of n vectors takes sequences of up to n tokens and no more.",
    ko="학습된 위치 임베딩은 표의 끝에서 멈춘다. 벡터가 n개인 표로는 토큰 n개까지만 처리할 수 있다.",
    source="Vaswani et al. 2017, section 3.5 and Table 3, row E",
    notes=["000-40"],
    rule=count("longest length taken", "vectors in the table", draws=4),
    controls={"sinusoidal positions": {"positions": "sinusoidal"}},
    seconds=0.5,
)
@per_seed
def learned_positions_end_at_their_table(run: Run, seed: int, *, positions: str = "learned") -> dict[str, int]:
    """The longest sequence that an encoder takes, of all lengths up to twice its table (drawn from 8 to 32 vectors)."""
    draw = run.generator(seed)
    size = int(torch.randint(8, 33, (), generator=draw))
    transformer = drawn.filled(run, draw, model.Transformer(20, positions=positions, max_len=size, **SIZES))
    encode = lambda x: transformer.encoder(transformer.positions(x))
    taken = [length for length in range(1, 2 * size + 1) if _takes(encode, drawn.normal(run, draw, 1, length, 16))]
    return {"longest length taken": max(taken), "vectors in the table": size}
