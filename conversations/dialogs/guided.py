"""Which programmes each guided dialog is about."""

import functools
from collections.abc import Mapping, Sequence

import msgspec

from conversations.packaged import load_data
from knowledge.programmes.models import Programme


class GuidedDialog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dialog: the categories (empty: all) and tiers of its programmes, and who may be asking, the usual one first.

    `also` are words that choose it from the menu, beside its label; never shown.
    """

    id: str
    tiers: tuple[str, ...]
    applicants: tuple[str, ...]
    categories: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def programmes(self, programmes: Sequence[Programme]) -> list[Programme]:
        """Those of `programmes` that it is about, for whom it is meant."""
        subjects = {"disabled_person", "family_member"} if "self" in self.applicants else {"employer", "org"}
        return [
            programme
            for programme in programmes
            if programme.entry.tier in self.tiers
            and (not self.categories or programme.entry.category in self.categories)
            and subjects & set(programme.entry.subjects)
            and programme.entry.kind != "background"
        ]


@functools.cache
def load_guided() -> Mapping[str, GuidedDialog]:
    """The guided dialogs by id."""
    return {dialog.id: dialog for dialog in load_data("dialogs/guided.yaml", tuple[GuidedDialog, ...])}
