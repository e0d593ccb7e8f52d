"""What the pages show of the texts and programmes, and where each has its address."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from conversations.dialogs.guided import load_guided
from conversations.materials import Materials
from conversations.periods import after, periods
from knowledge.facts.models import Open, fact_name, leaves
from knowledge.models import Card, Clause, Document
from knowledge.programmes.models import Programme

PLACE_OF_NAME = "·"
STANDINGS = ("meets", "unknown", "lacks")


class Link(msgspec.Struct, frozen=True):
    """A page of ours, and the words that lead to it."""

    address: str
    words: str


class Held(msgspec.Struct, frozen=True):
    """A document as the pages show it."""

    document: str
    card: Card
    place: str
    period: str
    state: str
    since: str

    @property
    def address(self) -> str:
        """The page of it."""
        return f"/documents/{source_of(self.document)}"


def source_of(document: str) -> str:
    """How a document is named in addresses: the seed's three digits, else its id."""
    return document[:3] if document[:3].isdigit() else document


class Reference:
    """The texts and programmes of the materials, in the words of the pages."""

    def __init__(self, materials: Materials, words: Mapping[str, Any]) -> None:
        self._words = words
        self.take_up(materials)

    def take_up(self, materials: Materials) -> None:
        """Show these from now on."""
        self._materials = materials
        self.welcome = materials.say("talk.welcome")
        self.menu: Mapping[str, Any] = {
            "fact": "menu",
            "options": [{"value": id_, "label": materials.say(f"talk.menu_{id_}")} for id_ in load_guided()],
        }
        self.documents = {document.source: document for document in materials.knowledge.documents.values()}
        self.programmes = {programme.id: programme for programme in materials.catalogue.programmes}
        self._clauses = {
            (document.source, clause.start): clause
            for document in self.documents.values()
            for clause in document.clauses
        }

    def links(self, reply: Mapping[str, Any]) -> Sequence[Link]:
        """Where more is to be read of what a reply (in the contract's form) says."""
        words, links = self._words["chat"], []
        verdicts: Sequence[Mapping[str, Any]] = reply["verdicts"] or []
        if len(verdicts) == 1 and verdicts[0]["programme"] in self.programmes:
            name = verdicts[0]["name"].rpartition(PLACE_OF_NAME)[2]
            links.append(Link(f"/programmes/{verdicts[0]['programme']}", words["programme_link"].format(name=name)))
        elif verdicts:
            links.append(Link("/result", words["result_link"]))
        shown = [passage for passage in reply["passages"] or () if passage["text"] in reply["text"]]
        for passage in shown:
            clause = self._clauses.get((passage["source"], passage["start"]))
            if clause:
                address = f"/documents/{passage['source']}#{clause.id}"
                links.append(Link(address, words["clause_link"].format(document=passage["document"])))
        return links

    def held(self, document: Document, day: datetime.date) -> Held:
        """A document, and what is in force of it on `day`."""
        card, words, say = document.card, self._words["documents"], self._materials.say
        state = "lapsed" if day > card.in_force_to else "in_force" if card.in_force(day) else "not_yet"
        period = words["period_text"].format(first=say.day(card.in_force_from), last=say.day(card.in_force_to))
        since = "".join(after(card, say))
        return Held(document.id, card, self.place(card.region), period, words[state], since)

    def place(self, code: str) -> str:
        """A place's whole name."""
        return self._materials.knowledge.snapshot.gazetteer.full_name(code) or code

    def day(self, day: datetime.date) -> str:
        """A day as it is read aloud."""
        return self._materials.say.day(day)

    def notices(self, programmes: Iterable[Programme], day: datetime.date) -> Sequence[str]:
        """That documents of `programmes` are not in force on `day`, and what came after them."""
        return list(periods((self.card(programme) for programme in programmes), day, self._materials.say))

    def of_document(self, document: Document) -> Sequence[Programme]:
        """Its programmes."""
        return [programme for programme in self.programmes.values() if programme.document == document.id]

    def parts(self, document: Document) -> Sequence[tuple[str, Sequence[Clause]]]:
        """Its clauses under their headings."""
        grouped = groupby(document.clauses, key=lambda clause: clause.path)
        return [(self._words["colon"].join(path[-1:]), list(clauses)) for path, clauses in grouped]

    def anchor(self, programme: Programme) -> str:
        """Where a document's page has what a programme quotes first."""
        document = self._materials.knowledge.documents[programme.document]
        squeezed = "".join(programme.entry.quotations[0].split())
        found = next((c for c in document.clauses if squeezed[:20] in "".join(c.text.split())), None)
        return f"#{found.id}" if found else ""

    def card(self, programme: Programme) -> Card:
        """The card of a programme's document."""
        return self._materials.catalogue.cards[programme.document]

    def criteria(self, programme: Programme) -> Sequence[tuple[str, str]]:
        """What is asked for, each with the text's words; what it leaves to other rules too."""
        conditions = [part for top in programme.entry.criteria for part in leaves(top)]
        return [
            (self.label("" if isinstance(part, Open) else part.fact), part.quotation)
            for part in conditions
            if part.quotation
        ]

    def label(self, fact: str) -> str:
        """What a fact is called; what is no fact of ours is a matter of other rules."""
        facts, name = self._materials.catalogue.vocabulary.facts, fact_name(fact)
        open_words: str = self._words["result"]["open"]
        return facts[name].label if name in facts else open_words

    def groups(self, verdicts: Sequence[Mapping[str, Any]]) -> Sequence[tuple[str, Sequence[Mapping[str, Any]]]]:
        """A result's programmes by how the person stands to them, those that are still known."""
        items = [
            (verdict["verdict"], self._item(verdict)) for verdict in verdicts if verdict["programme"] in self.programmes
        ]
        grouped = [(standing, [item for stands, item in items if stands == standing]) for standing in STANDINGS]
        return [(standing, found) for standing, found in grouped if found]

    def _item(self, verdict: Mapping[str, Any]) -> Mapping[str, Any]:
        programme = self.programmes[verdict["programme"]]
        criteria = dict.fromkeys(
            (criterion["verdict"], self.label(criterion["fact"]), criterion["quotation"])
            for criterion in verdict["criteria"]
            if criterion["quotation"]
        )
        return {
            "id": programme.id,
            "name": programme.entry.name,
            "benefit": programme.entry.benefit,
            "quotations": programme.entry.quotations,
            "label": self.card(programme).label,
            "criteria": list(criteria),
            "units": verdict["responsible"],
        }

    def told(self, verdicts: Sequence[Mapping[str, Any]]) -> Sequence[Programme]:
        """The programmes of a result that are still known."""
        return [self.programmes[v["programme"]] for v in verdicts if v["programme"] in self.programmes]
