"""What somebody could apply for: first what fits, then what is open and what decides it, then what does not and why.

A few at a time, for people who hear it read aloud; "more" tells the next ones.
"""

from collections.abc import Iterator, Sequence

from conversations.dialogs.programmes import item, name_of, over_in_short, periods
from conversations.messages import Reply
from conversations.scene import Scene
from conversations.understanding import Option
from knowledge.eligibility import REGION, SUBJECT, CriterionVerdict, Verdict
from knowledge.programmes.models import Programme

GROUPS = (
    ("results.meets", "meets", ("benefit", "service")),
    ("results.duties", "meets", ("duty", "ban")),
    ("results.unknown", "unknown", ("benefit", "service", "duty", "ban")),
    ("results.lacks", "lacks", ("benefit", "service")),
)
AT_A_TIME = 6
"""Programmes told before the person is asked whether to go on."""


def results(scene: Scene, verdicts: Sequence[Verdict]) -> tuple[Scene, Sequence[Reply]]:
    """The first few of the result's programmes; their numbers stand for them from now on.

    The last reply holds all the verdicts, told or not.
    """
    if not verdicts and scene.session.facts.get(REGION):
        return scene.now(asked=None, results=()), [Reply(text="\n".join(_no_texts_here(scene)), verdicts=())]
    groups = _groups(verdicts)
    fitting = any(v.verdict == "meets" for _, group in groups for v in group)
    key = "results.none_yet" if groups else "results.none"
    before = [] if fitting else [scene.say(key, who=scene.who)]
    scene, replies, page = _tell_on(scene.now(asked=None, results=()), verdicts)
    closing = [*_rest(scene, groups), *periods(scene, page), *_steps(scene, shown=bool(page))]
    replies = [*map(_plain, before), *replies, Reply(text="\n".join(closing), verdicts=tuple(verdicts))]
    return scene, replies


def more(scene: Scene, verdicts: Sequence[Verdict]) -> tuple[Scene, Sequence[Reply]]:
    """The result's next programmes."""
    groups = _groups(verdicts)
    if len(scene.session.results) >= sum(len(group) for _, group in groups):
        return scene, [Reply(text="\n".join([scene.say("results.no_more"), scene.say("results.more")]))]
    scene, replies, page = _tell_on(scene, verdicts)
    closing = [*_rest(scene, groups), *over_in_short(scene, page), scene.say("results.more")]
    return scene, [*replies, Reply(text="\n".join(closing), verdicts=tuple(verdicts))]


def told_options(scene: Scene, programmes: Sequence[Programme]) -> Sequence[Option]:
    """The programmes told so far as choices, in the order of their numbers."""
    names = {programme.id: name_of(programme)[0] for programme in programmes}
    return [Option(told, names.get(told, told)) for told in scene.session.results]


def _groups(verdicts: Sequence[Verdict]) -> Sequence[tuple[str, Sequence[Verdict]]]:
    """The verdicts to tell, by the key of their heading, most useful first."""
    groups = []
    for key, word, kinds in GROUPS:
        group = [v for v in verdicts if v.verdict == word and v.programme.entry.kind in kinds and not _for_others(v)]
        if group:
            groups.append((key, sorted(group, key=_urgency)))
    return groups


def _tell_on(scene: Scene, verdicts: Sequence[Verdict]) -> tuple[Scene, Sequence[Reply], Sequence[Verdict]]:
    """The next few programmes, a message for each group, and which they are."""
    told = len(scene.session.results)
    replies, page, number = [], list[Verdict](), 0
    for key, group in _groups(verdicts):
        lines = []
        for verdict in group:
            number += 1
            if told < number <= told + AT_A_TIME:
                page.append(verdict)
                lines.append(item(scene, number, verdict))
        if lines:
            heading = scene.say(key, who=scene.who, count=str(len(group)))
            replies.append(_plain("\n".join([heading, *lines])))
    return scene.now(results=(*scene.session.results, *(v.programme.id for v in page))), replies, page


def _rest(scene: Scene, groups: Sequence[tuple[str, Sequence[Verdict]]]) -> Iterator[str]:
    left = sum(len(group) for _, group in groups) - len(scene.session.results)
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
    if shown:
        yield scene.say("results.step_more")
    yield scene.say("results.step_clear" if helping else "results.step_other")
    yield scene.say("results.step_call")


def _urgency(verdict: Verdict) -> tuple[bool, str, bool, bool, bool]:
    """What holds where the person is, what is worth a guided dialog, money, and their own city before its province."""
    entry = verdict.programme.entry
    place_open = any(criterion.fact == REGION for criterion in verdict.criteria if criterion.verdict == "unknown")
    return (
        place_open,
        entry.tier,
        entry.amount is None,
        entry.kind != "benefit",
        verdict.programme.regions[0].endswith("0000"),
    )


def _for_others(verdict: Verdict) -> bool:
    """Whether a programme is not for such as this person at all: it is not worth telling."""
    return any(_wrong_subject(criterion) for criterion in verdict.criteria)


def _wrong_subject(criterion: CriterionVerdict) -> bool:
    return criterion.fact == SUBJECT and criterion.verdict == "lacks"
