"""What is wrong with the programmes' data: each problem names the file, the entry, and what to mend."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from knowledge.facts.files import load_vocabulary
from knowledge.facts.models import (
    LEVEL,
    All,
    Any,
    Condition,
    Eq,
    Fact,
    Ge,
    Has,
    In,
    Map,
    Ne,
    OneFact,
    Open,
    Scalar,
    Vocabulary,
    fact_name,
    leaves,
)
from knowledge.models import Document
from knowledge.programmes.models import Programme
from knowledge.reading.document import squeeze


class ProgrammeProblem(msgspec.Struct, frozen=True):
    """Something to mend in the entry `programme` of `file` (below the knowledge's folder)."""

    file: str
    programme: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.programme}: {self.message}"


def check_programmes(
    programmes: Iterable[Programme], documents: Iterable[Document], vocabulary: Vocabulary | None = None
) -> list[ProgrammeProblem]:
    """Every problem of `programmes`, whose quotations are looked up in `documents`, white space aside."""
    programmes = list(programmes)
    vocabulary = vocabulary or load_vocabulary()
    texts = {document.id: squeeze(document.text) for document in documents}
    times = Counter(programme.id for programme in programmes)
    problems: list[ProgrammeProblem] = []
    for programme in programmes:
        found = list(_same_id(times[programme.id]))
        found += _in_text(programme, texts)
        found += _in_form(programme)
        found += (what for criterion in programme.entry.criteria for what in _wrong(criterion, vocabulary))
        problems += [
            ProgrammeProblem(f"programmes/{programme.document}.yaml", programme.id, what)
            for what in dict.fromkeys(found)
        ]
    return problems


def _same_id(times: int) -> Iterator[str]:
    if times > 1:
        yield f"its id is given to {times} programmes; give it one of its own"


def _in_text(programme: Programme, texts: dict[str, str]) -> Iterator[str]:
    """Quotations that their document does not have."""
    text = texts.get(programme.document)
    if text is None:
        yield f'there is no document "{programme.document}" in corpus; name the file after the document\'s folder'
        return
    for quotation in (*programme.entry.quotations, *_quotations(programme.entry.criteria)):
        if squeeze(quotation) not in text:
            yield f'"{quotation}" is not in the text; quote it verbatim'


def _in_form(programme: Programme) -> Iterator[str]:
    """What the rules of the data ask of the entry as a whole."""
    entry = programme.entry
    if not all(map(squeeze, entry.quotations)) or not entry.quotations:
        yield "it has no quotation; quote the sentence that states it"
    if entry.binding == "conditional" and not any(isinstance(leaf, Open) for c in entry.criteria for leaf in leaves(c)):
        yield 'it is conditional, but none of its criteria is open; add one with "op: open" that quotes the condition'
    if not entry.subjects:
        yield "it has no subjects; say for whom it is"


def _quotations(criteria: Iterable[Condition]) -> Iterator[str]:
    for criterion in criteria:
        if criterion.quotation:
            yield criterion.quotation
        if isinstance(criterion, Any | All):
            yield from _quotations(criterion.criteria)


def _wrong(criterion: Condition, vocabulary: Vocabulary) -> Iterator[str]:
    if not squeeze(criterion.quotation):
        name = criterion.fact if isinstance(criterion, OneFact) else criterion.__struct_config__.tag
        yield f'the criterion "{name}" has no quotation; quote the words that state it'
    if isinstance(criterion, Any | All):
        for part in criterion.criteria:
            yield from _wrong(part, vocabulary)
    elif not isinstance(criterion, Open):
        fact = vocabulary.facts.get(fact_name(criterion.fact))
        if fact is None:
            yield f'"{criterion.fact}" is no fact; use one of facts/facts.yaml'
        else:
            yield from _not_allowed(criterion, fact)


def _not_allowed(criterion: OneFact, fact: Fact) -> Iterator[str]:
    """Values that the fact cannot have, and operations that do not go with its kind."""
    if criterion.fact.startswith(LEVEL) and criterion.fact.removeprefix(LEVEL) not in fact.values:
        yield f'"{criterion.fact}": no such category; one of {" ".join(fact.values)}'
    if isinstance(criterion, Has) != (fact.kind == "choices"):
        yield f'"{criterion.fact}": "has" goes with lists, and lists with nothing else'
    for value in _values(criterion):
        if not _allowed(value, fact):
            yield f'"{criterion.fact}" cannot be {value!r}; see its values in facts/facts.yaml'


def _values(criterion: OneFact) -> tuple[Scalar, ...]:
    match criterion:
        case Eq() | Ne():
            return (criterion.value,)
        case In() | Has():
            return criterion.values
        case Ge():
            return (criterion.least,)
        case Map():
            return (*criterion.meets, *criterion.lacks)


def _allowed(value: Scalar, fact: Fact) -> bool:
    if fact.kind == "bool":
        return isinstance(value, bool)
    if fact.kind in ("int", "levels"):
        return type(value) is int and (fact.least or 0) <= value <= (value if fact.most is None else fact.most)
    return value in fact.values
