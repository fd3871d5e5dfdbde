"""What stands on the page, and what cannot stand there."""

import re
from html.parser import HTMLParser

import pytest

from dlcheck.report.html.page import Report, page

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "svg", "defs", "marker", "circle", "path", "g", "use", "text",
    "header", "h1", "h2", "h3", "p", "i", "b", "nav", "button", "label", "input", "select", "option", "span", "output",
    "details", "summary", "table", "tr", "th", "td", "a", "section", "article", "cite", "noscript", "div", "figure",
    "figcaption", "dl", "dt", "dd", "code", "pre", "script",
}  # fmt: skip
VOID = {"meta", "input"}
MAY_STAY_OPEN = {"p", "option", "dt", "dd", "tr", "th", "td"}


class Page(HTMLParser):
    """Elements with their attributes, and whether they are closed in order."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1] != tag:
            assert self.open[-1] in MAY_STAY_OPEN, (tag, self.open)
            self.open.pop()
        self.open.pop()


@pytest.fixture
def document(report: Report) -> str:
    return page(report, "en")


def test_the_page_is_sound(document: str) -> None:
    """Only known elements, closed in order, every id once, every inner link with a target."""
    read = Page(document)
    assert {tag for tag, _ in read.elements} <= ALLOWED
    assert read.open == []
    ids = [found["id"] for _, found in read.elements if "id" in found]
    assert len(ids) == len(set(ids))
    links = [found["href"] or "" for tag, found in read.elements if tag in ("a", "use")]
    assert {link[1:] for link in links} <= set(ids)
    assert all(link.startswith("#") for link in links)


def test_nothing_from_a_plugin_becomes_markup(document: str) -> None:
    """Neither an element, nor an attribute, nor a control character."""
    read = Page(document)
    assert not any(name.startswith("on") for _, found in read.elements for name in found)
    assert document.count("<script") == 1
    assert document.count("</noscript>") == document.count("<noscript>") == 6
    assert "&lt;img src=x onerror=" in document
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", document)


def test_the_page_asks_for_nothing(document: str) -> None:
    """Its policy allows its own style and script and nothing else; there is no address on it."""
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', document)
    assert policy
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]
    assert not re.search(r"https?:|//\w+\.|\bsrc=[^x]|url\((?!#)", document)
    assert not any("style" in found for _, found in Page(document).elements)


def test_every_claim_is_told_in_both_languages(document: str) -> None:
    """Statement, verdict, source, rule, numbers, seeds."""
    for said in ("A beats B.", "A가 B보다 낫다.", "a paper", "Toys", "장난감", "3 3 3 3 3 3 3 3", "0 1 2 3 4 5 6 7"):
        assert said in document
    assert "'a' is at least 1 above 'b'" in document
    assert "<td>7" in document


def test_a_verdict_that_was_not_expected_says_so(document: str) -> None:
    """With a class of its own, and for the filter."""
    (article,) = re.findall(r"<article id=\"toy/wrong\".*?</article>", document, re.DOTALL)
    assert "data-verdict=refuted data-unexpected" in article
    assert "refuted (expected: verified)" in article
    assert "반증 (예상: 입증)" in article


def test_statements_of_notes_stand_with_their_claims(document: str) -> None:
    """How each stands in both languages, counts of each note and of all, links to the claims that are on the page."""
    (first,) = re.findall(r'<article id="notes/000-01".*?</article>', document)
    assert "data-verdict=holds " in first
    assert 'supported by</i><i lang=ko>뒷받침</i> <a href="#toy/compared">toy/compared</a>' in first
    assert "toy/gone (" in first
    assert "holds only if sunny</i><i lang=ko>조건부로 성립: 맑을 때" in document
    assert "yet: dlcheck verify toy/unmeasured --device=cuda:0 --epoch=3" in document
    assert "<p><i lang=en>3 statements: 1 holds, 1 holds only under a condition, 1 not measured</i>" in document
    assert "<td><i lang=en>4 statements: 1 holds," in document


def test_claims_without_trials_say_how_to_measure_them(document: str) -> None:
    """With the device and the epoch of the page; those with trials say how to repeat them."""
    assert "1 statement has no trials yet. To measure it: dlcheck verify toy --device=cuda:0" in document
    assert "dlcheck verify toy/unmeasured --device=cuda:0 --epoch=3" in document
    assert "dlcheck verify toy/compared --fresh --device=cuda:0 --epoch=3" in document


def test_the_code_of_the_experiment_is_there_without_its_claim() -> None:
    """The decorator's words are on the page already; what the module's experiments share is told once."""
    from dlcheck.plugins import load
    from dlcheck.report.html import source

    (claim,) = load().select(["transformer/scaled-softmax-stays-spread"])
    code = source.experiment(claim)
    assert "@claim" not in code
    assert f"def {claim.function}(" in code
    shared = source.shared(claim)
    assert "@claim" not in shared
    assert f"def {claim.function}(" not in shared
    assert "import" in shared
