"""How characters sound, with the sounds folded that dialects and voice input confuse."""

from collections.abc import Iterable, Mapping

INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))


def fold(syllable: str) -> str:
    """zh/z, ch/c, sh/s, n/l at the beginning and ng/n at the end made one: "zhang" → "zan"."""
    for initial, folded in INITIALS:
        if syllable.startswith(initial):
            syllable = folded + syllable[len(initial) :]
            break
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable


def folded_sounds(characters: Iterable[str]) -> Mapping[str, str]:
    """The folded sound of each of `characters` (its most usual reading)."""
    from pypinyin import Style, pinyin

    return {char: fold(pinyin(char, style=Style.NORMAL)[0][0]) for char in sorted(set(characters))}


def common_characters() -> Iterable[str]:
    """The characters of GB 2312: all that simplified text usually has."""
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
