"""What somebody could apply for, a few programmes at a time, for who hears it read aloud; "more" tells the next."""

from collections.abc import Iterator, Sequence

from conversations.dialogs.programmes import Telling, item, name_of
from conversations.dialogs.verdicts import Group, closing, grouped
from conversations.forms.telling import lines
from conversations.messages import Reply
from conversations.periods import over_in_short
from conversations.scene import Scene
from conversations.understanding import Option
from conversations.whom import EMPLOYERS
from knowledge.eligibility import REGION, Verdict
from knowledge.programmes.models import Programme

AT_A_TIME = 6
"""Programmes told before the person is asked whether to go on."""


def telling_to(scene: Scene) -> Telling:
    """What telling the person verdicts takes."""
    return Telling(
        say=scene.wording,
        catalogue=scene.materials.catalogue,
        facts=scene.facts,
        who=scene.who,
        day=scene.today,
        own_words=lines(scene, scene.session.facts),
    )


def results(scene: Scene, verdicts: Sequence[Verdict]) -> tuple[Scene, Sequence[Reply]]:
    """The first few of the result's programmes; their numbers stand for them from now on.

    The last reply holds all the verdicts, told or not.
    """
    if not verdicts and scene.session.facts.get(REGION):
        return scene.now(asked=None, results=()), [Reply(text="\n".join(_no_texts_here(scene)), verdicts=())]
    telling = telling_to(scene)
    groups = grouped(telling, verdicts)
    before = [scene.say(key, who=scene.who) for key in _opening(scene, groups)]
    scene, replies, page = _tell_on(scene.now(asked=None, results=()), telling, groups)
    end = [*_rest(scene, groups), *closing(telling, page), *_steps(scene, shown=bool(page))]
    replies = [*map(_plain, before), *replies, Reply(text="\n".join(end), verdicts=tuple(verdicts))]
    return scene, replies


def more(scene: Scene, verdicts: Sequence[Verdict]) -> tuple[Scene, Sequence[Reply]]:
    """The result's next programmes."""
    telling = telling_to(scene)
    groups = grouped(telling, verdicts)
    if len(scene.session.results) >= sum(len(group.verdicts) for group in groups):
        return scene, [Reply(text="\n".join([scene.say("results.no_more"), scene.say("results.more")]))]
    scene, replies, page = _tell_on(scene, telling, groups)
    over = over_in_short(map(telling.card, page), scene.today, telling.say)
    end = [*_rest(scene, groups), *over, scene.say("results.more")]
    return scene, [*replies, Reply(text="\n".join(end), verdicts=tuple(verdicts))]


def told_options(scene: Scene, programmes: Sequence[Programme]) -> Sequence[Option]:
    """The programmes told so far as choices, in the order of their numbers."""
    names = {programme.id: name_of(programme)[0] for programme in programmes}
    return [Option(told, names.get(told, told)) for told in scene.session.results]


def _opening(scene: Scene, groups: Sequence[Group]) -> Iterator[str]:
    """What must be said first: that the place decides, or that nothing is certain or nothing found."""
    if not groups:
        yield "results.none"
    elif REGION not in scene.session.facts:
        yield "results.place_decides"
    elif not any(verdict.verdict == "meets" for group in groups for verdict in group.verdicts):
        yield "results.none_yet"


def _tell_on(
    scene: Scene, telling: Telling, groups: Sequence[Group]
) -> tuple[Scene, Sequence[Reply], Sequence[Verdict]]:
    """The next few programmes, a message for each group, and which they are."""
    told = len(scene.session.results)
    replies, page, number = [], list[Verdict](), 0
    for group in groups:
        items, here = [], []
        for verdict in group.verdicts:
            number += 1
            if told < number <= told + AT_A_TIME:
                here.append(verdict)
                items.append(item(telling, number, verdict))
        if items:
            ids = tuple(verdict.programme.id for verdict in here)
            replies.append(Reply(text="\n".join([group.heading, *items]), programmes=ids))
            page += here
    return scene.now(results=(*scene.session.results, *(v.programme.id for v in page))), replies, page


def _rest(scene: Scene, groups: Sequence[Group]) -> Iterator[str]:
    left = sum(len(group.verdicts) for group in groups) - len(scene.session.results)
    if left > 0:
        yield scene.say("results.rest", count=str(left))


def _plain(text: str) -> Reply:
    return Reply(text=text)


def _no_texts_here(scene: Scene) -> Iterator[str]:
    """That no text is held for the person's place, and for which ones there are."""
    full_name = scene.materials.knowledge.snapshot.gazetteer.full_name
    held = dict.fromkeys(card.region for card in scene.materials.catalogue.cards.values())
    yield scene.say("question.elsewhere", place=full_name(str(scene.session.facts[REGION])))
    yield scene.say("question.held", places="、".join(map(full_name, held)))
    yield from _steps(scene, shown=False)


def _steps(scene: Scene, *, shown: bool) -> Iterator[str]:
    """What can be done next. Without numbers: a number means a programme."""
    helping = scene.session.facts.get("applicant") == "family"
    yield scene.say("results.steps")
    if REGION not in scene.session.facts:
        yield scene.say("results.step_place", who=scene.who)
    if shown:
        yield scene.say("results.step_more")
    if scene.session.facts.get("applicant") not in EMPLOYERS:
        yield scene.say("results.step_register")
    yield scene.say("results.step_clear" if helping else "results.step_other")
    yield scene.say("results.step_call")
