"""Results read again: the verdicts are those of the numbers, whatever the file says; shards merge, runs compare."""

import copy
import json
import math
from pathlib import Path

import pytest

from dlcheck import output
from dlcheck.engine.outcome import Arm, Outcome, decide, exit_code, skipped
from dlcheck.engine.plan import Plan, Shard
from dlcheck.errors import DlcheckError, MergeError
from dlcheck.plugins import Fault
from dlcheck.report import contract
from dlcheck.report.diff import Kind, compare, lines
from dlcheck.report.merge import merge
from dlcheck.report.recorded import read
from dlcheck.report.results import Results
from dlcheck.rules import Verdict, count, equals, exceeds, growth, proportion
from dlcheck.statistics import median_interval

CI_PAGE = Path(__file__).parents[2] / "docs/ci.md"
ONES, ZEROS, OPEN = (1.0,) * 8, (0.0,) * 8, (0.0, 1.0) * 10
VERSIONS = {"dlcheck": "0.1.0", "python": "3.11.7", "torch": "2.13.0", "plugins": {"toy": "1.2"}}


@pytest.fixture
def decided(claim):
    """`decided("name", own numbers, numbers of its control)`, with the seeds that its plan has."""

    def make(name="a-claim", own=ONES, control=ZEROS, epoch=0, **fields):
        made = claim(name, **fields)
        arms = []
        for arm, xs in (("", own), ("off", control)):
            numbers = xs if isinstance(xs, dict) else {measure: list(xs) for measure in made.rule.measures}
            n = len(next(iter(numbers.values())))
            arms.append(Arm(arm))
            arms[-1].add(made.seeds(epoch, 0, n), numbers, [], 0.5, 0.25, cached=False)
            arms[-1].judge(made.rule, "cpu")
        return decide(made, arms, "cpu")

    return make


@pytest.fixture
def every(decided, claim):
    """All kinds of rules and all verdicts."""
    sizes, squares = [[1, 2, 4, 8, 16]] * 8, [[1.0, 4.0, 16.0, 64.0, 256.0]] * 8
    fault = Arm("off", fault="it broke")
    sound = decided("control-broke").arm
    return [
        decided("holds"),
        decided("nan", (math.nan, *ONES[1:], *ONES[:4]), (-math.inf,) * 8),
        decided("open", OPEN),
        decided("vacuous", ONES, ONES),
        decided("equal", ZEROS, ONES, rule=equals("x", 0.0, atol=1e-9)),
        decided("whole", {"n": [7], "m": [7]}, {"n": [7], "m": [8]}, rule=count("n", "m")),
        decided("faster", {"a": [2.0] * 8, "b": [1.0] * 8}, {"a": [1.0] * 8, "b": [1.0] * 8},
                rule=exceeds("a", "b", times=1.5)),
        decided("square", {"y": squares, "n": sizes}, {"y": sizes, "n": sizes},
                rule=growth("y", against="n", power=2, within=0.1)),
        decided("share", {"k": [50] * 2, "n": [100] * 2}, {"k": [0] * 2, "n": [100] * 2},
                rule=proportion("k", of="n", p=0.5, within=0.2, total=200, draws=2)),
        decide(claim("broke"), [Arm("", fault="no luck"), decided("broke").controls[0]], "cpu"),
        decide(claim("control-broke"), [sound, fault], "cpu"),
        Outcome(claim("late"), Verdict.INCOMPLETE, [Arm(""), Arm("off")]),
        skipped(claim("elsewhere", devices=("cuda",)), "runs on cuda only, not on cpu"),
    ]  # fmt: skip


def of(outcomes, faults=(), *, epoch=0, seeds_max=None, shard=None, claims=None, versions=VERSIONS, digest="same"):
    claims = [each.claim.id for each in outcomes] if claims is None else claims
    plan = Plan("cpu", epoch, seeds_max, dict.fromkeys(claims, digest), shard)
    return Results(plan, versions, outcomes, list(faults), 4 if faults else exit_code(outcomes))


@pytest.fixture
def saved(tmp_path):
    """Write results (or a document), read them again."""

    def write(results, name="results.json"):
        document = results if isinstance(results, dict) else contract.document(results)
        output.write(contract.encode(document), str(tmp_path / name))
        return read(tmp_path / name)

    return write


def test_the_verdicts_come_out_again(every, saved):
    """Every verdict, reason and number, by every kind of rule; what is written again is the same file."""
    results = of(every, [Fault("bad", "it fails", "mend it", "")])
    record = saved(results)
    assert record.contradictions == []
    for again, before in zip(record.results.outcomes, every, strict=True):
        assert (again.verdict, again.reason, again.weak) == (before.verdict, before.reason, before.weak)
    assert contract.encode(contract.document(record.results)) == contract.encode(contract.document(results))


def test_a_verdict_in_the_file_is_not_believed(decided, saved):
    """The numbers decide; that the file says otherwise is told."""
    document = contract.document(of([decided("refuted", ZEROS, ONES)]))
    document["claims"][0].update(verdict="verified", as_expected=True)
    document["exit_code"] = 0
    record = saved(document)
    assert [each.verdict for each in record.contradictions] == [Verdict.REFUTED]
    assert record.results.exit_code == 1


def test_too_few_seeds_are_incomplete(decided, saved):
    """An arm that is open before its limit of seeds has not been finished; at a lower limit it is inconclusive."""
    document = contract.document(of([decided("open", OPEN)]))
    numbers = document["claims"][0]["numbers"]
    numbers["seeds"], numbers["measures"]["x"] = numbers["seeds"][:12], numbers["measures"]["x"][:12]
    assert saved(document).results.outcomes[0].verdict is Verdict.INCOMPLETE
    assert saved(document | {"seeds_max": 12}).results.outcomes[0].verdict is Verdict.INCONCLUSIVE


def corrupt(document, how):
    document, claim = copy.deepcopy(document), None
    claim = document["claims"][0]
    match how:
        case "other seeds":
            claim["numbers"]["seeds"][0] += 1
        case "a seed twice":
            claim["numbers"]["seeds"][1] = claim["numbers"]["seeds"][0]
        case "too few numbers":
            claim["numbers"]["measures"]["x"].pop()
        case "a claim twice":
            document["claims"].append(claim)
        case "a claim less":
            document["claims"].pop()
        case "no rule":
            claim["rule"]["kind"] = "wish"
        case "no field":
            del claim["numbers"]
        case "no control":
            claim["controls"].clear()
        case "no device":
            claim["devices"].clear()
        case "no versions":
            del document["versions"]["plugins"]
        case "a foreign id":
            claim["id"] = "toy/`<script>"
            document["plan"][claim["id"]] = ""
        case "another schema":
            document["schema"] = 2
        case "a list":
            return [document]
    return document


HOW = [
    "other seeds", "a seed twice", "too few numbers", "a claim twice", "a claim less", "no rule", "no field",
    "no control", "no device", "no versions", "a foreign id", "another schema", "a list",
]  # fmt: skip


@pytest.mark.parametrize("how", HOW)
def test_a_file_that_is_not_sound_is_refused_in_one_line(how, decided, tmp_path):
    """With the file's name and what was expected."""
    document = contract.document(of([decided("one"), decided("two")]))
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(corrupt(document, how)))
    with pytest.raises(DlcheckError, match=r"bad\.json: expected (what|results)") as refused:
        read(path)
    assert "\n" not in str(refused.value)


def test_no_file_and_no_json_are_refused(tmp_path):
    """In one line, too."""
    with pytest.raises(DlcheckError, match=r"cannot read .*missing"):
        read(tmp_path / "missing")
    (tmp_path / "text").write_text("no JSON")
    with pytest.raises(DlcheckError, match="text: expected what"):
        read(tmp_path / "text")
    (tmp_path / "deep").write_text("[" * 100_000)
    with pytest.raises(DlcheckError, match="deep: expected what"):
        read(tmp_path / "deep")


def shards(outcomes, saved, **more):
    ids = [each.claim.id for each in outcomes]
    parts = [outcomes[::2], outcomes[1::2]]
    return [
        saved(of(part, shard=Shard(index, 2), claims=ids, **more), f"{index}.json")
        for index, part in enumerate(parts, 1)
    ]


def test_shards_merge_into_what_one_machine_writes(every, saved):
    """The same document, in the order of the plan, whatever the order of the files."""
    merged = merge(shards(every, saved)[::-1])
    assert contract.encode(contract.document(merged)) == contract.encode(contract.document(of(every)))


def test_a_missing_shard_is_named_with_its_claims(every, saved):
    """Never merged in silence."""
    first, _ = shards(every, saved)
    with pytest.raises(
        MergeError, match=r"6 of 13 planned claims are in no file: toy/nan, .* and 1 more\. No file of shard 2/2"
    ):
        merge([first])


def test_a_claim_in_two_files_is_refused(every, saved):
    """Also when they are the same file."""
    first, second = shards(every, saved)
    with pytest.raises(MergeError, match=r"toy/holds is in both .*1\.json and .*1\.json: expected it once"):
        merge([first, second, first])


OTHER = {
    "epoch 1": {"epoch": 1},
    "seeds_max 4": {"seeds_max": 4},
    "torch 2.6": {"versions": VERSIONS | {"torch": "2.6"}},
    "plugin toy 1.3": {"versions": VERSIONS | {"plugins": {"toy": "1.3"}}},
    "other code, rules or controls: toy/one, toy/two": {"digest": "another"},
}


@pytest.mark.parametrize("what", OTHER)
def test_shards_of_different_plans_are_refused(what, decided, saved):
    """And what differs is named."""
    more = OTHER[what]
    epoch = more.get("epoch", 0)
    ids = ["toy/one", "toy/two"]
    one = saved(of([decided("one")], shard=Shard(1, 2), claims=ids), "1.json")
    two = saved(of([decided("two", epoch=epoch)], shard=Shard(2, 2), claims=ids, **more), "2.json")
    with pytest.raises(MergeError, match=what):
        merge([one, two])


def test_what_changed_is_named(decided, saved):
    """Verdicts, effects whose intervals have no point in common, claims that came and went, and conditions."""
    old = of([decided("holds"), decided("turns"), decided("moves", (2.0,) * 8), decided("stays", (2.0, *ONES[1:])),
              decided("goes")])  # fmt: skip
    new = of(
        [decided("holds", epoch=1), decided("turns", OPEN, epoch=1), decided("moves", (3.0,) * 8, epoch=1),
         decided("stays", (1.5,) * 8, epoch=1), decided("comes", epoch=1)],
        epoch=1, digest="later", versions=VERSIONS | {"torch": "2.14"},
    )  # fmt: skip
    found = compare(saved(old, "old").results, saved(new, "new").results)
    assert {change.id: change.kind for change in found.changes} == {
        "toy/turns": Kind.VERDICT,
        "toy/moves": Kind.MOVED,
        "toy/goes": Kind.GONE,
        "toy/comes": Kind.NEW,
    }
    assert (found.same, found.matters) == (2, True)
    assert [line.plain for line in lines(found, "en")] == [
        "  epoch: 0 → 1",
        "  torch: 2.13.0 → 2.14",
        "✗ toy/turns: changed: verified (x 1) → inconclusive (x 0.5 [0, 1])",
        "~ toy/moves: moved beyond both intervals: x 2 → x 3",
        "+ toy/comes: new: verified (x 1)",
        "- toy/goes: no longer there (was verified (x 1))",
        "Verdicts changed: 1. Effects moved: 1. Claims gone: 1, new: 1. As before: 2.",
    ]


def test_moved_by_chance_is_as_rare_as_the_page_says():
    """With 8 seeds the interval has all effects; of the orders of 2 x 8, two keep the runs apart."""
    effects = [3.0, 1.0, 8.0, 2.0, 7.0, 6.0, 5.0, 4.0]
    assert median_interval(effects)[1:] == (1.0, 8.0)
    assert f"once in {math.comb(16, 8) // 2:,} comparisons" in CI_PAGE.read_text(encoding="utf-8")


def test_the_same_run_has_no_difference(every, saved):
    """And new claims or versions alone are none that matters."""
    assert not compare(saved(of(every)).results, saved(of(every)).results).changes
    assert not compare(of(every[:3]), of(every[:4], versions=VERSIONS | {"torch": "3"})).matters


def test_a_change_that_nothing_explains_says_so(decided):
    """The plan is the same to the last digit, the verdict is not."""
    found = compare(of([decided()]), of([decided("a-claim", ZEROS, ONES)]))
    (told, _) = [line.plain for line in lines(found, "en")]
    assert told.endswith("although nothing it is known to depend on has changed")


def test_a_claim_of_another_shard_is_gone_and_nothing_else(decided):
    """That one of the files is a part is told among the conditions, and no mystery is made of it."""
    both = [decided("one"), decided("two")]
    ids = [each.claim.id for each in both]
    found = compare(of(both), of(both[:1], claims=ids, shard=Shard(1, 2)))
    told = [line.plain for line in lines(found, "en")]
    assert told[0] == "  shard: - → 1/2"
    assert told[1].startswith("- toy/two: no longer there")
    assert not any("known to depend" in line for line in told)


def test_files_of_another_division_are_refused(every, saved):
    """Two halves are not put together with a third."""
    ids = [each.claim.id for each in every]
    half, third = (of(every[:1], shard=Shard(2, count), claims=ids) for count in (2, 3))
    with pytest.raises(MergeError, match=r"b\.json: expected a shard of 2 as in .*a\.json, got shard 2/3"):
        merge([saved(half, "a.json"), saved(third, "b.json")])


def test_an_error_within_its_tolerance_may_be_any(decided):
    """Rounding differs; a count may not."""
    tiny = equals("x", 0.0, atol=1e-9)
    assert not compare(of([decided(own=ZEROS, rule=tiny)]), of([decided(own=(1e-12,) * 8, rule=tiny)])).changes
    counts = [decided(own={"n": [k], "m": [k]}, control={"n": [k], "m": [0]}, rule=count("n", "m")) for k in (7, 8)]
    assert [change.kind for change in compare(*(of([each]) for each in counts)).changes] == [Kind.MOVED]
