"""Texts come out of HTML and Markdown as they went in."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dlcheck.report.markup import fenced, markdown, rich, visible

PROSE = st.text(st.sampled_from("ab 1.)-+=*_`~#>|<&;!$^{}[]()\\:/한글√\n\t"), max_size=40).map(str.strip)


class Words(HTMLParser):
    """The text of a page, as a browser shows it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag == "br":
            self.text += "\n"

    def handle_data(self, data):
        self.text += data


def plain(text: str) -> str:
    """Without the marks of code, and with white space as a page shows it."""
    text = re.sub(r"(?<!`)`([^`\n]+)`(?!`)", r"\1", visible(text))
    return "".join(text.split())


@given(st.text(max_size=60) | PROSE)
def test_html_shows_the_text_and_is_xml(text):
    """Whatever is in it; characters that XML has not are gone."""
    if "```" not in text:
        made = rich(text)
        assert "".join(Words(made).text.split()) == plain(text)
        ET.fromstring(f"<div>{made}</div>")


@given(PROSE)
def test_markdown_shows_the_text(text):
    """Nothing of it is taken for a heading, a list, emphasis, a link or HTML."""
    if "```" not in text and "~~~" not in text:
        page = MarkdownIt("commonmark").enable("table").enable("strikethrough").render(markdown(text))
        assert "".join(Words(page).text.split()) == plain(text)
        assert not set(re.findall(r"<(\w+)", page)) - {"p", "br", "code"}


def test_code_stays_code():
    """In a line and in a block, in both."""
    text = "see `a < b`:\n```python\nif a < b:\n\n    `x`\n```\nthen *this*"
    assert rich(text) == "see <code>a &lt; b</code>:<pre><code>if a &lt; b:\n\n    `x`</code></pre>then *this*"
    page = MarkdownIt().render(markdown(text))
    assert '<pre><code class="language-python">' not in page
    assert "<code>a &lt; b</code>" in page
    assert "if a &lt; b:\n\n    `x`\n</code></pre>" in page
    assert "then *this*" in page


def test_a_fence_is_longer_than_any_in_the_code():
    """So that the code cannot end it."""
    page = MarkdownIt().render(fenced("a\n```\nb\n````\nc", "python"))
    assert page.count("<pre>") == 1
    assert "a\n```\nb\n````\nc" in page
