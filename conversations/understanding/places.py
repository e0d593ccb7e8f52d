"""Where the person is, and where the household is registered."""

from collections.abc import Iterator
from typing import Literal

from conversations.understanding.models import PlaceWords
from conversations.understanding.patterns import Patterns
from knowledge.places.gazetteer import Gazetteer, Mention

SHORT = 2
"""The length of a name that may be part of other words."""
BESIDE = 8
"""How many characters on either side tell what a name is about."""

Role = Literal["hukou", "stay", "here", "origin", "about"]


class Places:
    """Reads `region` and `hukou`."""

    def __init__(self, gazetteer: Gazetteer, words: PlaceWords, patterns: Patterns) -> None:
        self._gazetteer = gazetteer
        self._before = {
            "not_here": patterns.compile(words.not_here),
            "hukou": patterns.compile(words.hukou_before),
            "origin": patterns.compile(words.origin_before),
            "stay": patterns.compile(words.stay_before),
            "here": patterns.compile(words.plain_before),
        }
        self._hukou_after = patterns.compile(words.hukou_after)
        self._origin_after = patterns.compile(words.origin_after)
        self._here_after = patterns.compile(words.plain_after)
        self._about = patterns.compile(words.about)
        self._edge_before = patterns.compile(words.edge_before)
        self._edge_after = patterns.compile(words.edge_after)

    def read(self, text: str, asked: str | None) -> dict[str, str]:
        """`region` and `hukou` in plain `text`, where they are said; asked for one, a place alone is the answer."""
        by_role: dict[Role, list[Mention]] = {}
        previous: tuple[Mention, Role] | None = None
        for mention in self._mentions(text):
            joined = (
                previous is not None
                and mention.start - previous[0].end <= 1
                and "\n" not in text[previous[0].end : mention.start]
            )
            role = previous[1] if joined and previous else self._role(text, mention, asked)
            role = self._role_of_pair(text, mention, role) if joined else role
            if joined and previous and role != previous[1]:
                by_role[previous[1]].remove(previous[0])
                by_role.setdefault(role, []).append(previous[0])
            by_role.setdefault(role, []).append(mention)
            previous = mention, role
        found = {}
        hukou = self._one(by_role.get("hukou", []), by_role)
        stay = next(
            (place for role in ("stay", "here", "origin") if (place := self._one(by_role.get(role, []), by_role))), None
        )
        if hukou:
            found["hukou"] = hukou
        if stay:
            found["region"] = stay
        return found

    def _mentions(self, text: str) -> Iterator[Mention]:
        end = -1
        for mention in self._gazetteer.mentions(text):
            before, after = (
                text[max(0, mention.start - BESIDE) : mention.start],
                text[mention.end : mention.end + BESIDE],
            )
            alone = self._edge_before.search(before.rpartition("\n")[2]) or self._edge_after.search(after)
            if len(mention.name) > SHORT or mention.start == end or alone:
                end = mention.end
                yield mention

    def _role(self, text: str, mention: Mention, asked: str | None) -> Role:
        before = text[: mention.start].rpartition("\n")[2]
        after = text[mention.end :].partition("\n")[0]
        if self._before["not_here"].search(before):
            return "about"
        if self._before["hukou"].search(before) or self._hukou_after.search(after):
            return "hukou"
        if self._before["origin"].search(before):
            return "about"
        if self._before["stay"].search(before):
            return "stay"
        if asked in ("region", "hukou"):
            return "hukou" if asked == "hukou" else "here"
        if self._origin_after.search(after):
            return "origin"
        if self._about.search(after):
            return "about"
        if self._before["here"].search(before) or (not before and self._here_after.search(after)):
            return "here"
        return "here" if self._here_after.search(after) and after else "about"

    def _role_of_pair(self, text: str, mention: Mention, role: Role) -> Role:
        """The role of "甘肃天水", whose second name may tell more ("甘肃天水户口", "甘肃有政策" → about)."""
        after = text[mention.end :].partition("\n")[0]
        if self._hukou_after.search(after):
            return "hukou"
        return "origin" if role == "about" and self._origin_after.search(after) else role

    def _one(self, mentions: list[Mention], by_role: dict[Role, list[Mention]]) -> str | None:
        """The place that `mentions` come to, told from others of its name by the other places said."""
        if not mentions:
            return None
        others = [mention for said in by_role.values() for mention in said if mention not in mentions]
        near = next(iter(self._gazetteer.chosen(others)), None)
        chosen = self._gazetteer.chosen(mentions, near)
        return chosen[0] if len(chosen) == 1 else None
