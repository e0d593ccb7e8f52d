"""Places found in a sentence, and which place contains which.

Codes are GB/T 2260: six digits, "620523" lies in "620500", which lies in "620000".
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

SUFFIX = re.compile(r"(?:特别行政区|自治区|地区|林区|特区|新区|省|市|区|县|盟|旗)$")
PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|"
    "傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|"
    "撒拉|毛南|仡佬|锡伯|塔吉克|怒|普米|鄂温克|保安|裕固|独龙|鄂伦春|各"
)
AUTONOMOUS = re.compile(rf"^(.{{2,5}}?)(?:(?:{PEOPLES})族?)+自治[区州县旗]$")


class EverydayNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Other names of places, by code, and short forms that are ordinary words."""

    aliases: Mapping[str, tuple[str, ...]]
    ordinary_words: tuple[str, ...]


class Mention(msgspec.Struct, frozen=True):
    """A name of a place in a text; `codes` are all the places of that name, largest first."""

    name: str
    start: int
    end: int
    codes: tuple[str, ...]


class Gazetteer(msgspec.Struct, frozen=True, dict=True):
    """Names by code, codes by every name that people use, and how long the names are that begin with two characters."""

    names: Mapping[str, str]
    codes: Mapping[str, tuple[str, ...]]
    lengths: Mapping[str, tuple[int, ...]]

    @functools.cached_property
    def _heads(self) -> re.Pattern[str]:
        """Where a name may begin, by its first two characters: a quick look that leaves out most of a text."""
        first, second = (re.escape("".join({head[place : place + 1] for head in self.lengths})) for place in (0, 1))
        return re.compile(f"[{first}](?=[{second}])")

    def exists(self, code: str) -> bool:
        """Whether `code` is a place."""
        return code in self.names

    def full_name(self, code: str) -> str:
        """The name with what contains it: 甘肃省天水市甘谷县."""
        return "".join(dict.fromkeys(self.names[place] for place in reversed(containing(code)) if place in self.names))

    def counties(self, code: str) -> Sequence[str]:
        """The counties of the city `code`, of a city that is a province by itself too; of anything else none."""
        if code.endswith("0000"):
            cities = [place for place in self._within(code) if place.endswith("00")]
            return self.counties(cities[0]) if len(cities) == 1 else ()
        return self._within(code) if code.endswith("00") else ()

    def has_parts(self, code: str) -> bool:
        """Whether there are places within `code`."""
        return code in self._parts

    def _within(self, code: str) -> Sequence[str]:
        return self._parts.get(code, ())

    @functools.cached_property
    def _parts(self) -> Mapping[str, Sequence[str]]:
        """The places within each place, in the order of their names' table."""
        parts: dict[str, list[str]] = {}
        for place in self.names:
            for outer in containing(place)[1:]:
                parts.setdefault(outer, []).append(place)
        return parts

    def mentions(self, text: str) -> Iterator[Mention]:
        """Every place named in `text`, left to right, the longest name at each point."""
        end = 0
        for head in self._heads.finditer(text):
            start = head.start()
            for length in self.lengths.get(text[start : start + 2], ()):
                name = text[start : start + length]
                if start >= end and len(name) == length and name in self.codes:
                    end = start + length
                    yield Mention(name, start, end, self.codes[name])
                    break

    def chosen(self, mentions: Sequence[Mention], near: str | None = None) -> tuple[str, ...]:
        """The places that `mentions` mean, the most particular only ("甘肃天水" is Tianshui).

        A name that several places share is the one that contains or lies in `near` or in another named place, or lies
        in the same province as `near`; failing that it counts as not named.
        """
        certain = [mention.codes[0] for mention in mentions if _one_place(mention.codes)]
        chosen = list(certain)
        for mention in mentions:
            if not _one_place(mention.codes):
                chosen += _nearest(mention.codes, [*certain, *([near] if near else [])])
        return tuple(
            dict.fromkeys(
                place for place in chosen if not any(contains(place, other) for other in chosen if other != place)
            )
        )


def containing(code: str) -> tuple[str, ...]:
    """`code` and the places that contain it, smallest first."""
    return tuple(dict.fromkeys((code, f"{code[:4]}00", f"{code[:2]}0000")))


def contains(outer: str, inner: str) -> bool:
    """Whether `inner` is `outer` or lies in it."""
    return outer in containing(inner)


def build_gazetteer(names: Mapping[str, str], everyday: EverydayNames) -> Gazetteer:
    """Names and short forms indexed; of a county and a province of one short form the larger goes first."""
    ordinary = set(everyday.ordinary_words)
    codes: dict[str, list[str]] = {}
    for code in sorted(names, key=_size):
        short = short_name(names[code])
        usable = len(short) > 1 and not (short in ordinary and not code.endswith("00"))
        for name in {names[code], *([short] if usable else []), *everyday.aliases.get(code, ())}:
            codes.setdefault(name, []).append(code)
    lengths: dict[str, set[int]] = {}
    for name in codes:
        lengths.setdefault(name[:2], set()).add(len(name))
    return Gazetteer(
        names=names,
        codes={name: tuple(places) for name, places in codes.items()},
        lengths={head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()},
    )


def short_name(name: str) -> str:
    """天水市 → 天水, 张家川回族自治县 → 张家川."""
    autonomous = AUTONOMOUS.match(name)
    return autonomous[1] if autonomous else SUFFIX.sub("", name)


def _size(code: str) -> tuple[int, str]:
    return (0 if code.endswith("0000") else 1 if code.endswith("00") else 2), code


def _one_place(codes: tuple[str, ...]) -> bool:
    """Whether the first of `codes` is the only one of its size, or contains the others."""
    return len(codes) == 1 or _size(codes[0])[0] < _size(codes[1])[0]


def _nearest(codes: tuple[str, ...], anchors: list[str]) -> list[str]:
    for related in (lambda a, b: contains(a, b) or contains(b, a), lambda a, b: a[:2] == b[:2]):
        for anchor in anchors:
            near = [code for code in codes if related(anchor, code)]
            if len(near) == 1:
                return near
    return []
