"""Measures of a ranking against judgements (grade by id: 0 = off topic, 1 = useful, 2 = best)."""

from collections.abc import Mapping, Sequence
from math import log2


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain (gain 2^grade − 1).

    >>> ndcg(["a", "b"], {"a": 2, "b": 1})
    1.0
    >>> round(ndcg(["b", "a"], {"a": 2, "b": 1}), 3)
    0.797
    """
    gained = sum(
        (2 ** grades.get(item, 0) - 1) / log2(place + 2)
        for place, item in enumerate(ranked[:depth])
    )
    best = sorted(grades.values(), reverse=True)[:depth]
    ideal = sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(best))
    return gained / ideal if ideal else 0.0


def recall(ranked: Sequence[str], grades: Mapping[str, int], depth: int = 10,
           grade: int = 2) -> float | None:  # fmt: skip
    """Share of the items of at least ``grade`` found in the first; ``None`` when there is none."""
    wanted = {item for item, value in grades.items() if value >= grade}
    if not wanted:
        return None
    return len(wanted.intersection(ranked[:depth])) / len(wanted)


def precision(ranked: Sequence[str], grades: Mapping[str, int], depth: int = 5) -> float:
    """Share of the first ``depth`` that are at least useful."""
    return sum(grades.get(item, 0) >= 1 for item in ranked[:depth]) / depth


def empty_rate(rankings: Sequence[Sequence[str]]) -> float:
    """Share of the questions that got no answer at all."""
    return sum(not r for r in rankings) / len(rankings) if rankings else 0.0


def mean(values: Sequence[float | None]) -> float:
    """Mean of what is known."""
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else 0.0
