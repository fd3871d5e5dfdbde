"""What plugin authors test with. Whether a claim holds is decided by `dlcheck verify`, not here."""

from __future__ import annotations

from typing import Any

from dlcheck.api import Claim, Numbers, Run
from dlcheck.measured import plain
from dlcheck.plugins import load


def check_topic(name: str) -> list[Claim]:
    """The claims of an installed topic, all declared soundly: both languages, a rule, controls with knobs that exist.

    Raises AssertionError with everything that is wrong with the plugin, DlcheckError for a topic that is not there.
    """
    catalogue = load()
    faults = catalogue.faults_behind([name])
    assert not faults, "\n".join(f"{fault.reason}; {fault.remedy}" for fault in faults)
    return catalogue.select([name])


def measure(claim: Claim, seeds: int = 2, device: str = "cpu", **knobs: Any) -> Numbers:
    """Run a claim's experiment in this process with its first seeds; the numbers of each measure, one per seed.

    knobs: as a control turns them.  Raises ClaimError when what the experiment returns breaks the contract.
    """
    run = Run(claim.seeds(epoch=0, start=0, stop=seeds), device)
    return plain(claim.experiment(run, **knobs), claim.rule, seeds)
