"""A claim whose module can be imported by dlcheck and not by a worker."""

import multiprocessing

from dlcheck import at_least, claim

if multiprocessing.parent_process() is not None:
    raise ImportError("not in a worker")


@claim(en="It holds.", ko="성립한다.", source="none", rule=at_least("x", 1.0), controls={"off": {"x": 0.0}})
def unknown_there(run, x=1.0):
    """One, never."""
    return {"x": [x for _ in run.seeds]}
