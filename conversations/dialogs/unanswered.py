"""A question that no text answers, as it is kept for the desk: without anything personal."""

import itertools
import re

from conversations.messages import Unanswered
from conversations.scene import Scene
from conversations.understanding.contact import load_contacts
from conversations.understanding.files import load_files
from knowledge.normalise import normalise
from knowledge.tokens import NAME_FREQUENCY

NOT_ANSWERED = ("nothing", "detail_not_stated", "fact_not_stated", "not_held", "elsewhere")
"""How a search ends that found no answer."""
WORTH_A_TALK = ("nothing", "elsewhere")
"""Those after which a caseworker may know more than the texts."""
WORD = re.compile("[\u3400-\u9fff]{2,}")


def unanswered(scene: Scene, outcome: str, question: str) -> Unanswered:
    """The event: words that stand in the dictionary, no number in any script, no name."""
    region = scene.session.facts.get("region")
    knowledge, digits = scene.materials.knowledge, set(load_files().words.digits)
    contacts = load_contacts()
    clauses = [clause for clause in contacts.clauses(question) if contacts.name(clause) is None]
    words = [
        word
        for clause in clauses
        for before, word in itertools.pairwise(["", *knowledge.words(normalise(clause))])
        if WORD.fullmatch(word)
        and knowledge.snapshot.words.get(word, 0) > NAME_FREQUENCY
        and before not in contacts.surnames
        and not set(word) <= digits
    ]
    return Unanswered(outcome, str(region) if region else None, " ".join(words))
