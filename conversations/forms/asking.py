"""A fact's question as a message: what is asked, its choices by number, and always a way not to know."""

from collections.abc import Sequence

from conversations.forms.models import FactQuestion
from conversations.messages import Ask, Choice, Reply, Value
from conversations.scene import Scene
from knowledge.facts.models import LEVELS

DONT_KNOW = "不知道"
"""The value of the choice "I don't know"; the label is a sentence of the wording."""
MANY = "many"


def ask(scene: Scene, *before: str) -> Reply:
    """The question that stands, after the lines `before`."""
    fact = str(scene.session.asked)
    question = scene.materials.questions[fact]
    options = choices(scene, fact)
    lines = [*before, _wording(question, easy=scene.session.easy).format(who=scene.who)]
    if is_open(options):
        lines += [line for line in (question.example, scene.say("form.open_dont_know")) if line]
    else:
        lines += [scene.say("form.option", number=str(n), label=choice.label) for n, choice in enumerate(options, 1)]
    if question.kind == MANY:
        lines.append(scene.say("form.several"))
    return Reply(text="\n".join(lines), ask=Ask(fact, tuple(options), question.kind == MANY))


def choices(scene: Scene, fact: str) -> Sequence[Choice]:
    """The choices of a fact's question, the last of them "I don't know"."""
    question = scene.materials.questions[fact]
    easy = scene.session.easy
    offered = [Choice(option.value, (easy and option.easy) or option.label) for option in question.options]
    if fact == LEVELS and len(categories(scene)) != 1:
        # A level for each of several categories is said in words.
        offered = []
    return [*offered, Choice(DONT_KNOW, scene.say("form.dont_know"))]


def is_open(offered: Sequence[Choice]) -> bool:
    """Whether a question is answered in words or a number: not knowing is all that is offered."""
    return all(choice.value == DONT_KNOW for choice in offered)


def categories(scene: Scene) -> Sequence[str]:
    """The categories of disability that were said."""
    said = scene.session.facts.get("disability", ())
    return tuple(said) if isinstance(said, tuple | list) else ()


def key(value: Value) -> str:
    """A choice's value as text: what a button carries."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wording(question: FactQuestion, *, easy: bool) -> str:
    return question.easy if easy and question.easy else question.ask
