"""Exam sheets in HTML and Markdown: whole, readable, and without the key when that is asked for."""

import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from dlcheck.quiz.exports import html, markdown
from dlcheck.quiz.exports.sheets import check_it, common_mistakes, numbered, remarks

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Tags with their attributes, and the text; complains of tags that are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_html_holds_every_sheet_and_its_key_on_pages_of_their_own(lang, exam):
    """In the language of the exam."""
    whole = exam(html, lang=lang, variants=3)
    page = Page(html.write(whole).decode())
    assert ("html", {"lang": lang}) in page.tags
    assert [a["class"] for tag, a in page.tags if tag == "section"] == ["sheet", "key"] * 3
    assert "section + section { break-before: page;" in html.STYLE
    assert page.text.count("정답과 해설" if lang == "ko" else "Answer key") == 3
    for variant in whole.variants:
        assert page.text.count(variant.label) == 2
        assert variant.ask(lang).partition("\n")[0].replace("`", "") in page.text


def test_html_needs_nothing_from_elsewhere_and_runs_nothing(exam):
    """No script, no link, no image, no import."""
    made = html.write(exam(html)).decode()
    page = Page(made)
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "section", "header", "article", "div", "span"),
        *("h1", "p", "ol", "ul", "li", "code", "pre", "br"),
    }
    assert not re.search(r"@import|url\(", html.STYLE)
    assert not any(name in attributes for _, attributes in page.tags for name in ("src", "href", "onclick"))


@pytest.mark.parametrize("form", [html, markdown], ids=["html", "markdown"])
def test_without_answers_the_key_is_not_there(form, exam):
    """Nor any sentence of it."""
    whole = exam(form, answers=False)
    page = form.write(whole).decode()
    page = page if form is html else MarkdownIt().render(page)
    text = "".join(Page(page).text.split())
    for variant in whole.variants:
        for said in (*remarks(variant, "en"), *common_mistakes(variant, "en")):
            assert "".join(said.replace("`", "").split()) not in text


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_markdown_shows_every_word_of_sheet_and_key(lang, exam):
    """Read by a CommonMark parser; options are a list, code a block."""
    whole = exam(markdown, lang=lang, variants=2)
    page = MarkdownIt().render(markdown.write(whole).decode())
    text = "".join(Page(page).text.split())
    for variant in whole.variants:
        said = [variant.ask(lang), *(each(lang) for each in variant.options.values())]
        said += [*remarks(variant, lang), *common_mistakes(variant, lang)]
        for each in said:
            plain = re.sub(r"```\w*|(?<!`)`(?!`)", "", each) if "```" in each or "`" in each else each
            assert "".join(plain.split()) in text, each
    assert page.count("<ol>") == sum(bool(variant.options) for variant in whole.variants)
    assert page.count('<code class="language-python">') == 4
    assert not {"a", "img", "b", "i"} & {tag for tag, _ in Page(page).tags}


def test_the_key_names_the_option_and_what_each_mistake_would_give(exam):
    """By the numbers that the sheet has."""
    found = {variant.question.id: variant for variant in exam(html).variants}
    assert numbered(found["parameters"], "en") == "2: 16,512"
    assert numbered(found["none-of-them"], "ko") == "없음"
    assert numbered(found["cost"], "en").startswith("2, 1, 3: the scores")
    assert "From 3.8 to 4.21053 counts as right." in remarks(found["deviation"], "en")
    assert "Only this number counts as right." in remarks(found["count"], "en")
    assert common_mistakes(found["weights"], "en") == ["(15, 5): The batch is not mixed up."]
    assert common_mistakes(found["mask"], "ko") == ["패딩 마스크: 그것은 패딩을 가린다."]
    assert common_mistakes(found["parameters"], "en")[1] == "3: Twice over."
    assert common_mistakes(found["which"], "en") == ["2: It works on one token.", "3: It slides over them."]
    assert common_mistakes(found["write-it"], "en") == ["Only once."]


@pytest.mark.parametrize("form", [html, markdown])
@pytest.mark.parametrize(("lang", "said"), [("en", "See it run:"), ("ko", "직접 돌려 보기:")])
def test_the_command_that_shows_the_answer_is_in_the_key(form, lang, said, exam):
    """Whole, with the claim's id."""
    whole = exam(form, lang=lang)
    assert [check_it(v, lang) for v in whole.variants if v.question.verifies] == [f"{said} dlcheck verify toy/holds"]
    assert "dlcheck verify toy/holds" in form.write(whole).decode().replace("\\", "")
