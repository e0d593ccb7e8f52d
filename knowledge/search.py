"""The clauses that answer a question, or an honest nothing and why."""

import itertools
import re
from collections.abc import Iterator, Sequence, Set
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from rapidfuzz import fuzz, process

from knowledge.features import Featurizer
from knowledge.index import Scores
from knowledge.lexicon.models import Detail, NotHeld
from knowledge.models import Clause, Document
from knowledge.normalise import normalise
from knowledge.places.gazetteer import Mention, contains
from knowledge.snapshot import NOT_HELD, Snapshot
from knowledge.tokens import segmenter

LONGEST_QUESTION = 500
"""Characters of a question that are read; what follows is left out."""
LONGEST_INTRODUCTION = 5
"""How many characters may stand beside a place's name in an answer to "where are you" ("俺家是…那边的")."""
RERANKED = 8
"""How many of the best candidates are compared word by word with how people ask."""
CLOSE = 0.7
"""The share of the best candidate's score that another needs to be re-ranked at all."""
DETAIL_STATED = 1.3
"""How much more a clause counts that states the particular (an amount) that is asked for."""
NEARER = 1.3
"""How much more a clause of the smallest place counts beside those of the places that contain it."""
PASSAGES = 5

OWN_SHARE = 0.9
"""How much a clause's own words count beside the best question it answers."""
FUZZY_SHARE = 1.0
"""How much likeness to a question counts in re-ranking."""
NOT_HELD_SHARE = 0.8
"""A topic that no text answers wins when it matches better than this share of the best clause's question …"""
NOT_HELD_OWN_SHARE = 0.6
"""… and this share of the clause's own words."""
FULL_MATCH = 150.0
"""A score beyond which a match is as good as full: long questions say much beside what they ask."""
LEAST_SCORE = 0.08
"""The score of a passage below which nothing answers."""

LETTER = re.compile(r"\w")
NOT_LETTERS = re.compile(r"\W+")

Outcome = Literal["answered", "nothing", "not_held", "elsewhere", "detail_not_stated", "empty"]


class Passage(msgspec.Struct, frozen=True):
    """A clause found, and how well it matches (0 to 1)."""

    clause: Clause
    score: float


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a search came to.

    `passages` are the best first; with an outcome other than "answered" they are near misses. `topic` is set for
    "not_held", `places` are the places meant, `detail` is a particular that was asked for and that the first
    passage does not state.
    """

    outcome: Outcome
    passages: tuple[Passage, ...] = ()
    places: tuple[str, ...] = ()
    topic: NotHeld | None = None
    detail: Detail | None = None
    cut: bool = False


class _Detail(NamedTuple):
    """A particular with its patterns compiled."""

    wanted: re.Pattern[str]
    stated: re.Pattern[str]
    detail: Detail


class Knowledge:
    """A snapshot ready to be asked. Immutable in use; may be shared between threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.documents = {document.id: document for document in snapshot.documents}
        self.clauses = {clause.id: clause for document in snapshot.documents for clause in document.clauses}
        self._features = Featurizer(snapshot.lexicon, snapshot.sounds, segmenter(snapshot.words))
        self._topics = {topic.id: topic for topic in snapshot.lexicon.not_held}
        self._details = [_Detail(re.compile(d.asked), re.compile(d.stated), d) for d in snapshot.lexicon.details]
        targets = snapshot.index.targets
        first, last = snapshot.index.groups[NOT_HELD]
        self._topic_range = slice(first, last)
        self._texts = [normalise(self.clauses[target].text) if target in self.clauses else "" for target in targets]
        self._asked = [tuple(_letters(normalise(q)) for q in snapshot.asked.get(target, ())) for target in targets]

    def search(self, question: str, region: str | None = None) -> Found:
        """The clauses that answer `question` for somebody in `region` (a GB/T 2260 code)."""
        text = normalise(question[:LONGEST_QUESTION])
        cut = len(question) > LONGEST_QUESTION
        mentions = list(self._mentions(text))
        places = self.snapshot.gazetteer.chosen(mentions, region) or ((region,) if region else ())
        documents = self.documents_for(places)
        asked = _without(text, mentions)
        details = [detail for detail in self._details if detail.wanted.search(asked)]
        for detail in details:
            # "How much" is asked of everything: it tells no clause from another, nor from what no text holds.
            asked = asked if detail.detail.withholds else detail.wanted.sub(" ", asked)
        query = self._features.of_question(asked, self.snapshot.index.rows)
        if not query.rows:
            return Found(outcome="nothing" if LETTER.search(text) else "empty", places=places, cut=cut)
        # Even for a place whose texts we do not hold: to tell a question about employment there from idle talk.
        searched = documents or self.snapshot.documents
        scores = self.snapshot.index.score(query, [*(document.id for document in searched), NOT_HELD])
        passages = self._ranked(asked, scores, details, _nearest(documents))
        topic = self._not_held(scores, passages)
        missing = next((d.detail for d in details if passages and not d.stated.search(passages[0].clause.text)), None)
        nothing = not passages or passages[0].score < LEAST_SCORE
        outcome: Outcome = "answered"
        if topic and topic.far:
            outcome = "not_held"
        elif not documents:
            outcome = "elsewhere"
        elif topic:
            outcome = "not_held"
        elif nothing:
            outcome = "nothing"
        elif missing and missing.withholds:
            outcome = "detail_not_stated"
        return Found(
            outcome=outcome,
            passages=passages if documents else (),
            places=places,
            topic=topic,
            detail=missing,
            cut=cut,
        )

    def place_alone(self, text: str) -> str | None:
        """The place that `text` names, if it says nothing else ("我在天水")."""
        text = normalise(text)
        mentions = list(self._mentions(text))
        chosen = self.snapshot.gazetteer.chosen(mentions)
        rest = _without(text, mentions)
        says_more = len(LETTER.findall(rest)) > LONGEST_INTRODUCTION or "t" in {
            f[0] for f in self._features.of_text(rest)
        }
        return chosen[0] if len(chosen) == 1 and not says_more else None

    def documents_for(self, places: Sequence[str]) -> list[Document]:
        """The documents of `places` and of the places that contain them; all where no place is known."""
        return [
            document
            for document in self.snapshot.documents
            if not places or any(contains(document.card.region, place) for place in places)
        ]

    def _mentions(self, text: str) -> Iterator[Mention]:
        """The places named in `text`; a short name counts only where it does not cut through other words."""
        bounds: set[int] = set()
        for mention in self.snapshot.gazetteer.mentions(text):
            if len(mention.name) == 2:
                bounds = bounds or {0, *itertools.accumulate(map(len, self._features.cut(text)))}
                if not {mention.start, mention.end} <= bounds:
                    continue
            yield mention

    def _ranked(self, asked: str, scores: Scores, details: Sequence[_Detail], nearest: Set[str]) -> tuple[Passage, ...]:
        """The best clauses, re-ranked by how like the question is to how people ask about them."""
        combined = OWN_SHARE * scores.own + scores.asked
        combined[self._topic_range] = 0.0
        count = min(RERANKED, len(combined))
        letters = _letters(asked)
        best = np.argpartition(-combined, count - 1)[:count]
        close = float(combined[best].max()) * CLOSE
        most = (1 + FUZZY_SHARE) * min(scores.most, FULL_MATCH)
        ranked = []
        for i, score in zip(best.tolist(), combined[best].tolist(), strict=True):
            if score >= close:
                score *= 1 + FUZZY_SHARE * self._likeness(letters, i)
                if details and all(detail.stated.search(self._texts[i]) for detail in details):
                    score *= DETAIL_STATED
            if score > 0:
                clause = self.clauses[self.snapshot.index.targets[i]]
                ranked.append((score * (NEARER if clause.document in nearest else 1.0) / most, clause))
        ranked.sort(key=lambda found: -found[0])
        return tuple(Passage(clause, min(1.0, round(score, 4))) for score, clause in ranked[:PASSAGES])

    def _likeness(self, letters: str, target: int) -> float:
        """How like `letters` are to the likest question of a target, 0 to 1."""
        found = process.extractOne(letters, self._asked[target], scorer=fuzz.ratio)
        return found[1] / 100 if found else 0.0

    def _not_held(self, scores: Scores, passages: Sequence[Passage]) -> NotHeld | None:
        """The topic that no text answers, where it matches better than every clause does."""
        topics = scores.asked[self._topic_range]
        best = int(topics.argmax())
        bar = 0.0
        if passages:
            first = self.snapshot.index.targets.index(passages[0].clause.id)
            bar = NOT_HELD_SHARE * float(scores.asked[first]) + NOT_HELD_OWN_SHARE * float(scores.own[first])
        if topics[best] <= bar or topics[best] == 0:
            return None
        return self._topics[self.snapshot.index.targets[self._topic_range][best]]


def _letters(text: str) -> str:
    """`text` without punctuation and white space."""
    return NOT_LETTERS.sub("", text)


def _nearest(documents: Sequence[Document]) -> set[str]:
    """Of the documents for one place, those of the smallest: a city's text is for its people before the province's."""
    regions = sorted({document.card.region for document in documents}, key=lambda region: region.rstrip("0"))
    one_place = all(contains(outer, inner) for outer, inner in itertools.pairwise(regions))
    return {document.id for document in documents if one_place and document.card.region == regions[-1]}


def _without(text: str, mentions: Sequence[Mention]) -> str:
    """`text` with the names of places blanked out."""
    for mention in reversed(mentions):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return text
