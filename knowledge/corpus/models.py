"""What a document's folder holds beside its source."""

import msgspec


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clause, by a quotation that only it contains, and how people ask for what it says."""

    clause: str
    questions: tuple[str, ...]


class NotAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clause that nobody would ask about, and why."""

    clause: str
    why: str


class Questions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document's questions.yaml."""

    asked: tuple[Asked, ...] = ()
    not_asked: tuple[NotAsked, ...] = ()
