"""Where results go besides the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcheck import output
from dlcheck.api import Lang
from dlcheck.errors import DlcheckError

if TYPE_CHECKING:
    from dlcheck.report.results import Results


@dataclass(frozen=True)
class Outputs:
    """Files by their format; None is not asked for."""

    json: str | None = None
    junit: str | None = None
    summary: str | None = None
    sarif: str | None = None

    def __post_init__(self) -> None:
        """Raises DlcheckError for a place that cannot be written, or is named twice, before anything runs."""
        for target in self.wanted:
            output.check_writable(target)
            if self.wanted.count(target) > 1:
                raise DlcheckError(f"expected a place of its own for each format, got {target} more than once")

    @property
    def on_stdout(self) -> bool:
        """Whether one of them goes to standard output, and words for people elsewhere."""
        return output.STDOUT in self.wanted

    @property
    def wanted(self) -> list[str]:
        """The places asked for."""
        return [target for target in (self.json, self.junit, self.summary, self.sarif) if target is not None]

    def write(self, results: Results, lang: Lang) -> None:
        """All that were asked for. Raises DlcheckError, after the others are written, for one that cannot be."""
        from dlcheck.report import contract, junit, markdown, sarif

        forms: list[tuple[str | None, Callable[[], bytes]]] = [
            (self.json, lambda: contract.encode(contract.document(results))),
            (self.junit, lambda: junit.encode(results, lang)),
            (self.summary, lambda: markdown.encode(results, lang)),
            (self.sarif, lambda: sarif.encode(results, lang)),
        ]
        failed = []
        for target, encode in forms:
            try:
                if target is not None:
                    output.write(encode(), target)
            except DlcheckError as error:
                failed.append(error)
        if failed:
            raise failed[0]
