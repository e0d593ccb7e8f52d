"""The JSON forms that other programs rely on, of what more than one command prints."""

import datetime
from typing import TYPE_CHECKING, Any

from knowledge.eligibility import Verdict
from knowledge.places.gazetteer import contains
from knowledge.programmes.catalogue import Catalogue

if TYPE_CHECKING:  # `check` starts without the search
    from knowledge.search import Knowledge, Passage


def passage_json(knowledge: "Knowledge", passage: "Passage", day: datetime.date) -> dict[str, Any]:
    """A passage found for a question."""
    clause = passage.clause
    document = knowledge.documents[clause.document]
    return {
        "document": document.card.label,
        "source": document.source,
        "region": document.card.region,
        "path": list(clause.path),
        "text": clause.text,
        "start": clause.start,
        "end": clause.end,
        "responsible": list(clause.responsible),
        "in_force": document.card.in_force(day),
        "score": passage.score,
    }


def verdict_json(catalogue: Catalogue, verdict: Verdict, here: str, day: datetime.date) -> dict[str, Any]:
    """A verdict on a programme, for somebody who is `here` (a GB/T 2260 code, or empty)."""
    programme = verdict.programme
    entry = programme.entry
    return {
        "programme": entry.id,
        "name": entry.name,
        "region": next((region for region in programme.regions if contains(region, here)), programme.regions[0]),
        "tier": entry.tier,
        "kind": entry.kind,
        "binding": entry.binding,
        "verdict": verdict.verdict,
        "amount": entry.amount,
        "in_force": programme.in_force(catalogue.cards[programme.document], day),
        "criteria": [
            {
                "fact": criterion.fact,
                "verdict": criterion.verdict,
                "quotation": criterion.quotation,
                "source": programme.source,
            }
            for criterion in verdict.criteria
        ],
        "missing": list(verdict.missing),
        "responsible": list(entry.responsible),
    }
