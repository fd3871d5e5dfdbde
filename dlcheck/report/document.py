"""What all HTML pages have in common: one file with nothing outside it, the fonts of both languages, the colours."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from dlcheck.api import Lang
from dlcheck.report.markup import escaped


def document(title: str, body: str, lang: Lang, style: str, head: str = "") -> str:
    """The page as a whole. title: plain.  body, head: HTML.  style: CSS, the one style of the page."""
    return (
        f'<!DOCTYPE html><html lang="{lang}">\n<head><meta charset="utf-8"/>{head}'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escaped(title)}</title><style>{style}</style></head>\n<body>{body}</body></html>\n"
    )


@cache
def base_style() -> str:
    """CSS for a page's own to follow: colours by name, in light and dark, and the fonts."""
    return files(__package__).joinpath("base.css").read_text(encoding="utf-8")
