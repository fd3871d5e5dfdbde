"""The page in a real browser: what a reader can do with it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from browser import PROGRAM, Browser, browser
from dlcheck.plugins import load
from dlcheck.report.html import source
from dlcheck.report.html.card import Entry
from dlcheck.report.html.page import Report, page

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs Chromium, which is not installed")

Open = Callable[..., Browser]
IDS = ["toy/compared", "toy/wrong", "toy/counted", "toy/abroad", "toy/unmeasured", "nasty/evil"]
NOTES = ["notes/000-01", "notes/000-02", "notes/000-03", "notes/001-01"]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def opened(chromium: Browser, report: Report, tmp_path: Path) -> Open:
    def show(fragment: str = "", *, width: int = 1200, dark: bool = False) -> Browser:
        path = tmp_path / "page.html"
        path.write_text(page(report, "en"), encoding="utf-8")
        chromium.look(width=width, dark=dark)
        chromium.open(path, fragment)
        return chromium

    return show


@pytest.fixture(autouse=True)
def _is_quiet(chromium: Browser) -> Iterator[None]:
    """Whatever a test does, the console stays empty and no request leaves the page."""
    yield
    chromium.run("0")  # hears what has been said so far
    assert chromium.said == []
    assert [address.partition("#")[0].rpartition("/")[2] for address in chromium.requests] == ["page.html"]


def visible(shown: Browser, selector: str = "article") -> list[str]:
    """The ids of those that can be seen."""
    found = f"[...document.querySelectorAll({json.dumps(selector)})].filter(e => e.checkVisibility())"
    ids: list[str] = shown.run(f"{found}.map(e => e.id)")
    return ids


def choose(shown: Browser, control: str, value: str) -> None:
    """As if it were typed or picked."""
    change = f"e.value = {json.dumps(value)}; e.dispatchEvent(new Event('input'))"
    shown.run(f"(e => {{ {change} }})(document.getElementById('{control}'))")


def scroll(shown: Browser, name: str) -> None:
    """Bring a claim into view and wait until its plots are there."""
    shown.run(f"document.getElementById('{name}').scrollIntoView()")
    waits = f"document.getElementById('{name}').querySelector('noscript') ? requestAnimationFrame(look) : done()"
    shown.run(f"new Promise(done => {{ const look = () => {waits}; look() }})")


def test_plots_are_drawn_when_they_come_into_view(opened: Open) -> None:
    """Claim and control side by side, in the colours of the page, described by their captions."""
    shown = opened()
    scroll(shown, "toy/compared")
    plots = "[...document.querySelectorAll('[id=\"toy/compared\"] svg')]"
    boxes = shown.run(f"{plots}.map(e => e.getBoundingClientRect().toJSON())")
    assert len(boxes) == 2
    assert boxes[0]["top"] == boxes[1]["top"]
    assert all(box["width"] > 250 and box["height"] > 150 for box in boxes)
    marks = "document.querySelector('[id=\"toy/compared\"] path[class^=mk]')"
    assert shown.run(f"getComputedStyle({marks}).markerStart").startswith("url(")
    tree = shown.ask("Accessibility.getFullAXTree")["nodes"]
    names = [node["name"]["value"] for node in tree if node.get("role", {}).get("value") in ("image", "img")]
    assert "the claim: verified, difference 2" in names


def test_the_language_is_switched_on_the_page(opened: Open) -> None:
    """Statements, labels and choices; there and back."""
    shown = opened()
    scroll(shown, "toy/compared")
    text = "document.body.innerText"
    assert "A beats B." in shown.run(text)
    assert "A가" not in shown.run(text)
    shown.run("document.getElementById('language').click()")
    assert "A가 B보다 낫다." in shown.run(text)
    assert "A beats B." not in shown.run(text)
    assert shown.run("document.querySelector('#verdict option').textContent") == "모든 판정"
    assert shown.run("document.getElementById('verdict').ariaLabel") == "모든 판정"  # what a screen reader calls it
    assert (
        shown.run("getComputedStyle(document.querySelector('article summary i'), '::before').content")
        == '"판정 과정과 수치"'
    )
    shown.run("document.getElementById('language').click()")
    assert "A beats B." in shown.run(text)


@pytest.mark.parametrize(
    ("control", "value", "left"),
    [
        ("search", "beats", IDS[:1]),
        ("search", "낫다", IDS[:1]),
        ("search", "TOY/C", [IDS[0], IDS[2], *NOTES[:2]]),
        ("search", "때로", NOTES[1:2]),
        ("search", "no such thing", []),
        ("topic", "nasty", IDS[5:]),
        ("topic", "toy", [*IDS[:5], *NOTES[:3]]),
        ("topic", "notes", NOTES),
        ("verdict", "skipped", IDS[3:4]),
        ("verdict", "none", IDS[4:5]),
        ("verdict", "unexpected", [IDS[1], IDS[3]]),
        ("verdict", "holds_only_if", NOTES[1:2]),
    ],
)
def test_claims_are_found_and_filtered(opened: Open, control: str, value: str, left: list[str]) -> None:
    """By words of either language, topic and verdict; the number shown is right, and emptiness is told."""
    shown = opened()
    assert visible(shown) == IDS + NOTES
    choose(shown, control, value)
    assert visible(shown) == left
    assert shown.run("document.getElementById('count').textContent") == f"{len(left)} / 10"
    assert bool(visible(shown, "#nothing")) is not bool(left)
    choose(shown, control, "")
    assert visible(shown) == IDS + NOTES


def test_a_link_leads_to_its_claim(opened: Open) -> None:
    """From outside and from the marks at the top, also to a claim that is filtered out."""
    shown = opened("#toy/counted")
    top = "document.querySelector(':target').getBoundingClientRect().top"
    assert shown.run("document.querySelector(':target').id") == "toy/counted"
    choose(shown, "search", "beats")
    shown.run("document.querySelector('#glance a[href=\"#nasty/evil\"]').click()")
    for _ in range(20):  # frames, in which the claims above get their real height
        shown.run("new Promise(requestAnimationFrame)")
    assert "nasty/evil" in visible(shown)
    assert 0 <= shown.run(top) < 900


def test_a_statement_of_a_note_leads_to_its_claim(opened: Open) -> None:
    """From the mark at the top to the statement, from there to the claim; marks say what they lead to."""
    shown = opened()
    mark = "document.querySelector('#glance a[href=\"#notes/000-02\"]')"
    assert shown.run(f"{mark}.title") == "notes/000-02"
    shown.run(f"{mark}.click()")
    assert shown.run("document.querySelector(':target').innerText").startswith("~ Seven at times.\n")
    shown.run("document.querySelector(':target a[href=\"#toy/counted\"]').click()")
    assert shown.run("document.querySelector(':target').id") == "toy/counted"


def test_the_code_of_an_experiment_is_coloured_and_stays_what_it_is(chromium: Browser, tmp_path: Path) -> None:
    """When its details are opened; the link in them opens what the module's experiments share."""
    catalogue = load()
    (claim,) = catalogue.select(["transformer/scaled-softmax-stays-spread"])
    topics = [(topic, [Entry(0, claim, None)]) for topic in catalogue.topics if topic.name == "transformer"]
    versions = {"dlcheck": "1", "python": "3", "torch": "2", "plugins": {}}
    (tmp_path / "page.html").write_text(page(Report(topics, versions, "cpu", 0, "today"), "en"), encoding="utf-8")
    chromium.open(tmp_path / "page.html")
    scroll(chromium, claim.id)
    chromium.run("document.querySelectorAll('article details').forEach(e => e.open = true)")
    chromium.run("new Promise(done => setTimeout(done))")
    code = source.experiment(claim)
    assert chromium.run("document.querySelector('article pre').textContent") == code
    coloured = chromium.run("[...document.querySelectorAll('article pre i')].map(e => e.className + e.textContent)")
    assert {"kdef", f"f{claim.function}", "kreturn"} <= set(coloured)
    assert next(said for said in coloured if said.startswith("s")).removeprefix("s") in code
    chromium.run("document.querySelector('article p > a[href^=\"#code\"]').click()")
    chromium.run("new Promise(requestAnimationFrame)")
    assert chromium.run(f"document.getElementById('code/{claim.module}').open")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1200])
def test_the_page_fits_and_can_be_read(opened: Open, width: int, dark: bool) -> None:
    """Nothing is wider than the window; words stand out from their ground by 4.5 to 1 and more (WCAG AA)."""
    shown = opened(width=width, dark=dark)
    scroll(shown, "toy/compared")
    assert shown.run("document.documentElement.scrollWidth <= innerWidth")
    ground = shown.run("getComputedStyle(document.body).backgroundColor")
    for words in ("body", "cite", "summary", "p .good", "p .bad", "p.part", ".fa", ".fb", "a.id"):
        attribute = "fill" if words in (".fa", ".fb") else "color"
        ink = shown.run(f"getComputedStyle(document.querySelector('{words}')).{attribute}")
        assert contrast(ink, ground) >= 4.5, (words, ink, ground)


def contrast(ink: str, ground: str) -> float:
    light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Of rgb(r, g, b), as WCAG defines it."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_on_paper_every_plot_is_there(opened: Open, tmp_path: Path) -> None:
    """Also those that never came into view."""
    shown = opened()
    shown.printed(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert shown.run("document.querySelectorAll('noscript').length") == 0
    assert shown.run("document.querySelectorAll('figure svg').length") == 6
