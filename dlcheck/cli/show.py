"""`dlcheck show`: one claim in full."""

from __future__ import annotations

from typing import Annotated

import typer

from dlcheck.cli.options import LangOption, complete_claims, language
from dlcheck.errors import DlcheckError


def command(
    name: Annotated[str, typer.Argument(metavar="TOPIC/CLAIM", help="The claim's id.", autocompletion=complete_claims)],
    lang: LangOption = None,
) -> None:
    """Show one claim in full.

    What it says, what is measured, how it is decided, what came out last, and where its code stands.
    """
    from dlcheck.engine import recall
    from dlcheck.engine.store import Store
    from dlcheck.plugins import load
    from dlcheck.report.show import print_claim
    from dlcheck.report.text import console

    catalogue = load()
    claims = catalogue.select([name])
    if len(claims) > 1:
        raise DlcheckError(f"{name!r} names {len(claims)} claims: expected one, as in dlcheck show {claims[0].id}")
    notices = console(stderr=True)
    with Store.default(notice=notices.print) as store:
        outcome = recall(claims[0], device="cpu", store=store)
    topic = next(topic for topic in catalogue.topics if topic.name == claims[0].topic)
    print_claim(console(), claims[0], topic.model, outcome, language(lang))
