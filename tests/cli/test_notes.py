"""dlcheck notes and dlcheck notes check, as a user runs them."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def note(tmp_path):
    """A note with a claim that holds, a misconception, and a name that is wrong."""
    path = tmp_path / "note.md"
    path.write_text(
        "# 장난감\n\n- 둘은 둘이다. <!-- dlcheck: toy/two-is-two -->\n"
        "- 앞면이 늘 이긴다.\n  <!-- dlcheck: toy/heads-win -->\n"
        "- 앞면이 이기기도 한다. <!-- dlcheck: toy/head-wins -->\n",
        encoding="utf-8",
    )
    return path


def test_every_statement_is_listed(dlcheck, tmp_path):
    """In a pipe, one line each; on a new machine nothing is measured, and the command that does it is told."""
    lines = dlcheck("notes", DLCHECK_HOME=str(tmp_path)).stdout.splitlines()
    statements = [line for line in lines if line[2:5].isdigit() and line[5] == "-"]
    assert len(statements) == 151
    (line,) = (line for line in statements if line[2:8] == "003-06")
    assert line.startswith("… 003-06  The feed-forward network of an encoder block is position-wise.")
    assert "not measured on this machine yet: dlcheck verify transformer/feed-forward-sees-one-position" in line
    assert "· 000-01 " in "\n".join(statements)
    assert "not covered yet: topic cnn" in "\n".join(statements)
    assert lines[-3].startswith("All notes · 151 statements: 45 not measured, 3 cannot be run, 103 not covered yet")
    assert lines[-1].startswith("To measure what is missing: dlcheck verify activations resnet transformer lstm bert")


def test_a_note_is_shown_with_its_claims(dlcheck, tmp_path):
    """`dlcheck notes 003` is `dlcheck notes show 003`."""
    told = dlcheck("notes", "003", "--lang", "ko", DLCHECK_HOME=str(tmp_path)).stdout
    assert told == dlcheck("notes", "show", "003", "--lang", "ko", DLCHECK_HOME=str(tmp_path)).stdout
    assert "LSTM은 셀, 입력 게이트, 출력 게이트, 망각 게이트로 이루어진다." in told
    assert "뒷받침: lstm/lstm-is-a-cell-and-three-gates · 이 컴퓨터에서 아직 측정하지 않음" in told


def test_a_statement_stands_as_its_claims_came_out(dlcheck, tmp_path):
    """Measured here and now: three claims are verified, and the statement that they support holds."""
    home = {"DLCHECK_HOME": str(tmp_path)}
    assert dlcheck("verify", "transformer/feed-forward-*", "-q", **home).returncode == 0
    document = json.loads(dlcheck("notes", "--json", **home).stdout)
    assert (document["schema"], document["device"]) == (1, "cpu")
    assert [note["id"] for note in document["notes"]] == ["000", "001", "002", "003", "004"]
    statements = {each["id"]: each for note in document["notes"] for each in note["statements"]}
    holds = statements["003-06"]
    assert (holds["standing"], holds["measure"], holds["only_if"]) == ("holds", None, None)
    assert {claim["verdict"] for claim in holds["claims"]} == {"verified"}
    missing = statements["004-17"]
    assert missing["measure"] == "dlcheck verify transformer/heads-are-separate-attentions"
    assert missing["claims"][0] == {
        "id": "transformer/heads-are-separate-attentions",
        "relation": "supports",
        "verdict": None,
        "as_expected": None,
    }
    assert document["notes"][3]["counts"]["holds"] == 1


def test_the_fields_of_the_json_are_documented(dlcheck, tmp_path):
    """Every field of a statement, and no other."""
    page = (Path(__file__).parents[2] / "docs/json.md").read_text(encoding="utf-8")
    section = page.partition("## Notes")[2].partition("\n# ")[0]
    note = json.loads(dlcheck("notes", "003", "--json", DLCHECK_HOME=str(tmp_path)).stdout)["notes"][0]
    documented = [row.split("`")[1] for row in section.splitlines() if row.startswith("| `")]
    assert documented == [*note, *note["statements"][0]]


def test_a_note_of_ones_own_gets_verdicts_beside_its_lines(dlcheck, note):
    """✓ for a claim that was verified, ✗ for a refuted one, ! for one that does not exist, which is code 1."""
    dlcheck("verify", "toy/two-is-two", "toy/heads-win")
    done = dlcheck("notes", "check", str(note))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[:2] == ["# 장난감", ""]
    assert lines[3] == "  ✓ verified · Two is two. · toy/two-is-two"
    assert lines[5] == "  ✗ refuted · Heads always win. · toy/heads-win"
    assert lines[8].startswith("  ! there is no claim toy/head-wins. Did you mean toy/heads-win")


def test_what_is_not_measured_says_how(dlcheck, note, tmp_path):
    """Nothing runs by itself."""
    done = dlcheck("notes", "check", str(note), DLCHECK_HOME=str(tmp_path / "new"))
    assert "? not measured on this machine yet: dlcheck verify toy/two-is-two" in done.stdout


@pytest.mark.parametrize(("style", "wanted"), [("markdown", "<br>"), ("html", "<!DOCTYPE html>"), ("text", "✓")])
def test_it_is_written_to_a_file(style, wanted, dlcheck, note, tmp_path):
    """In each format; the note stays as it was."""
    dlcheck("verify", "toy/two-is-two")
    before, output = note.read_bytes(), tmp_path / "judged"
    done = dlcheck("notes", "check", str(note), "--format", style, "--output", str(output))
    assert done.stdout == ""
    assert f"{output}: written." in done.stderr
    assert wanted in output.read_text(encoding="utf-8")
    assert note.read_bytes() == before


def test_an_empty_note_says_so(dlcheck, tmp_path):
    """And is no error."""
    (tmp_path / "empty.md").write_bytes(b"")
    done = dlcheck("notes", "check", str(tmp_path / "empty.md"))
    assert done.returncode == 0
    assert "No line of empty.md looks like a statement" in done.stdout


def test_what_the_user_can_mend_about_notes(dlcheck, note, tmp_path):
    """One line, code 2."""
    korean = tmp_path / "cp949.txt"
    korean.write_bytes("둘은 둘이다".encode("cp949"))
    for arguments, said in (
        (["005"], "no note '005': expected one of 000, 001, 002, 003, 004"),
        (["chek"], "Did you mean check?"),
        (["check", str(tmp_path / "none.md")], "cannot read"),
        (["check", str(tmp_path)], "expected a text file"),
        (["check", str(korean)], "expected UTF-8"),
        (["check", str(note), "--output", str(note)], "it is the note itself"),
        (["check", str(note), "--output", "/nowhere/at/all.md"], "cannot write to /nowhere/at/all.md"),
    ):
        done = dlcheck("notes", *arguments)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert said in done.stderr


@pytest.mark.parametrize("columns", [60, 160])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_notes_fold_at_the_edge_of_the_terminal(columns, lang, terminal, note):
    """The statements; lines of one's own only where no word is longer than the screen."""
    from rich.cells import cell_len

    for command in (["notes", "000"], ["notes", "check", str(note)]):
        screen = terminal(*command, "--lang", lang, columns=columns)
        screen.finish()
        for line in screen.text.split("\r\n"):
            assert cell_len(line) <= columns or max(map(cell_len, line.split())) > columns - 6
