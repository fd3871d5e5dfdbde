"""Code answers: what is asked again, what is right, and the first rung that fails."""

import pytest
import torch

from code_questions import QUESTION, body, exercise, graded
from dlcheck.quiz import sandbox
from dlcheck.quiz.base import Solution, Unreadable
from dlcheck.quiz.code import Exercise
from dlcheck.quiz.coded import _answers, _reference
from dlcheck.quiz.inside.wire import Malformed, Other, TooLarge, pack, unpack
from dlcheck.quiz.rungs import Answers, Tolerance, first_failure


def test_solution_is_right():
    """With values and gradients, at the level that doctor tells."""
    grade = graded(QUESTION.solution, gradients=True)
    assert grade.right
    assert grade.reason is None
    assert grade.sandbox == sandbox.level().words


@pytest.mark.parametrize(
    ("source", "en", "ko"),
    [
        ("def halve(x):\n    return (x\n", "Line 2: this is not Python: '(' was never closed", "2번째 줄: 파이썬 문법"),
        ("def half(x):\n    return x / 2\n", "Expected a function named halve, got none.", "halve 함수가 없습니다."),
        ("halve\n", "Expected a function named halve", "halve 함수가"),
        ("a = '\0'", "this is not Python", "파이썬 문법 오류"),
        ("(" * 5000, "this is not Python", "파이썬 문법 오류"),
        ("x" * 200_000, "at most 100,000 characters", "100,000자까지"),
    ],
)
def test_source_that_is_no_answer_is_asked_again(source, en, ko):
    """With the line and what Python says about it; it is not a wrong answer."""
    with pytest.raises(Unreadable) as raised:
        QUESTION.read(source, [])
    assert en in raised.value.text.en
    assert ko in raised.value.text.ko


@pytest.mark.parametrize(
    "source", ["halve = lambda x: x / 2", "try:\n    from a import halve\nexcept OSError:\n    pass"]
)
def test_function_may_come_from_any_statement(source):
    """Not from `def` only."""
    assert QUESTION.read(source, []) == source


RUNGS = [
    ("return x.missing", "Line 5 raised AttributeError: 'Tensor' object has no attribute 'missing'.", "5번째 줄에서"),
    ("raise SystemExit(0)", "raised SystemExit: 0", "SystemExit: 0 예외"),
    ("...", "Expected a tensor of shape (2, 3), got None.", "기대한 값: 형태가 (2, 3)인 텐서, 반환된 값: None."),
    ("return x / 2, x", "Expected a tensor of shape (2, 3), got 2 values.", "값 2개"),
    ("return 'passed'", "got 'passed'.", "반환된 값: 'passed'."),
    ("return (x / 2).tolist()", "got 2 values", "값 2개"),
    ("return x.detach().numpy()", "an object of type ndarray", "ndarray 타입의 객체"),
    (
        "return (x / 2).T",
        "Expected the shape (2, 3), got (3, 2). Arguments: float32(2, 3).",
        "기대한 형태(shape): (2, 3)",
    ),
    ("return (x / 2)[:2]", "Expected the shape (4, 1), got (2, 1). Arguments: float32(4, 1).", "(4, 1)"),
    ("return (x / 2).double()", "Expected the dtype float32, got float64.", "반환된 dtype: float64."),
    ("return (x / 2).bfloat16()", "Expected the dtype float32, got bfloat16.", "bfloat16"),
    ("return x // 2 == 0", "Expected the dtype float32, got bool.", "bool"),
    (
        "return (x - 2).log() * 0 + x / 2",
        "Expected finite values, got nan at [0, 0].",
        "[0, 0] 자리: 유한한 값이 아닙니다: nan.",
    ),
    ("return x + 1", "Expected 3 at [1, 2], got 7. 6 of 6 differ", "기대한 값: 3, 반환된 값: 7."),
    ("return x.detach() / 2", "Gradient by floating argument 1: Expected one, got none", "연산 그래프가 끊겼습니다"),
    ("return x.detach() / 2 + x * 0", "Gradient by floating argument 1: Expected", "기울기: "),
    ("return torch.ones(()).expand(100_000, 100_000)", "got (100000, 100000)", "(100000, 100000)"),
    ("return x.detach().to_sparse()", "Expected 3 at [1, 2], got 6.", "반환된 값: 6."),
    ("raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})", "raised E.", "E 예외"),
]


@pytest.fixture(scope="module")
def told():
    """What each program of RUNGS gave, all in one process: the texts, by its line."""
    solution = exercise(gradients=True).right
    expected, cotangents = _reference(solution)
    programs = [body(line) for line, _, _ in RUNGS]
    order = {"programs": programs, "function": "halve", "cases": solution.cases, "cotangents": cotangents}
    found = _answers(sandbox.run(order, sandbox.Limits()), len(programs), len(solution.cases))
    near = Tolerance(1e-5, 1e-4)
    return {
        line: first_failure(got, expected, solution.cases, near) for (line, _, _), got in zip(RUNGS, found, strict=True)
    }


@pytest.mark.parametrize(("line", "en", "ko"), RUNGS, ids=[line for line, _, _ in RUNGS])
def test_first_failing_rung_is_told(told, line, en, ko):
    """What was expected and what came, in both languages."""
    assert en in told[line].en
    assert ko in told[line].ko


def test_misconception_is_recognised():
    """An answer that gives what a named wrong solution gives has its name, however it is written."""
    grade = graded(body("return 2 * x"))
    assert not grade.right
    assert grade.misconception == "doubles"
    assert graded(body("return 3 * x")).misconception == ""


def test_what_a_named_mistake_raises_is_recognised():
    """The same exception with the same message is the same mistake."""
    assert graded(body("", "", "return torch.matmul(x, x)")).misconception == "adds-shapes"


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.bool, torch.int8, torch.int64, torch.complex64])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_every_dtype_survives_the_way(dtype, shape):
    """numpy has no bfloat16."""
    tensor = torch.randn(shape).mul(3).to(dtype)
    [back] = unpack(pack([tensor], 1 << 20))
    assert back.dtype == dtype
    assert torch.equal(back, tensor)


@pytest.mark.parametrize(
    "right",
    [
        (torch.tensor([1, 2]), (3.5, True, "relu", None)),
        torch.tensor([float("nan"), 1.0]),
        torch.tensor([True, False]),
        7,
        (),
    ],
    ids=str,
)
def test_whatever_a_reference_returns_agrees_with_itself(right):
    """Nested values, infinities where the reference has them, plain numbers."""
    answers, _ = _reference(Exercise(lambda: right, [[]]))
    assert first_failure(answers, answers, [[]], Tolerance(0, 0)) is None


@pytest.mark.parametrize(
    ("got", "right", "en"),
    [
        (torch.tensor([1, 3]), torch.tensor([1, 2]), "Expected 2 at [1], got 3. 1 of 2 differ"),
        (True, 1, "Expected 1, got True."),
        (2.0, 2.5, "Expected 2.5, got 2."),
        (10**30, 5, "Expected 5, got 1000000000000000000000000000000."),
        (10**400, 2.5, "Expected 2.5, got 1000000"),
        (float("nan"), 2.5, "Expected finite values, got nan."),
        (1.0, float("inf"), "Expected inf, got 1."),
        ("tanh", "relu", "Expected 'relu', got 'tanh'."),
        ((1, (2, 4)), (1, (2, 3)), "Value 2.2: Expected 3, got 4."),
        (torch.tensor(float("-inf")), torch.tensor(float("inf")), "Expected inf, got -inf."),
        (Other("\x1b[2J\nMagic"), 1, "got an object of type [2J Magic."),
        (TooLarge("float32", (9,)), torch.ones(3), "Expected the shape (3,), got (9,)."),
    ],
)
def test_difference_is_told(got, right, en):
    """Whole numbers have to be equal, and nothing that comes back can write to the terminal."""
    answers, expected = (Answers([{"value": each, "gradients": None}]) for each in (got, right))
    assert en in first_failure(answers, expected, [[]], Tolerance(1e-5, 1e-4)).en


def with_gradient(value, x):
    """What the sandbox would send of `value`, a function of `x`."""
    [gradient] = torch.autograd.grad((value * torch.linspace(-1, 1, value.numel()).view_as(value)).sum(), x)
    return Answers([{"value": value.detach(), "gradients": (gradient,)}])


def test_another_formula_rounds_differently_and_is_right():
    """Softmax of large logits through logsumexp: its gradient is less exact; one that is 1 % off is told."""
    for seed in range(200):
        torch.manual_seed(seed)
        x = (200 * torch.randn(2, 3, 5)).requires_grad_()
        reference = with_gradient(x.softmax(-1), x)
        other = with_gradient((x - x.logsumexp(-1, keepdim=True)).exp(), x)
        assert first_failure(other, reference, [[x]], Tolerance(1e-5, 1e-4)) is None, seed
    x = torch.randn(2, 3, 5, requires_grad=True)
    reference, wrong = with_gradient(x.softmax(-1), x), with_gradient(x.softmax(-1), x)
    wrong.values[0]["gradients"][0].mul_(1.01)
    assert "Gradient" in first_failure(wrong, reference, [[x]], Tolerance(1e-5, 1e-4)).en


def test_gradient_that_is_not_wanted_may_be_missing():
    """No dependence and a gradient of zeros are the same."""
    unused = Exercise(lambda x, y: x * 2 + y.detach(), [[torch.ones(2), torch.ones(2)]], gradients=True)
    expected, _ = _reference(unused)
    zeros = Exercise(lambda x, y: x * 2 + y.detach() + 0 * y, unused.cases, gradients=True)
    got, _ = _reference(zeros)
    for left, right in ((got, expected), (expected, got)):
        assert first_failure(left, right, unused.cases, Tolerance(1e-5, 1e-4)) is None


@pytest.mark.parametrize(
    "forged",
    [
        b"",
        b"passed",
        b"[]\nrest",
        b"[" * 100_000 + b"\n",
        b'{"tensor": ["float32", [1000000000000], 4000000000000]}\n',
        b'{"tensor": ["float32", [-1], -4]}\n',
        b'{"tensor": ["float32", [true], 4]}\n0000',
        b'{"tensor": ["load", [1], 4]}\n0000',
        b'{"tensor": ["nothing", [1], 4]}\n0000',
        b'{"tensor": [1, 2, 3]}\n',
        b'{"pickle": "x", "y": 1}\n',
        b"9" * 5000 + b"\n",
        b"\xff\xfe\n",
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_bytes_that_nobody_packed_are_malformed(forged):
    """Whatever lengths they claim; nothing is allocated for them."""
    with pytest.raises(Malformed):
        unpack(forged)


@pytest.mark.parametrize(
    "told",
    [
        None,
        True,
        {"right": True},
        {"values": (), "raised": None},
        {"values": (1,), "raised": None},
        {"values": 1, "raised": 1},
        {"values": ({},), "raised": None},
        {"values": ({"value": 1, "gradients": 3},), "raised": None},
        {"values": (), "raised": {}},
        {"values": (), "raised": {"type": "E", "said": ("x",), "line": 1}},
        {"values": (), "raised": {"type": "E", "said": "", "line": True}},
    ],
    ids=str,
)
def test_answers_that_no_honest_process_tells_are_malformed(told):
    """There is no word for having passed."""
    with pytest.raises(Malformed):
        Answers.check(told, cases=1)


def test_numbers_that_were_not_sent_are_no_answer():
    """A tensor of the right shape without its numbers was never returned."""
    answers, expected = (
        Answers([{"value": each, "gradients": None}]) for each in (TooLarge("float32", (1,)), torch.ones(1))
    )
    with pytest.raises(Malformed):
        first_failure(answers, expected, [[]], Tolerance(0, 0))


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.complex64])
@pytest.mark.parametrize("by", ["used", "unused"])
def test_gradients_of_a_dtype_that_no_argument_has_are_malformed(dtype, by):
    """No honest process sends them, and not everything can be done with them."""
    used = Exercise(lambda x: x * 2 if by == "used" else x.detach(), [[torch.ones(2)]], gradients=True)
    expected, _ = _reference(used)
    forged = Answers([{**expected.values[0], "gradients": (torch.ones(2).to(dtype),)}])
    with pytest.raises(Malformed):
        first_failure(forged, expected, used.cases, Tolerance(0, 0))


@pytest.mark.parametrize(
    ("line", "en"),
    [
        ("return torch.empty(2, 3, device='meta')", "NotImplementedError: Cannot copy out of meta tensor"),
        ("x = []; x.append(x); return x", "RecursionError"),
        ("return 10**5000", "ValueError: Exceeds the limit"),
    ],
)
def test_what_cannot_be_sent_is_told(line, en):
    """It is not the student who has ended the process."""
    assert en in graded(body(line)).reason.en


def test_longest_source_of_any_letters_is_graded():
    """In JSON, such a letter takes twelve bytes."""
    source = QUESTION.solution + "# " + "🧪" * 90_000
    assert QUESTION.grade(QUESTION.read(source, []), exercise()).right


def test_optimisers_work_inside():
    """They import much more of torch, after the limits are on."""
    lines = ["p = torch.nn.Parameter(torch.ones(1))", "opt = torch.optim.Adam([p])", "p.sum().backward()", "opt.step()"]
    assert graded(body(*lines, "return x / 2")).right


def test_arguments_arrive_nested_and_apart():
    """A tuple is a tuple, and a case does not see what another one changed in place."""
    inputs = [[(torch.ones(2), 3), None, "a"]] * 2
    solution = Solution(Exercise(lambda pair, none, text: pair[0] * pair[1], inputs))
    source = "def halve(p, n, t):\n    assert type(p) is tuple and n is None and t == 'a'\n    return p[0].mul_(p[1])\n"
    assert QUESTION.grade(source, solution).right
