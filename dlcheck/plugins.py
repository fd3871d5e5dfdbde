"""Find plugins, isolate the broken ones, and hand out their topics and claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlcheck.api import Claim, Text


@dataclass(frozen=True)
class Fault:
    """Something wrong with a plugin. topic is empty when the plugin failed before it named one."""

    plugin: str
    reason: str
    remedy: str
    topic: str = ""


@dataclass(frozen=True)
class LoadedTopic:
    name: str
    title: Text
    plugin: str
    claims: Sequence[Claim]
    model: str = ""  # dotted module name of the reference model


@dataclass(frozen=True)
class Plugin:
    name: str
    module: str
    distribution: str
    version: str
    topics: Sequence[str]
    faults: Sequence[Fault]


@dataclass(frozen=True)
class Catalogue:
    """Everything the installed plugins offer."""

    plugins: Sequence[Plugin]
    topics: Sequence[LoadedTopic]

    @property
    def faults(self) -> list[Fault]:
        return [fault for plugin in self.plugins for fault in plugin.faults]

    @property
    def claims(self) -> list[Claim]:
        return [claim for topic in self.topics for claim in topic.claims]

    def select(self, patterns: Sequence[str]) -> list[Claim]:
        """The claims that topics, `topic/claim` ids or globs name, in catalogue order, each once.

        Raises DlcheckError, with "did you mean", for a pattern that names nothing.
        """
        raise NotImplementedError

    def faults_behind(self, patterns: Sequence[str]) -> list[Fault]:
        """Faults of the plugins that these patterns need; of all plugins when there are no patterns."""
        raise NotImplementedError


def load() -> Catalogue:
    """Load every plugin of the entry-point group `dlcheck`; one that fails is reported, never raised."""
    raise NotImplementedError
