"""A fact's question as a message: what is asked, its choices by number, and a way not to know."""

from collections.abc import Sequence

from conversations.forms.models import FactQuestion
from conversations.forms.offers import computed
from conversations.forms.sequence import position
from conversations.messages import Ask, Choice, Reply, Value
from conversations.scene import REGISTRATION, Scene
from knowledge.facts.models import LEVELS

DONT_KNOW = "不知道"
"""The value of the choice "I don't know"; the label is a sentence of the wording."""
SEVERAL = ("many", "words")
"""The kinds of question that may be answered with several choices."""
REGION = "region"


def ask(scene: Scene, *before: str) -> Reply:
    """The question that stands, after the lines `before`."""
    question = scene.question
    assert question
    other = put_together(scene)
    together = other.together if other else None
    options = choices(scene, question.fact)
    wording = together.ask if together else _wording(question, easy=scene.session.easy)
    lines = [*before, *_position(scene), wording.format(who=scene.who, office=office(scene))]
    if is_open(options):
        example = together.example if together else question.example
        lines += [example] if example else []
        lines += [] if question.needed else [scene.say("form.open_dont_know")]
    else:
        lines += [scene.say("form.option", number=str(n), label=choice.label) for n, choice in enumerate(options, 1)]
    several = question.kind in SEVERAL
    if several:
        lines.append(scene.say("form.several"))
    asked = Ask(question.known_as or question.fact, tuple(options), several, question.fact)
    return Reply(text="\n".join(lines), ask=asked)


def put_together(scene: Scene) -> FactQuestion | None:
    """The question that the one that stands is put together with, while its fact is not known."""
    for question in scene.form.values():
        if question.together and question.together.fact == scene.session.asked:
            return None if question.fact in scene.session.facts else question
    return None


def one_at_a_time(scene: Scene) -> Scene:
    """The scene whose question, where easy words are wanted, asks for one thing: not two put together."""
    other = put_together(scene)
    return scene.now(asked=other.fact) if other and scene.session.easy else scene


def choices(scene: Scene, fact: str) -> Sequence[Choice]:
    """The choices of a fact's question, the last of them "I don't know" where it may be skipped."""
    question, easy = scene.form[fact], scene.session.easy
    offered = computed(scene, question)
    offered += [Choice(option.value, (easy and option.easy) or option.label) for option in question.options]
    if fact == LEVELS and len(categories(scene)) != 1:
        # A level for each of several categories is said in words.
        offered = []
    return offered if question.needed else [*offered, Choice(DONT_KNOW, scene.say("form.dont_know"))]


def is_open(offered: Sequence[Choice]) -> bool:
    """Whether a question is answered in words or a number: not knowing is all that is offered, if anything."""
    return all(choice.value == DONT_KNOW for choice in offered)


def categories(scene: Scene) -> Sequence[str]:
    """The categories of disability that were said."""
    said = scene.session.facts.get("disability", ())
    return tuple(said) if isinstance(said, tuple | list) else ()


def office(scene: Scene) -> str:
    """The 残联 that a registration from where the person is goes to, as far as it is known."""
    region = str(scene.session.facts.get(REGION, ""))
    return office_of(scene, region) if region else scene.say("registration.office_unknown")


def office_of(scene: Scene, region: str) -> str:
    """The 残联 that a registration from `region` goes to."""
    gazetteer = scene.materials.knowledge.snapshot.gazetteer
    key = "registration.office_within" if gazetteer.has_parts(region) else "registration.office"
    return scene.say(key, place=gazetteer.full_name(region))


def key(value: Value) -> str:
    """A choice's value as text: what a button carries."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _position(scene: Scene) -> Sequence[str]:
    """The number of a registration's question, where it is certain."""
    where = position(scene) if scene.session.dialog == REGISTRATION else None
    return [scene.say("registration.position", number=str(where[0]), count=str(where[1]))] if where else []


def _wording(question: FactQuestion, *, easy: bool) -> str:
    return question.easy if easy and question.easy else question.ask
