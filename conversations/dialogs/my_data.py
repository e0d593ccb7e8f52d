"""What is kept of somebody: all of it shown, how far their registrations are, all of it deleted."""

from collections.abc import Sequence

import msgspec

from conversations.dialogs import menu
from conversations.dialogs.commands import Step, stand_briefly
from conversations.dialogs.registration.records import day_of, lines_of
from conversations.forms.asking import office_of
from conversations.forms.offers import still_open
from conversations.forms.telling import in_words, tell
from conversations.messages import Erased, Reply
from conversations.registrations import Account, OwnRegistration
from conversations.scene import REGISTRATION, Scene
from conversations.session import Session


def show(scene: Scene) -> Step:
    """All that is kept, each thing with how long, and how to change or delete it."""
    own, human = scene.account.registrations, _with_caseworkers(scene)
    told = tell(scene, scene.answers)
    if not own and not told and not human:
        return stand_briefly(scene, scene.say("my_data.nothing"))
    replies = [Reply(text="\n".join([*lines_of(scene, [each]), *_whole(scene, each)])) for each in own]
    if human:
        replies.append(Reply(text="\n".join([scene.say("my_data.human"), *human, scene.say("my_data.kept_human")])))
    lines = [scene.say("talk.said_so_far"), *told] if told else []
    if scene.session.draft and not scene.draft.receipt:
        lines.append(scene.say("my_data.draft"))
    if own:
        lines.append(scene.say("my_data.kept_registrations"))
    lines += [scene.say("my_data.kept_talk"), scene.say("my_data.how")]
    scene, standing = stand_briefly(scene)
    return scene, [*replies, Reply(text="\n".join(lines)), *standing]


def _whole(scene: Scene, own: OwnRegistration) -> Sequence[str]:
    """What a registration says, a line each."""
    said = msgspec.structs.asdict(own.said)
    answers = {**said, "contact_when": own.said.contacts, "contact_when_words": own.said.contacts_words}
    questions = scene.materials.registration
    office = office_of(scene, own.said.region)
    known = [fact for fact in questions.order if answers.get(fact) not in (None, (), {}, "")]
    said_of_it = [
        scene.say(
            "registration.item",
            item=questions.questions[fact].named[0],
            value=in_words(scene, questions.questions[fact], answers),
        )
        for fact in known
    ]
    return [*said_of_it, scene.say("registration.consented", office=office)]


def _with_caseworkers(scene: Scene) -> Sequence[str]:
    """What was said in the conversations with caseworkers, a line each."""
    return [
        scene.say(f"my_data.human_{'own' if one.own else 'answer'}", day=day_of(scene, one.at), words=one.words)
        for one in scene.account.human_said
    ]


def progress(scene: Scene) -> Step:
    """How far the registrations are."""
    own = scene.account.registrations
    if scene.session.draft and not scene.draft.receipt and not still_open(scene):
        in_mid_form = scene.session.dialog == REGISTRATION
        return stand_briefly(scene, *lines_of(scene, own), scene.say(f"my_data.{'unsent' if in_mid_form else 'draft'}"))
    if not own:
        return stand_briefly(scene, scene.say("my_data.no_registration"))
    more = [scene.say("my_data.progress_more")] if still_open(scene) else []
    return stand_briefly(scene, *lines_of(scene, own), *more)


def erase(scene: Scene) -> Step:
    """Delete everything about the sender; the talk begins anew."""
    count = len(scene.account.registrations)
    fresh = msgspec.structs.replace(scene, session=Session(), account=Account()).emit(Erased())
    deleted = scene.say("my_data.erased_registrations", count=str(count)) if count else scene.say("my_data.erased_talk")
    human = [scene.say("my_data.erased_human")] if scene.account.human_said else []
    return menu.show(fresh, deleted, *human, scene.say("my_data.erased_final"))
