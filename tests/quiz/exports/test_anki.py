"""The Anki package, read from its own database."""

import io
import json
import sqlite3
import subprocess
import sys
import zipfile

import pytest

from dlcheck.errors import DlcheckError
from dlcheck.quiz.exports import anki

pytest.importorskip("genanki")


@pytest.fixture
def collection(exam, tmp_path):
    """`collection(lang="ko")`: a connection to the database in the package."""

    def opened(**options):
        packed = zipfile.ZipFile(io.BytesIO(anki.write(exam(anki, **{"lang": None, **options}))))
        assert packed.namelist() == ["collection.anki2", "media"]
        assert json.loads(packed.read("media")) == {}
        database = sqlite3.connect(":memory:")
        database.deserialize(packed.read("collection.anki2"))
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return database

    return opened


def notes(database):
    """Fields of every note, by its guid."""
    return {guid: fields.split("\x1f") for guid, fields in database.execute("SELECT guid, flds FROM notes")}


def test_a_note_has_both_languages_and_a_card_for_each(collection, exam):
    """With the question on the front and the answer on the back."""
    database, whole = collection(), exam(anki)
    fields = {each[0]: each[1:] for each in notes(database).values()}
    assert list(fields) == [variant.label for variant in whole.variants]
    front, back, korean_front, korean_back = fields[whole.variants[1].label]
    assert "How many weights has <code>Linear(128, 128)</code>?" in front
    assert "<li>16,512</li>" in front
    assert "2: 16,512" in back
    assert "You left out the bias" in back
    assert "가중치는 몇 개인가?" in korean_front
    assert "편향을 빠뜨렸다" in korean_back
    cards = database.execute("SELECT nid, count(*) FROM cards GROUP BY nid").fetchall()
    assert [count for _, count in cards] == [2] * len(fields)


def test_one_language_is_one_card_of_a_note_of_its_own(collection):
    """Its guid differs, so that the cards of both languages never meet in one note."""
    both, korean = collection(), collection(lang="ko")
    assert not set(notes(both)) & set(notes(korean))
    assert {tuple(fields[1:3]) for fields in notes(korean).values()} == {("", "")}
    assert korean.execute("SELECT DISTINCT ord FROM cards").fetchall() == [(1,)]


def test_guids_depend_on_topic_id_and_seed_alone(collection, bank, exam):
    """A mended text updates its note; another variant is another note."""
    first, second = notes(collection()), notes(collection(variants=2))
    assert set(first) < set(second)
    assert len(second) == 2 * len(first)
    entries = bank.entries
    mended = {name: type(e)(e.path, e.line, e.text.replace("Because", "As")) for name, e in entries.items()}
    object.__setattr__(bank, "entries", mended)
    after = notes(collection())
    assert set(after) == set(first)
    assert after != first


def test_everything_in_a_text_is_shown_and_nothing_is_a_command(collection):
    """No sound, no gap, no markup; code and maths as written."""
    [front] = [fields[1] for fields in notes(collection()).values() if fields[0].startswith("toy/nasty")]
    assert "[sound:" not in front
    assert "{{" not in front
    assert "&#91;sound:x.mp3]" in front
    assert "a &lt;b&gt;bold&lt;/b&gt; &amp;" in front
    assert r"\frac{a}{b}" in front
    assert '    return {"a": x}  # ~ = # : \\n\n\n# an empty line above</code></pre>' in front


def test_the_deck_is_the_topic_and_numbers_stay(collection):
    """A later export goes into the same deck with the same kind of note."""
    decks, models = (json.loads(each) for each in collection().execute("SELECT decks, models FROM col").fetchone())
    [(number, deck)] = [(number, deck) for number, deck in decks.items() if number != "1"]
    assert (number, deck["name"]) == ("520029213034", "dlcheck::toy")
    assert list(models) == [str(anki.NOTE_TYPE)]
    assert [template["name"] for template in models[str(anki.NOTE_TYPE)]["tmpls"]] == ["English", "한국어"]


def test_a_later_release_stamps_a_later_moment():
    """Anki keeps the newer of two notes."""
    moments = [anki._moment(version) for version in ("0.1.0", "0.1.1.dev3", "0.2.0", "1.0")]
    assert moments == sorted(set(moments))
    assert moments[0] > 0


def test_without_genanki_the_error_names_the_extra(exam, monkeypatch):
    """One line, with the command."""
    monkeypatch.setitem(sys.modules, "genanki", None)
    with pytest.raises(DlcheckError, match=r"pip install 'dlcheck\[anki\]'"):
        anki.write(exam(anki))


def test_the_formats_do_not_import_genanki():
    """Nobody waits for it who does not want a package."""
    code = "import sys, dlcheck.quiz.exports; assert 'genanki' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
