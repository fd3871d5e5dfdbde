"""`python supervise.py MODULE HOME JOBS`: decide a module's claims; what happens is told as lines of JSON."""

import json
import os
import sys
import threading
from pathlib import Path

from dlcheck.api import Topic
from dlcheck.engine import Interrupted, verify
from dlcheck.engine.store import Store
from dlcheck.engine.watcher import Watcher


def tell(kind, **what):
    print(json.dumps({"kind": kind, **what}), flush=True)


class Teller(Watcher):
    def started(self, claim, arm, why):
        tell("started", claim=claim.name, arm=arm, why=why)

    def finished(self, claim, arm, seeds, seconds, cached):
        tell("finished", claim=claim.name, arm=arm, seeds=seeds, cached=cached)

    def notice(self, message):
        tell("notice", message=message)


def main(module, home, jobs):
    teller = Teller()
    claims = Topic("toys", "Toys", "장난감", claims=[module]).collect(module)
    tell("begin", pid=os.getpid(), threads=threading.active_count())
    with Store(Path(home) / "trials.sqlite3", teller.notice) as store:
        try:
            outcomes = verify(claims, jobs=int(jobs), store=store, watcher=teller)
        except Interrupted as stopped:
            outcomes = stopped.outcomes
            tell("interrupted")
    for outcome in outcomes:
        arms = {arm.name: [arm.verdict, arm.seeds, arm.numbers] for arm in outcome.arms}
        tell("outcome", claim=outcome.claim.name, verdict=outcome.verdict, reason=outcome.reason, arms=arms)


main(*sys.argv[1:])  # without a guard: workers must not import the main module
