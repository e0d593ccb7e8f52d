"""Texts with their entities, whose offsets count UTF-16 units."""

import html
import re
from typing import Any

from tests.botapi.errors import bad

Entity = dict[str, Any]
COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/<>])")
TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z0-9-]*)(?P<rest>[^<>]*)>")
HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
TYPES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "a": "text_link",
}


def units(text: str) -> int:
    """The text's length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def commands(text: str) -> list[Entity]:
    """The commands in what a person writes, which their app marks."""
    return [
        {"type": "bot_command", "offset": units(text[: found.start()]), "length": units(found[0])}
        for found in COMMAND.finditer(text)
    ]


def formatted(text: str, parse_mode: str | None, entities: list[Entity] | None) -> tuple[str, list[Entity]]:
    """The text as it is shown, with its entities; white space around it is lost.

    Raises:
        Refused: The markup is wrong, or in a mode other than HTML, which this server does not read.
    """
    if parse_mode and parse_mode.lower() != "html":
        raise bad(f"this test server reads no parse_mode {parse_mode}")
    shown, found = parse_html(text) if parse_mode else (text, entities or [])
    if any(entity["offset"] < 0 or entity["offset"] + entity["length"] > units(shown) for entity in found):
        raise bad("ENTITY_BOUNDS_INVALID")
    before, after = units(shown) - units(shown.lstrip()), units(shown.strip())
    moved = []
    for entity in found:
        start = max(entity["offset"] - before, 0)
        end = min(entity["offset"] + entity["length"] - before, after)
        if end > start:
            moved.append(entity | {"offset": start, "length": end - start})
    return shown.strip(), moved


def parse_html(text: str) -> tuple[str, list[Entity]]:
    """The text without its tags, and the tags as entities in order of their start."""
    shown, place = "", 0
    opened: list[tuple[str, Entity]] = []
    entities: list[Entity] = []
    while (at := text.find("<", place)) >= 0:
        shown += html.unescape(text[place:at])
        offset = len(text[:at].encode())
        if (tag := TAG.match(text, at)) is None:
            raise bad(f"can't parse entities: Unclosed start tag at byte offset {offset}")
        name = tag["name"].lower()
        if not tag["end"]:
            if name not in TYPES:
                raise bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}')
            opened.append((name, {"type": TYPES[name], "offset": units(shown), **_link(name, tag["rest"])}))
            entities.append(opened[-1][1])
        elif not opened:
            raise bad(f"can't parse entities: Unexpected end tag at byte offset {offset}")
        elif name not in ("", opened[-1][0]):
            expected = opened[-1][0]
            raise bad(
                f"can't parse entities: Unmatched end tag at byte offset {offset}, "
                f'expected "</{expected}>", found "</{name}>"'
            )
        else:
            entity = opened.pop()[1]
            entity["length"] = units(shown) - entity["offset"]
        place = tag.end()
    if opened:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{opened[-1][0]}\"")
    return shown + html.unescape(text[place:]), [entity for entity in entities if entity["length"]]


def _link(name: str, attributes: str) -> dict[str, str]:
    found = HREF.search(attributes) if name == "a" else None
    return {"url": html.unescape(found[1] or found[2] or found[3])} if found else {}
