"""How many questions a guided dialog asks before it says what a household could apply for, beside a fixed form."""

import datetime
import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.figures import Figure
from benchmarks.fixed_form import facts_of, fixed_form
from benchmarks.households import Household, in_words, load_households
from benchmarks.workload import knowledge_in_use
from conversations.dialogs.guided import GuidedDialog, load_guided
from conversations.engine import advance
from conversations.materials import Materials, build_materials
from conversations.messages import Incoming
from conversations.session import Session
from knowledge.corpus.folders import load_yaml
from knowledge.eligibility import REGION, SUBJECT, Verdict, judge
from knowledge.facts.derivation import derive
from knowledge.facts.models import Facts
from knowledge.facts.validation import read_facts
from knowledge.programmes.models import Programme

AT = datetime.datetime(2024, 6, 30, 10, tzinfo=datetime.UTC)
TOLD = 3
"""How many facts the first sentence gives."""
APPLICANT = "applicant"
NINE_IN_TEN = 0.9


class Phrase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a fact is said: with {value} in `say`, or as `values` has it."""

    fact: str
    say: str = ""
    values: Mapping[str, str] = {}


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What households say first: the words that open each dialog, and facts, those said first coming first."""

    openings: Mapping[str, str]
    phrases: tuple[Phrase, ...]
    joint: str
    stop: str


class Talked(msgspec.Struct, frozen=True):
    """What a dialog came to: the facts asked for, in order, and the verdicts."""

    asked: tuple[str, ...]
    verdicts: tuple[Verdict, ...]


class StuckError(RuntimeError):
    """A dialog that does not come to an end."""


def measure(smoke: bool) -> Iterator[Figure]:
    """Each dialog's questions, begun with its own words and with a sentence that tells three facts."""
    materials, words = build_materials(knowledge_in_use()), load_words()
    for dialog in load_guided().values():
        households = [household for household in load_households() if is_for(dialog, household)]
        yield from _figures(dialog, households, materials, words.openings[dialog.id])
        told = {household.id: first_sentence(household, words, materials) for household in households}
        telling = [household for household in households if told[household.id]]
        yield from _figures(dialog, telling, materials, words.openings[dialog.id], told)


def load_words() -> Words:
    """The packaged words."""
    return load_yaml(Path(__file__).parent / "dialogs.yaml", "dialogs.yaml", Words)


def talk(household: Household, first: str, materials: Materials) -> Talked:
    """A household's whole dialog, begun with the message `first`.

    Raises:
        StuckError: it does not end in verdicts, though every question was answered.

    """
    turn = advance(Session(), Incoming(text=first), AT, materials)
    asked: list[str] = []
    while (reply := turn.replies[-1]).verdicts is None:
        if reply.ask is None or reply.ask.fact in asked:
            raise StuckError(f"{household.id}, asked {asked}: {reply.text}")
        asked.append(reply.ask.fact)
        turn = advance(turn.session, household.answer(reply.ask), AT, materials)
    return Talked(tuple(asked), reply.verdicts)


def first_sentence(household: Household, words: Words, materials: Materials) -> str:
    """Three of the household's facts in a sentence; empty if it has fewer that are told so."""
    said = [
        _said(phrase, household.known[phrase.fact], materials)
        for phrase in words.phrases
        if phrase.fact in household.known
    ]
    return words.joint.join(said[:TOLD]) + words.stop if len(said) >= TOLD else ""


def form(household: Household, dialog: GuidedDialog, materials: Materials, *, of_the_place: bool) -> list[str]:
    """The facts that a fixed form asks for; `of_the_place`: one made for the household's place only."""
    programmes: Sequence[Programme] = dialog.programmes(materials.catalogue.programmes)
    facts = _facts(household, dialog, materials)
    if of_the_place:
        here = {name: facts[name] for name in (APPLICANT, SUBJECT, REGION) if name in facts}
        programmes = [verdict.programme for verdict in judge(here, programmes, materials.catalogue.vocabulary)]
    subject = derive(facts, materials.catalogue.vocabulary).facts[SUBJECT]
    return fixed_form(facts_of(programmes), {**household.known, SUBJECT: subject}, materials.questions)


def in_full(household: Household, dialog: GuidedDialog, materials: Materials) -> list[Verdict]:
    """The verdicts on the dialog's programmes when everything is known at once."""
    catalogue = materials.catalogue
    programmes = dialog.programmes(catalogue.programmes)
    return judge(_facts(household, dialog, materials), programmes, catalogue.vocabulary)


def nine_in_ten(counts: Sequence[int]) -> int:
    """The least number that nine in ten of `counts` do not exceed (the nearest-rank 90th percentile)."""
    return sorted(counts)[math.ceil(NINE_IN_TEN * len(counts)) - 1]


SUMMARIES: Mapping[str, Callable[[Sequence[int]], float]] = {"median": statistics.median, "p90": nine_in_ten}


def _figures(
    dialog: GuidedDialog,
    households: Sequence[Household],
    materials: Materials,
    opening: str,
    told: Mapping[str, str] | None = None,
) -> Iterator[Figure]:
    talks = [talk(household, (told[household.id] if told else "") + opening, materials) for household in households]
    peers = {
        "fixed-form": [form(household, dialog, materials, of_the_place=False) for household in households],
        "fixed-form-of-the-place": [form(household, dialog, materials, of_the_place=True) for household in households],
    }
    name = f"dialogs_{dialog.id}{'_told' if told else ''}"
    for label, summary in SUMMARIES.items():
        ours = summary([len(talked.asked) for talked in talks])
        for peer, forms in peers.items():
            theirs = summary(list(map(len, forms)))
            yield Figure(name=f"{name}_{label}", value=ours, unit="questions", peer=peer, peer_value=theirs)
    same = [
        _words(talked.verdicts) == _words(in_full(household, dialog, materials))
        for talked, household in zip(talks, households, strict=True)
    ]
    yield Figure(name=f"{name}_same_verdicts", value=sum(same) / len(same), unit="share")


def _words(verdicts: Sequence[Verdict]) -> dict[str, str]:
    return {verdict.programme.id: verdict.verdict for verdict in verdicts}


def _facts(household: Household, dialog: GuidedDialog, materials: Materials) -> Facts:
    given: dict[str, Any] = {APPLICANT: dialog.applicants[0], **household.known}
    return read_facts(given, materials.catalogue.vocabulary, materials.catalogue.is_place)


def is_for(dialog: GuidedDialog, household: Household) -> bool:
    """Whether a dialog is for those who ask in a household."""
    return household.known.get(APPLICANT, dialog.applicants[0]) in dialog.applicants


def _said(phrase: Phrase, value: Any, materials: Materials) -> str:
    if phrase.values:
        return phrase.values[str(value).lower()]
    name = materials.knowledge.snapshot.gazetteer.full_name(value) if phrase.fact == REGION else in_words(value)
    return phrase.say.format(value=name)
