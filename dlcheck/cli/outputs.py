"""Where results go besides the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcheck import output
from dlcheck.api import Lang

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
        """Raises DlcheckError for a place that cannot be written, before anything runs."""
        for target in self.wanted:
            output.check_writable(target)

    @property
    def wanted(self) -> list[str]:
        """The places asked for."""
        return [target for target in (self.json, self.junit, self.summary, self.sarif) if target is not None]

    def write(self, results: Results, lang: Lang) -> None:
        """All that were asked for."""
        from dlcheck.report import contract, junit, markdown, sarif

        if self.json is not None:
            output.write(contract.encode(contract.document(results)), self.json)
        for target, form in ((self.junit, junit), (self.summary, markdown), (self.sarif, sarif)):
            if target is not None:
                output.write(form.encode(results, lang), target)
