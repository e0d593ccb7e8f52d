"""The clauses that answer a question, or an honest nothing and why."""

import functools
import itertools
import operator
import re
from collections.abc import Iterator, Sequence, Set
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from rapidfuzz import fuzz, process

from knowledge.features import Featurizer
from knowledge.index import Part, Scores
from knowledge.lexicon.models import Detail, NotHeld
from knowledge.models import Clause, Document
from knowledge.normalise import HAN_RUN, normalise
from knowledge.places.gazetteer import Mention, containing, contains
from knowledge.snapshot import NOT_HELD, Snapshot
from knowledge.tokens import quick_segmenter

LONGEST_QUESTION = 500
"""Characters of a question that are read; what follows is left out."""
PASSAGES = 5
"""How many of the best candidates are compared word by word with how people ask, and returned."""
CLOSE = 0.7
"""The share of the best candidate's score that another needs to be re-ranked at all."""
DETAIL_STATED = 1.3
"""How much more a clause counts that states the particular (an amount) that is asked for."""
NEARER = 1.3
"""How much more a clause of the smallest place counts beside those of the places that contain it."""
SCOPES_KEPT = 1_000
"""For how many places (or places named together) it is remembered which documents are theirs."""

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
SURE_TOPIC = 0.4
"""How well (0 to 1) a topic that no text holds must match to be named; below it, we only say that we found nothing …"""
CLEAR_TOPIC = 0.2
"""… unless it matches at least this well, is near our subject …"""
CLEARLY = 2.2
"""… and matches this many times better than it must to go before the best clause."""
SURE_FACT = 75.0
"""How like (rapidfuzz ratio, 0–100) a question must be to one for a fact of a document itself."""
LEAST_SCORE = 0.08
"""The score of a passage below which nothing answers."""

LETTER = re.compile(r"\w")
NOT_LETTERS = re.compile(r"\W+")

Outcome = Literal["answered", "nothing", "not_held", "elsewhere", "detail_not_stated", "fact_not_stated", "empty"]


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


class _Ranked(NamedTuple):
    """A clause with its score, and its place among the targets of the index's scores."""

    score: float
    clause: Clause
    place: int


BY_SCORE = operator.attrgetter("score")


class _Scope(NamedTuple):
    """What is searched for some places: their documents, the targets, and the ids of the smallest place's documents.

    `unstated` are questions for facts of a document itself (its number, a date) that none of these documents states.
    """

    documents: tuple[Document, ...]
    part: Part
    nearest: Set[str]
    unstated: tuple[str, ...]


class Knowledge:
    """A snapshot ready to be asked. Immutable in use; may be shared between threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.documents = {document.id: document for document in snapshot.documents}
        self.clauses = {clause.id: clause for document in snapshot.documents for clause in document.clauses}
        self._features = Featurizer(snapshot.lexicon, snapshot.sounds, quick_segmenter(snapshot.words))
        self.words = self._features.cut
        """Cuts a text into words, and what is none into single characters."""
        self._topics = {topic.id: topic for topic in snapshot.lexicon.not_held}
        self._details = [_Detail(re.compile(d.asked), re.compile(d.stated), d) for d in snapshot.lexicon.details]
        self._first_topic, _ = snapshot.index.groups[NOT_HELD]
        self._indexed = [self.clauses[target] for target in snapshot.index.targets[: self._first_topic]]
        self._texts = [normalise(clause.text) for clause in self._indexed]
        self._asked = [
            tuple(_letters(normalise(q)) for q in snapshot.asked.get(clause.id, ())) for clause in self._indexed
        ]
        self._scope = functools.lru_cache(SCOPES_KEPT)(self._scope_of)

    def search(self, question: str, region: str | None = None) -> Found:
        """The clauses that answer `question` for somebody in `region` (a GB/T 2260 code)."""
        text = normalise(question[:LONGEST_QUESTION])
        cut = len(question) > LONGEST_QUESTION
        mentions = list(self._mentions(text))
        places = self.snapshot.gazetteer.chosen(mentions, region) or ((region,) if region else ())
        scope = self._scope(places)
        asked = _without(text, mentions)
        details = [detail for detail in self._details if detail.wanted.search(asked)]
        for detail in details:
            # "How much" is asked of everything: it tells no clause from another, nor from what no text holds.
            asked = detail.wanted.sub(" ", asked) if detail.detail.drops else asked
        query = self._features.of_question(asked, self.snapshot.index.postings)
        if not query.lists or not HAN_RUN.search(text):
            return Found(outcome="nothing" if LETTER.search(text) else "empty", places=places, cut=cut)
        if scope.unstated and process.extractOne(
            _letters(asked), scope.unstated, scorer=fuzz.ratio, score_cutoff=SURE_FACT
        ):
            return Found(outcome="fact_not_stated", places=places, cut=cut)
        scores = self.snapshot.index.score(query, scope.part)
        topics = int(scores.targets.searchsorted(self._first_topic))
        ranked = self._ranked(asked, scores, topics, details, scope.nearest)
        beaten, topic = self._not_held(scores, topics, ranked)
        passages = tuple([Passage(clause, min(1.0, round(score, 4))) for score, clause, _ in ranked])
        missing = next((d.detail for d in details if passages and not d.stated.search(passages[0].clause.text)), None)
        nothing = not passages or passages[0].score < LEAST_SCORE
        outcome: Outcome = "answered"
        if topic and topic.far:
            outcome = "not_held"
        elif not scope.documents:
            outcome = "elsewhere"
        elif topic:
            outcome = "not_held"
        elif nothing:
            outcome = "nothing"
        elif missing and missing.withholds:
            outcome = "detail_not_stated"
        elif beaten:
            outcome = "nothing"
        return Found(
            outcome=outcome,
            passages=passages if scope.documents else (),
            places=places,
            topic=topic,
            detail=missing,
            cut=cut,
        )

    def documents_for(self, places: Sequence[str]) -> list[Document]:
        """The documents of `places` and of the places that contain them; all where no place is known."""
        regions = {region for place in places for region in containing(place)}
        return [document for document in self.snapshot.documents if not places or document.card.region in regions]

    def _scope_of(self, places: tuple[str, ...]) -> _Scope:
        documents = tuple(self.documents_for(places))
        if places and not documents:
            # To tell a question about employment there from idle talk, everything is searched.
            return _Scope((), self._scope(()).part, frozenset(), ())
        part = self.snapshot.index.part([*(document.id for document in documents), NOT_HELD])
        return _Scope(documents, part, _nearest(documents), self._unstated(documents))

    def _unstated(self, documents: Sequence[Document]) -> tuple[str, ...]:
        stated = {fact.field for document in documents for fact in document.card.facts}
        return tuple(
            _letters(normalise(question))
            for asked in self.snapshot.lexicon.card_questions
            if asked.field not in stated
            for question in asked.questions
        )

    def _mentions(self, text: str) -> Iterator[Mention]:
        """The places named in `text`; a short name counts only where it does not cut through other words."""
        bounds: set[int] = set()
        for mention in self.snapshot.gazetteer.mentions(text):
            if len(mention.name) == 2:
                bounds = bounds or {0, *itertools.accumulate(map(len, self._features.cut(text)))}
                if not {mention.start, mention.end} <= bounds:
                    continue
            yield mention

    def _ranked(
        self, asked: str, scores: Scores, topics: int, details: Sequence[_Detail], nearest: Set[str]
    ) -> list[_Ranked]:
        """The best clauses, re-ranked by how like the question is to how people ask about them.

        Among the targets of `scores` those from place `topics` on are topics that no text answers.
        """
        combined = (OWN_SHARE * scores.own + scores.asked)[:topics]
        count = min(PASSAGES, len(combined))
        if not count:
            return []
        # From below, since the many noughts of a large corpus make it slow from above.
        best = np.argpartition(-combined, count - 1)[:count]
        found = combined.take(best).tolist()
        close = max(found) * CLOSE
        letters = _letters(asked)
        most = (1 + FUZZY_SHARE) * min(scores.most, FULL_MATCH)
        ranked = []
        for place, target, score in zip(best.tolist(), scores.targets.take(best).tolist(), found, strict=True):
            if score >= close:
                score *= 1 + FUZZY_SHARE * self._likeness(letters, target)
                if details and all(detail.stated.search(self._texts[target]) for detail in details):
                    score *= DETAIL_STATED
            if score > 0:
                clause = self._indexed[target]
                ranked.append(_Ranked(score * (NEARER if clause.document in nearest else 1.0) / most, clause, place))
        ranked.sort(key=BY_SCORE, reverse=True)
        return ranked

    def _likeness(self, letters: str, target: int) -> float:
        """How like `letters` are to the likest question of a target, 0 to 1."""
        found = process.extractOne(letters, self._asked[target], scorer=fuzz.ratio)
        return found[1] / 100 if found else 0.0

    def _not_held(self, scores: Scores, topics: int, ranked: Sequence[_Ranked]) -> tuple[bool, NotHeld | None]:
        """Whether a topic that no text answers matches better than every clause, and which, if that is sure."""
        if topics == len(scores.targets):
            return False, None
        best = topics + int(scores.asked[topics:].argmax())
        bar = 0.0
        if ranked:
            place = ranked[0].place
            bar = NOT_HELD_SHARE * float(scores.asked[place]) + NOT_HELD_OWN_SHARE * float(scores.own[place])
        match, full = float(scores.asked[best]), min(scores.most, FULL_MATCH)
        topic = self._topics[self.snapshot.index.targets[scores.targets[best]]]
        clear = match >= CLEAR_TOPIC * full and match >= CLEARLY * bar and not topic.far
        return match > bar, topic if match > bar and (clear or match >= SURE_TOPIC * full) else None


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
