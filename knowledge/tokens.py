"""Words of a Chinese text. The only place that imports jieba.

jieba's own dictionary (350,000 words) takes most of a second to load and writes a cache of it under a world-writable
name in the temporary folder. The index needs few of those words, so a small dictionary is drawn from it once, kept
with the index, and handed to jieba ready-made: no cache file, and nothing to load.
"""

import logging
from collections.abc import Callable, Iterable, Mapping

OWN_WORD_FREQUENCY = 20_000
"""So frequent that jieba keeps a policy term or everyday word of ours in one piece."""
NAME_FREQUENCY = 3
"""So rare that a place's name that jieba does not know never breaks the words around it."""
LONGEST = 8
"""The longest word taken from jieba's dictionary, in characters."""
COMMON = 600
"""Words this frequent in jieba's dictionary are kept even if no text has them: they bound the words beside them."""

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
    return {**dict.fromkeys(names, NAME_FREQUENCY), **words}


def segmenter(words: Mapping[str, int]) -> Cut:
    """A function that cuts a text into words of `words`, and what is left into single characters."""
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
