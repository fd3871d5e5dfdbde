"""Every place where a plugin may join dlcheck, on one screen."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from dlcheck.api import Topic

hookspec = pluggy.HookspecMarker("dlcheck")
hookimpl = pluggy.HookimplMarker("dlcheck")


@hookspec
def dlcheck_topics() -> Iterable[Topic]:  # type: ignore[empty-body]  # a specification has no body
    """Return the topics of this plugin; each names the module that holds its claims."""
