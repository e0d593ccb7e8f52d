"""Words of a Chinese text. The only place that imports jieba.

jieba's own dictionary (350,000 words) takes most of a second to load and writes a cache of it under a world-writable
name in the temporary folder. The index needs few of those words, so a small dictionary is drawn from it once, kept
with the index, and handed to jieba ready-made: no cache file, and nothing to load.
"""

import logging
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

OWN_WORD_FREQUENCY = 20_000
"""So frequent that jieba keeps a policy term or everyday word of ours in one piece."""
NAME_FREQUENCY = 3
"""So rare that a place's name that jieba does not know never breaks the words around it."""
LONGEST = 8
"""The longest word taken from jieba's dictionary, in characters."""
COMMON = 1_000
"""Words this frequent in jieba's dictionary are kept even if no text has them: they bound the words beside them."""

STRETCH = re.compile(r"([\u4E00-\u9FD5a-zA-Z0-9+#&._%\-]+)")
"""What jieba cuts into words; anything else is single characters, a Windows line end among them (`LOOSE`)."""
LOOSE = re.compile(r"\r\n|.", re.DOTALL)
LATIN = re.compile(r"[a-zA-Z0-9]")

Cut = Callable[[str], list[str]]


def jieba_dictionary(texts: Iterable[str], own_words: Iterable[str], names: Iterable[str]) -> Mapping[str, int]:
    """Word frequencies for `segmenter`: jieba's words that occur in `texts`, its common ones, `own_words`, `names`."""
    import jieba

    present = {text[i : i + n] for text in texts for n in range(1, LONGEST + 1) for i in range(len(text) - n + 1)}
    words = {word: OWN_WORD_FREQUENCY for word in own_words if len(word) > 1}
    with jieba.get_dict_file() as lines:
        for line in lines:
            word, frequency, _ = line.decode("utf-8").split(" ")
            if word not in words and (word in present or (int(frequency) >= COMMON and len(word) > 1)):
                words[word] = int(frequency)
    words = {**dict.fromkeys(names, NAME_FREQUENCY), **words}
    # What is looked up most lies together in memory.
    return dict(sorted(words.items(), key=lambda item: -item[1]))


def segmenter(words: Mapping[str, int]) -> Cut:
    """The function of jieba that cuts a text into words of `words`, and what is left into single characters."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    frequencies = dict(words)
    for word in words:
        for end in range(1, len(word)):
            frequencies.setdefault(word[:end], 0)
    tokenizer.FREQ = frequencies
    tokenizer.total = sum(words.values())
    tokenizer.initialized = True

    def cut(text: str) -> list[str]:
        return [str(word) for word in tokenizer.cut(text, HMM=False)]

    return cut


def quick_segmenter(words: Mapping[str, int]) -> Cut:
    """A function that cuts as that of `segmenter` does, in a third of the time and without jieba: for questions.

    Of all ways to cut a text it takes the one whose words are the most frequent together.
    """
    weighed = _weighed(words)

    def cut(text: str) -> list[str]:
        pieces: list[str] = []
        for number, part in enumerate(STRETCH.split(text)):
            if number % 2:
                pieces += _words_at(part, _word_ends(part, weighed))
            elif part:
                pieces += LOOSE.findall(part)
        return pieces

    return cut


class _Weighed(NamedTuple):
    """Words with their log probabilities; characters also apart, since they are asked for most.

    `lengths` are how long the words are that begin with two characters; `unknown` is for a character that is no word.
    """

    words: Mapping[str, float]
    characters: Mapping[str, float]
    lengths: Mapping[str, tuple[int, ...]]
    unknown: float


def _weighed(words: Mapping[str, int]) -> _Weighed:
    total = math.log(sum(words.values()))
    logs = {word: math.log(frequency) - total for word, frequency in words.items() if frequency}
    found: dict[str, set[int]] = {}
    for word in logs:
        if len(word) > 1:
            found.setdefault(word[:2], set()).add(len(word))
    lengths = {head: tuple(sorted(of_head)) for head, of_head in found.items()}
    return _Weighed(logs, {word: log for word, log in logs.items() if len(word) == 1}, lengths, -total)


def _word_ends(text: str, weighed: _Weighed) -> list[int]:
    """For each character of `text`, where the word ends that begins there in the likeliest cut of the rest.

    A character that is no word is only cut off where no longer word begins. Of equals the longest word wins, and sums
    are made in jieba's order: both so that the result is the same.
    """
    log_of, unknown, size = weighed.words.get, weighed.unknown, len(text)
    best, ends = [0.0] * (size + 1), list(range(1, size + 1))
    alone = list(map(weighed.characters.get, text))
    longer = [*map(weighed.lengths.get, map(operator.add, text, text[1:])), None]
    following = 0.0
    for start in range(size - 1, -1, -1):
        most, of_longer = alone[start], longer[start]
        if of_longer is None:
            best[start] = following = (unknown if most is None else most) + following
            continue
        if most is not None:
            most += following
        for length in of_longer:
            end = start + length
            log = log_of(text[start:end])
            if log is not None and end <= size:
                log += best[end]
                if most is None or log >= most:
                    most, ends[start] = log, end
        best[start] = following = unknown + following if most is None else most
    return ends


def _words_at(text: str, ends: list[int]) -> list[str]:
    """The words of `text`; Latin letters and digits that are left single are joined."""
    words = []
    start = 0
    while start < len(text):
        words.append(text[start : ends[start]])
        start = ends[start]
    return _joined(words) if LATIN.search(text) else words


def _joined(words: list[str]) -> list[str]:
    joined: list[str] = []
    in_latin = False
    for word in words:
        is_latin = len(word) == 1 and LATIN.match(word) is not None
        if is_latin and in_latin:
            joined[-1] += word
        else:
            joined.append(word)
        in_latin = is_latin
    return joined
