"""A document read whole: source bytes and card in; clean text, clauses and an account of every character out."""

import itertools
from collections.abc import Iterable, Iterator

from knowledge.models import Card, CardField, Clause, Document, Fate
from knowledge.reading.blocks import Block
from knowledge.reading.layouts import LAYOUTS
from knowledge.reading.mojibake import drop_repeated_tail
from knowledge.reading.sentences import sentences
from knowledge.reading.traced import Ledger, Traced

LINE_END = "line end"


class UnreadableSource(ValueError):
    """The source's bytes are not UTF-8 text."""


def read_document(identifier: str, source: bytes, card: Card) -> Document:
    """Read `source` as its card's layout says.

    Raises:
        UnreadableSource: the bytes are not UTF-8.

    """
    try:
        raw = source.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableSource(f"byte {error.start} is not UTF-8 ({error.reason}); save the source as UTF-8") from error
    ledger = Ledger(raw)
    text = drop_repeated_tail(Traced.whole(raw), ledger)
    blocks = list(LAYOUTS[card.layout](text, ledger))
    clean = "\n".join(block.span.text for block in blocks)
    clauses, owner = [], dict[int, str]()
    for clause, origin in _clauses(identifier, blocks, card):
        clauses.append(clause)
        owner.update(dict.fromkeys(origin, clause.id))
    return Document(
        id=identifier,
        card=card,
        text=clean,
        clauses=tuple(clauses),
        fates=tuple(_fates(raw, owner, ledger.reasons)),
        source_length=len(raw),
        notes=tuple(ledger.notes),
    )


def _clauses(identifier: str, blocks: Iterable[Block], card: Card) -> Iterator[tuple[Clause, tuple[int, ...]]]:
    """Every clause with the places of its characters in the source."""
    number = itertools.count(1)
    offset = 0
    prefix = identifier[:3] if identifier[:3].isdigit() else identifier
    for block in blocks:
        text = block.span.text
        for start, end in sentences(text):
            states = _card_facts(text[start:end], card)
            yield (
                Clause(
                    id=f"{prefix}-{next(number)}",
                    document=identifier,
                    kind="card" if states else block.kind,
                    path=block.path,
                    text=text[start:end],
                    start=offset + start,
                    end=offset + end,
                    responsible=block.responsible,
                    states=states,
                ),
                block.span.origin[start:end],
            )
        offset += len(text) + 1


def _card_facts(text: str, card: Card) -> tuple[CardField, ...]:
    """Which of the card's facts `text` states."""
    return tuple(fact.field for fact in card.facts if squeeze(fact.quote) in text)


def squeeze(quote: str) -> str:
    """`quote` without white space, as clean text is."""
    return "".join(quote.split())


def _fates(raw: str, owner: dict[int, str], reasons: list[str | None]) -> Iterator[Fate]:
    """The fate of every character, in runs."""

    def fate(place: int) -> tuple[str | None, str | None]:
        clause = owner.get(place)
        return clause, None if clause else reasons[place] or (LINE_END if raw[place] == "\n" else None)

    for (clause, dropped), places in itertools.groupby(range(len(raw)), fate):
        run = list(places)
        yield Fate(start=run[0], end=run[-1] + 1, clause=clause, dropped=dropped)
