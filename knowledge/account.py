"""The reading report: what became of every character of every source."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from knowledge.models import Document

UNACCOUNTED = "unaccounted"


class Account(msgspec.Struct, frozen=True):
    """Characters of one source by fate: in a clause (by its kind), or dropped (by its reason)."""

    document: str
    characters: int
    kept: Mapping[str, int]
    dropped: Mapping[str, int]
    unaccounted: int
    clauses: int
    notes: tuple[str, ...]


def account_for(document: Document) -> Account:
    """The account of `document`. `unaccounted` is 0 for a document that is read whole."""
    kinds = {clause.id: clause.kind for clause in document.clauses}
    kept: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for fate in document.fates:
        length = fate.end - fate.start
        if fate.clause:
            kept[kinds[fate.clause]] += length
        else:
            dropped[fate.dropped or UNACCOUNTED] += length
    return Account(
        document=document.id,
        characters=document.source_length,
        kept=kept,
        dropped={reason: count for reason, count in dropped.most_common() if reason != UNACCOUNTED},
        unaccounted=document.source_length - sum(kept.values()) - sum(dropped.values()) + dropped[UNACCOUNTED],
        clauses=len(document.clauses),
        notes=document.notes,
    )
