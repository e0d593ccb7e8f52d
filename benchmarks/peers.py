"""Other ways to search the same clauses, each as its documentation shows, with words cut by jieba."""

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import bm25s
import jieba
import numpy as np
import tantivy
from numpy.typing import NDArray

from benchmarks.workload import Entry, Workload
from knowledge.search import PASSAGES
from knowledge.snapshot import NOT_HELD

jieba.setLogLevel(logging.WARNING)

WITH_QUESTIONS = 10
"""How many times more entries are fetched where several of them belong to one clause."""
WRITER_HEAP = 15_000_000
"""The least that tantivy accepts, in bytes."""


class Peer(Protocol):
    """A search that is built from entries."""

    def ask(self, question: str, documents: tuple[str, ...]) -> list[str]:
        """The targets that match best, best first; of `documents` only, or of all where there are none."""


class Bm25s:
    """bm25s with its defaults; a mask leaves other documents out."""

    def __init__(self, entries: Sequence[Entry], times: int = 1) -> None:
        self._targets = [entry.target for entry in entries]
        self._groups = np.array([entry.group for entry in entries])
        self._masks: dict[tuple[str, ...], NDArray[np.float32]] = {}
        self._fetched = min(PASSAGES * times, len(entries))
        self._index = bm25s.BM25()
        self._index.index([jieba.lcut(entry.text) for entry in entries], show_progress=False)

    def ask(self, question: str, documents: tuple[str, ...]) -> list[str]:
        """As `Peer.ask`."""
        found, scores = self._index.retrieve(
            [jieba.lcut(question)], k=self._fetched, show_progress=False, weight_mask=self._mask(documents)
        )
        hits = zip(found[0].tolist(), scores[0].tolist(), strict=True)
        return list(dict.fromkeys(self._targets[i] for i, score in hits if score > 0))

    def _mask(self, documents: tuple[str, ...]) -> NDArray[np.float32] | None:
        if documents and documents not in self._masks:
            self._masks[documents] = np.isin(self._groups, [*documents, NOT_HELD]).astype(np.float32)
        return self._masks[documents] if documents else None


class Fts5:
    """SQLite's FTS5 in memory, its words divided by spaces; a WHERE leaves other documents out."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute("CREATE VIRTUAL TABLE entry USING fts5(words, target UNINDEXED, document UNINDEXED)")
        rows = ((" ".join(jieba.lcut(entry.text)), entry.target, entry.group) for entry in entries)
        self._database.executemany("INSERT INTO entry VALUES (?, ?, ?)", rows)

    def ask(self, question: str, documents: tuple[str, ...]) -> list[str]:
        """As `Peer.ask`."""
        words = " OR ".join(f'"{word}"' for word in _words(question))
        if not words:
            return []
        among = f"AND document IN ({', '.join('?' * len(documents))})" if documents else ""
        rows = self._database.execute(
            f"SELECT target FROM entry WHERE entry MATCH ? {among} ORDER BY rank LIMIT {PASSAGES}", (words, *documents)
        )
        return [target for (target,) in rows]


class Tantivy:
    """tantivy in memory, one segment; a second condition that scores nothing leaves other documents out."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("words", tokenizer_name="spaces", index_option="freq")
        builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("target", stored=True, tokenizer_name="raw", index_option="basic")
        self._schema = builder.build()
        index = tantivy.Index(self._schema)
        index.register_tokenizer("spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        writer = index.writer(WRITER_HEAP, num_threads=1)
        for entry in entries:
            words = " ".join(jieba.lcut(entry.text))
            writer.add_document(tantivy.Document(words=[words], document=[entry.group], target=[entry.target]))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def ask(self, question: str, documents: tuple[str, ...]) -> list[str]:
        """As `Peer.ask`."""
        terms = [tantivy.Query.term_query(self._schema, "words", word, "freq") for word in _words(question)]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
        if documents:
            among = tantivy.Query.term_set_query(self._schema, "document", documents)
            query = tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.const_score_query(among, 0.0))]
            )
        hits = self._searcher.search(query, limit=PASSAGES, count=False).hits
        return [self._searcher.doc(address)["target"][0] for _, address in hits]


PEERS: Mapping[str, Callable[[Workload], Peer]] = {
    "jieba+bm25s": lambda workload: Bm25s(workload.clauses),
    "jieba+fts5": lambda workload: Fts5(workload.clauses),
    "jieba+tantivy": lambda workload: Tantivy(workload.clauses),
    "jieba+bm25s+questions": lambda workload: Bm25s((*workload.clauses, *workload.questions), WITH_QUESTIONS),
}
"""Each peer from what it indexes: the clauses; the last one also the questions people ask, as our own index does."""


def _words(question: str) -> list[str]:
    """The words that a query may hold; punctuation would be its syntax."""
    return [word for word in jieba.lcut(question) if word.isalnum()]
