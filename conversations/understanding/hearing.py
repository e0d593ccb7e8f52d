"""What a person typed as plain text: one script, standard words, slips of sound mended, a clause a line."""

import re
from collections.abc import Mapping

from conversations.understanding.models import Homophones
from conversations.understanding.patterns import Patterns
from knowledge.normalise import normalise

LONGEST = 1000
"""Characters that are read for commands, intents and facts."""
QUESTION_MARK = "?"
BREAK = re.compile(
    r"(?<![0-9])[.\-/]|[.\-/](?![0-9])|[^\w\s.\-/?]|(?<=[^\W0-9])\s+(?=[^\W0-9])|(?<=[0-9])\s+(?=[0-9])|(?<=[0-9]{5})\s+(?=[^\W0-9])|_"
)
SPACES = re.compile(r"[ \t]+")
LINES = re.compile(r"\n+")
REPEATED = re.compile(r"([^\W\d]{2,4}?)\1+")
"""Said again and again ("没有没有没有")."""


class Hearing:
    """Makes plain text of what people type."""

    def __init__(
        self, spoken: Mapping[str, str], sounds: Mapping[str, str], homophones: Homophones, patterns: Patterns
    ) -> None:
        self._spoken = spoken
        self._spoken_forms = re.compile("|".join(map(re.escape, sorted(spoken, key=len, reverse=True))) or r"(?!)")
        self._sounds = sounds
        self._ordinary = frozenset(homophones.ordinary)
        self._by_sound: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for entry in homophones.words:
            after = patterns.compile(entry.after)
            self._by_sound.setdefault(self.sound(entry.word[:2]), []).append((entry.word[:2], after))

    def plain(self, text: str) -> str:
        """`text` as clauses, one a line; a question mark stays at its clause's end."""
        text = normalise(text[:LONGEST])
        text = self._spoken_forms.sub(lambda match: self._spoken[match[0]], text)
        text = SPACES.sub("", BREAK.sub("\n", text))
        text = LINES.sub("\n", text.replace(QUESTION_MARK, QUESTION_MARK + "\n")).strip("\n")
        repeated = REPEATED.fullmatch(text)
        return self._mended(repeated[1] if repeated else text)

    def sound(self, text: str) -> str:
        """How `text` sounds, folded; what has no sound stands for itself."""
        return " ".join(self._sounds.get(char, char) for char in text)

    def _mended(self, text: str) -> str:
        """`text` with the words in it that only sound like a word we know."""
        sounds = [self._sounds.get(char, char) for char in text]
        for i in range(len(text) - 1):
            for word, after in self._by_sound.get(f"{sounds[i]} {sounds[i + 1]}", ()):
                typed = text[i : i + 2]
                if typed != word and typed not in self._ordinary and self._fits(text, i, after):
                    text = text[:i] + word + text[i + 2 :]
                    break
        return text

    def _fits(self, text: str, start: int, after: re.Pattern[str]) -> bool:
        alone = text[start - 1 : start] in ("", "\n") and text[start + 2 : start + 3] in ("", "\n")
        return alone or bool(after.match(text, start + 2))
