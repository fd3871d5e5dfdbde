"""The topics that have questions."""

from __future__ import annotations

from collections.abc import Sequence

from dlcheck.errors import DlcheckError, did_you_mean
from dlcheck.plugins import Catalogue, LoadedTopic


def topics_with_questions(catalogue: Catalogue, names: Sequence[str]) -> list[LoadedTopic]:
    """Those named, in their order; all when none is named. Raises DlcheckError for one that has no questions."""
    topics = {topic.name: topic for topic in catalogue.topics if topic.questions}
    if not topics:
        raise DlcheckError("no installed topic has questions; see: dlcheck plugins")
    for name in names:
        if name not in topics:
            hint = did_you_mean(name, topics) or f" Topics with questions: {', '.join(topics) or 'none'}."
            raise DlcheckError(f"no questions on {name!r}.{hint}")
    return [topics[name] for name in names] or list(topics.values())
