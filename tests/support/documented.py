"""The plugin that docs/writing-a-plugin.md builds and docs/quiz.md gives questions to."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: dlcheck-softmax\nVersion: 0.1.0\n",
    "entry_points.txt": "[dlcheck]\nsoftmax = dlcheck_softmax\n",
}


def files(*pages: str) -> dict[str, str]:
    """The files that stand on these pages, by name; the later page wins."""
    found: dict[str, str] = {}
    for page in pages:
        text = (DOCS / page).read_text(encoding="utf-8")
        found.update(re.findall(r"^`([\w/.]+)`\n\n```\w+\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))
    return found


def install(site: Path) -> None:
    """As an installer would, into a folder that will be on PYTHONPATH."""
    contents = files("writing-a-plugin.md", "quiz.md")
    package = {name: text for name, text in contents.items() if name.startswith("dlcheck_softmax/")}
    metadata = {f"dlcheck_softmax-0.1.0.dist-info/{name}": text for name, text in METADATA.items()}
    for name, text in {**package, **metadata}.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")
