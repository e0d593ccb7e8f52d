"""One spelling for what people type: width, script, case, and characters nobody can see."""

import functools
import re
import unicodedata
from typing import Any

INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]")
HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
SPREAD = re.compile(r"(?<!\w)[\u4e00-\u9fff](?: [\u4e00-\u9fff])+(?!\w)")
"""Characters each apart from the next, as some keyboards and screen readers write words."""
NOT_TEXT = {"Cc", "Cf", "Co", "Cn", "Cs"}


def normalise(text: str) -> str:
    """NFKC, simplified characters, lower case; control and bidirectional characters gone, white space single.

    Words whose characters stand apart are joined; numerals that do stay apart, since they may be several choices.
    """
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if not text.isprintable():
        text = "".join(" " if char.isspace() else char for char in text if char.isspace() or not _unseen(char))
    text = " ".join(text.split())
    return simplified(SPREAD.sub(_joined, text) if " " in text else text).lower()


def letters_and_digits(text: str) -> str:
    """`text` reduced to what quotations are compared by: NFKC letters and digits."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())


def simplified(text: str) -> str:
    """Traditional characters as simplified ones; most questions have none, and do not pay for OpenCC."""
    try:
        "".join(HAN_RUN.findall(text)).encode("gb2312")
    except UnicodeEncodeError:
        return str(_converter().convert(text))
    return text


def _joined(spread: re.Match[str]) -> str:
    words = spread[0].split()
    return spread[0] if all(unicodedata.numeric(word, None) is not None for word in words) else "".join(words)


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in NOT_TEXT


@functools.cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")
