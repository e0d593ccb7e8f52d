"""What is remembered of a registration while it is written: facts as facts, all else in the draft."""

from collections.abc import Mapping
from typing import Any

import msgspec

from conversations.dialogs.eligibility import keep
from conversations.forms.reading import usable
from conversations.forms.telling import WORDS
from conversations.scene import Scene


def remembered(scene: Scene, told: Mapping[str, Any]) -> Scene:
    """The scene with what was `told` remembered, in place of what was said before."""
    known, asked = scene.answers, scene.session.asked
    vocabulary = scene.materials.catalogue.vocabulary.facts
    facts = usable(scene, {fact: value for fact, value in told.items() if fact in vocabulary})
    scene = keep(scene.now(facts=_without_stale_levels(scene.session.facts, facts)), facts)
    own = {
        fact: tuple(value) if isinstance(value, list) else value
        for fact, value in told.items()
        if fact not in vocabulary
    }
    draft = scene.draft
    kept = {fact: value for fact, value in draft.said.items() if fact.removesuffix(WORDS) not in own}
    # What was known already is no question of this form, though it is said again.
    new = {fact for fact in told if fact == asked or fact not in known}
    trail = (*draft.trail, *(fact for fact in scene.materials.registration.order if fact in new))
    skipped = tuple(fact for fact in draft.skipped if fact not in told)
    lists = {"said": {**kept, **own}, "skipped": skipped, "trail": tuple(dict.fromkeys(trail))}
    return scene.now(draft=msgspec.structs.replace(draft, **lists))


def undone(scene: Scene, fact: str) -> Scene:
    """The scene as if `fact` had not been asked."""
    draft = scene.draft
    new = {
        "said": {name: value for name, value in draft.said.items() if name.removesuffix(WORDS) != fact},
        "skipped": tuple(name for name in draft.skipped if name != fact),
        "trail": tuple(name for name in draft.trail if name != fact),
    }
    facts = {name: value for name, value in scene.session.facts.items() if name != fact}
    return scene.now(facts=facts, draft=msgspec.structs.replace(draft, **new))


def skipped(scene: Scene, fact: str, *, keep_known: bool) -> Scene:
    """The scene with `fact` asked and not known; `keep_known`: what is known of it stays."""
    before = scene if keep_known else undone(scene, fact)
    draft = before.draft
    lists = {
        "skipped": tuple(dict.fromkeys((*draft.skipped, fact))),
        "trail": tuple(dict.fromkeys((*draft.trail, fact))),
    }
    return before.now(draft=msgspec.structs.replace(draft, **lists))


def _without_stale_levels(known: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """`known` without the levels of categories that are not said any more."""
    levels = known.get("levels")
    if "disability" not in told or not isinstance(levels, Mapping):
        return dict(known)
    left = {category: level for category, level in levels.items() if category in told["disability"]}
    return {**{fact: v for fact, v in known.items() if fact != "levels"}, **({"levels": left} if left else {})}
