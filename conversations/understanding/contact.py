"""What somebody is called, and a telephone number, however they write it."""

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

import msgspec

from conversations.packaged import load_data
from conversations.understanding.files import load_files
from conversations.understanding.patterns import Patterns
from knowledge.normalise import INVISIBLE

MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})")
LANDLINE = re.compile(r"0(?:10|2\d)\d{8}|0[3-9]\d{2}\d{7,8}")
"""An area code and a number: 010 and 02x with eight digits, all others with seven or eight."""
ABROAD = re.compile(r"^(?:\+|00)86(?=[1-9])")
ASCII_DIGITS = re.compile(r"[0-9][^\u3007-\u9fff]*[0-9]")
LONGEST_NAME = 20
REFUSAL = 2
"""Characters before the word for a telephone in which a refusal stands ("do not call")."""
HAN = "[\u3400-\u9fff]"
SPACE = re.compile(rf"(?<={HAN})\s+(?={HAN}{{2}}|\d)|(?<=\d)\s+(?={HAN})")
Problem = Literal["empty", "long", "digits", "link", "markup"]


class ContactWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """contact.yaml."""

    name: str
    answer: str
    after: str
    no_name: str
    breaks: str
    unwanted: str
    phone_label: str
    separators: str
    surnames: str
    link: str
    markup: str


class Contacts:
    """Reads names and telephone numbers."""

    def __init__(self, words: ContactWords, patterns: Patterns, digits: dict[str, int]) -> None:
        self._digits = {ord(char): str(digit) for char, digit in digits.items()}
        self._name = patterns.compile(words.name)
        self._answer = patterns.compile(words.answer)
        self._no_name = patterns.compile(words.no_name)
        self._after = re.compile(words.after)
        self._breaks = re.compile(words.breaks)
        self._run = re.compile(rf"\(?\+?\d(?:{words.separators}{{0,3}}\d)+")
        self._between = re.compile(words.separators)
        self._parts = re.compile("[,、。:~]")
        self._label = re.compile(words.phone_label)
        self._unwanted = re.compile(words.unwanted)
        self.surnames = frozenset(words.surnames)
        self._link = re.compile(words.link, re.IGNORECASE)
        self._markup = re.compile(words.markup)

    def phone(self, text: str) -> str | None:
        """The telephone number in `text`, digits only; None where there is none, or more than one."""
        found = {number for run in self._runs(text) if (number := self._number(run))}
        return found.pop() if len(found) == 1 else None

    def withheld(self, clause: str) -> bool:
        """Whether a clause says that no name is told."""
        return bool(self._no_name.search(clause))

    def unwanted(self, clause: str) -> bool:
        """Whether a clause says what is not wanted."""
        return bool(self._unwanted.search(clause))

    def digits(self, text: str) -> int:
        """How many digits the longest number in `text` has; 0 where it has none."""
        return max((sum(char.isdecimal() for char in run) for run in self._runs(text)), default=0)

    def without_phone(self, text: str) -> str:
        """`text` without its telephone number and the words that announce it; not to be called is no announcement."""
        text = _plain(text)
        number = self.phone(text)
        if number is None:
            return text
        for match in self._run.finditer(text.translate(self._digits)):
            if any(self._number(part) == number for part in self._split(match[0])):
                text = text[: match.start()] + "," + text[match.end() :]
                break
            alone = ASCII_DIGITS.search(text, match.start(), match.end())
            if alone and self._number(self._between.sub("", alone[0])) == number:
                text = text[: alone.start()] + "," + text[alone.end() :]
                break
        return self._label.sub(lambda label: label[0] if self._refused(text, label.start()) else ",", text)

    def _refused(self, text: str, at: int) -> bool:
        """Whether what stands just before `at` refuses what follows."""
        return bool(self._unwanted.search(text[max(0, at - REFUSAL) : at]))

    def names_phone(self, text: str) -> bool:
        """Whether `text` speaks of a telephone ("没有电话")."""
        return bool(self._label.search(text))

    def clauses(self, text: str) -> list[str]:
        """The clauses of `text`, as they were written but for width and characters that nobody sees."""
        return [clause for part in self._breaks.split(_plain(text)) if (clause := " ".join(part.split()))]

    def name(self, text: str) -> str | None:
        """The name that `text` surely tells ("我叫小王"); None where it tells none, or none that is usable."""
        for clause in self.clauses(self.without_phone(text)):
            for part in (*self.parts(clause), clause):
                name = self._told(self._name, part)
                if name and not self.problem(name):
                    return name
        return None

    def parts(self, clause: str) -> list[str]:
        """What spaces part in a clause; a single character is no part ("小 王")."""
        return SPACE.split(clause)

    def name_answered(self, clause: str) -> str:
        """What a clause says when a name was asked for: the name without the words around it."""
        return self._told(self._name, clause) or self._told(self._answer, clause) or self._after.sub("", clause).strip()

    def problem(self, name: str) -> Problem | None:
        """What is wrong with a name, or None."""
        if not any(char.isalnum() for char in name):
            return "empty"
        if self._link.search(name):
            return "link"
        if self._markup.search(name):
            return "markup"
        if not any(char.isalpha() for char in name):
            return "digits"
        return "long" if len(name) > LONGEST_NAME else None

    def _told(self, pattern: re.Pattern[str], clause: str) -> str | None:
        match = pattern.search(clause)
        told = next((group for group in match.groups() if group), "") if match else ""
        return self._after.sub("", told).strip() or None

    def _runs(self, text: str) -> Iterator[str]:
        plain = _plain(text)
        for match in self._run.finditer(plain.translate(self._digits)):
            parts = self._split(match[0])
            if not any(map(self._number, parts)):
                # A number beside a word that only begins like one ("13812345678 四川").
                alone = [
                    self._between.sub("", part) for part in ASCII_DIGITS.findall(plain[match.start() : match.end()])
                ]
                parts = [part for part in alone if self._number(part)] or parts
            yield from parts

    def _split(self, run: str) -> list[str]:
        """A run of digits as one number, or where it is none, as those that commas part."""
        whole = self._between.sub("", run)
        return [whole] if self._number(whole) else [self._between.sub("", part) for part in self._parts.split(run)]

    def _number(self, run: str) -> str | None:
        mobile = MOBILE.fullmatch(run)
        if mobile:
            return mobile[1]
        at_home = ABROAD.sub("0", run)
        return at_home if LANDLINE.fullmatch(at_home) else None


def _plain(text: str) -> str:
    return INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


@functools.cache
def load_contacts() -> Contacts:
    """The reader with the packaged words.

    Raises:
        BadKnowledge: contact.yaml does not have its form.

    """
    words = load_files().words
    return Contacts(load_data("understanding/contact.yaml", ContactWords), Patterns(words), dict(words.digits))


def spaced(phone: str) -> str:
    """A number in groups, as it is read aloud: 138 1234 5678, 0938 8213 456."""
    if phone.startswith("0"):
        area = 3 if phone[1] in "12" else 4
        head, rest = phone[:area], phone[area:]
    else:
        head, rest = phone[:3], phone[3:]
    return f"{head} {rest[:-4]} {rest[-4:]}"


def spaced_receipt(receipt: str) -> str:
    """A receipt number in threes, as it is read aloud: 123 456 789."""
    return " ".join(receipt[start : start + 3] for start in range(0, len(receipt), 3))
