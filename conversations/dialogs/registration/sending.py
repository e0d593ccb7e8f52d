"""A registration as what was said makes it, and what is said when it is sent."""

from collections.abc import Sequence

from conversations.dialogs import notices
from conversations.dialogs.registration.flow import drop
from conversations.forms.asking import ask, office
from conversations.forms.offers import still_open
from conversations.forms.telling import WORDS
from conversations.messages import Amended, Registered, Reply
from conversations.registrations import Registration
from conversations.scene import Scene
from conversations.understanding.contact import spaced_receipt
from conversations.whom import APPLICANT
from knowledge.eligibility import judge_derived

BENEFIT = "benefit"

Step = tuple[Scene, Sequence[Reply]]


def send(scene: Scene) -> Step:
    """Send the registration, or what it is changed to."""
    receipt = scene.draft.receipt
    if receipt is None:
        return _send_new(scene)
    if receipt not in (own.receipt for own in still_open(scene)):
        return drop(scene, scene.say("registration.closed_meanwhile"))
    scene = scene.emit(Amended(receipt, written(scene)))
    text = scene.say("registration.amended", office=office(scene), receipt=spaced_receipt(receipt))
    return _done(scene), [Reply(text=text, receipt=receipt)]


def _send_new(scene: Scene) -> Step:
    receipt = scene.account.receipt
    if not receipt:
        return scene, [ask(scene, scene.say("registration.not_now"))]
    scene = scene.emit(Registered(receipt, written(scene)))
    lines = [scene.say("registration.sent", receipt=spaced_receipt(receipt), office=office(scene))]
    lines.append(scene.say("registration.sent_next"))
    lines += notices.offer(scene)
    if scene.session.facts.get(APPLICANT) == "family":
        lines.append(scene.say("registration.sent_helper"))
    return _done(scene), [Reply(text="\n".join(lines), receipt=receipt)]


def written(scene: Scene) -> Registration:
    """The registration that the answers make."""
    answers = scene.answers
    return Registration(
        call_name=answers["call_name"],
        phone=answers["phone"],
        region=answers["region"],
        relation=answers.get("relation") if answers.get(APPLICANT) == "family" else None,
        disability=tuple(answers.get("disability", ())),
        levels=dict(answers.get("levels", {})),
        area=answers.get("area"),
        age=answers.get("age"),
        needs=tuple(answers.get("needs", ())),
        needs_words=answers.get(f"needs{WORDS}", ""),
        contacts=tuple(answers.get("contact_when", ())),
        contacts_words=answers.get(f"contact_when{WORDS}", ""),
        programmes=_programmes(scene),
    )


def _programmes(scene: Scene) -> tuple[str, ...]:
    """The benefits whose written conditions all hold, as far as is known now."""
    catalogue = scene.materials.catalogue
    benefits = [programme for programme in catalogue.programmes if programme.entry.kind == BENEFIT]
    verdicts = judge_derived(scene.facts, benefits, catalogue.vocabulary)
    return tuple(verdict.programme.id for verdict in verdicts if verdict.verdict == "meets")


def _done(scene: Scene) -> Scene:
    return scene.now(dialog=None, asked=None, draft=None, results=(), wrong=0)
