"""A free sentence, understood: command, intent, facts, choice, and whether it answers what was asked."""

import datetime
import unicodedata
from collections.abc import Mapping, Sequence

from conversations.understanding.answers import LEVEL_OF, Answer, Answers
from conversations.understanding.choices import Choices
from conversations.understanding.dates import Dates
from conversations.understanding.disability import Disabilities, Severity
from conversations.understanding.files import load_files
from conversations.understanding.hearing import Hearing
from conversations.understanding.identity import has_id_number
from conversations.understanding.intents import Intents
from conversations.understanding.models import Facts, Option, Understood
from conversations.understanding.passing import Passing
from conversations.understanding.patterns import Patterns
from conversations.understanding.places import Places
from conversations.understanding.rules import FactRules
from knowledge.places.gazetteer import Gazetteer

SEVERITY_ASKED = ("disability", "levels")
LEVELS = "levels"
BUSINESS = "biz_months"
WHOM = ("applicant", "subject")
NONE_OF: Mapping[str, Facts] = {"disability": {"disabled": False}}
"""What a "no" says where it was asked which one."""


class Understanding:
    """Understands sentences. Built once; immutable in use, and may be shared between threads.

    `spoken` are everyday forms with their standard words; `sounds` the folded sound of each character.
    """

    def __init__(self, gazetteer: Gazetteer, spoken: Mapping[str, str], sounds: Mapping[str, str]) -> None:
        files = load_files()
        patterns = Patterns(files.words)
        self._digits = str.maketrans({char: str(digit) for char, digit in files.words.digits.items()})
        self._hearing = Hearing(spoken, sounds, files.homophones, patterns)
        self._intents = Intents(files.commands, files.intents, patterns)
        self._answers = Answers(files.answers, patterns)
        self._choices = Choices(files.answers.choice, patterns, self._hearing)
        self._rules = FactRules(files.rules, patterns)
        self._set_aside = patterns.compile("|".join((*files.set_aside, "{number_marks}")))
        self._disabilities = Disabilities(files.disability, patterns)
        self._dates = Dates(files.dates, patterns)
        self._passing = Passing(files.passing, patterns)
        self._places = Places(gazetteer, files.places, patterns)

    def understand(
        self,
        text: str,
        *,
        asked: str | None = None,
        options: Sequence[Option] = (),
        many: bool = False,
        settled: bool = False,
        today: datetime.date,
    ) -> Understood:
        """What `text` says on the day `today`.

        `asked` is the fact now asked for ("level:肢体" for one category's level); `options` are the choices now
        offered, of which `many` may be chosen. `settled`: it is known whom the talk is about, and that it is no
        relative; one named in passing then changes nothing, and what is told of them is left out.
        """
        id_number = has_id_number(unicodedata.normalize("NFKC", text), self._digits, today)
        plain = self._hearing.plain(text)
        whole, settled = plain, settled and not self._names_another(plain)
        if settled:
            plain = self._passing.without(plain, lambda clause: self._tells(clause, today))
        answer = self._answers.read(plain)
        choice = self._choices.chosen(plain, options, many=many)
        command = None if choice else self._intents.command(whole)
        facts = {} if command else self._facts(plain, asked, answer, today, settled=settled)
        return Understood(
            command=command,
            intent=None if command else self._intents.intent(whole),
            facts=facts,
            choice=(choice if many else choice[0]) if choice else None,
            correction=answer.correction,
            dont_know=answer.dont_know,
            yes=answer.yes,
            refuses=self._answers.refuses(plain),
            id_number=id_number,
        )

    def _names_another(self, plain: str) -> bool:
        """Whether it is said in so many words that the talk is about a relative."""
        return self._rules.facts(plain, None, settled=True).get("applicant") == "family"

    def _tells(self, plain: str, today: datetime.date) -> bool:
        """Whether a clause about somebody tells a fact of them."""
        return bool(self._facts(plain, None, self._answers.read(plain), today).keys() - WHOM)

    def _facts(
        self, plain: str, asked: str | None, answer: Answer, today: datetime.date, *, settled: bool = False
    ) -> Facts:
        told = self._set_aside.sub(lambda match: "_" * len(match[0]), plain)
        facts = self._rules.facts(told, asked, settled=settled)
        facts |= self._places.read(plain, asked)
        severity = self._disabilities.read(told, asked=asked in SEVERITY_ASKED, level_asked=asked == LEVELS)
        facts |= _severity_facts(severity)
        if severity.categories or severity.levels or severity.bare:
            # Who has a disability is not without one, whatever else of them is well ("智力正常，就是腿瘸").
            facts = {fact: value for fact, value in facts.items() if (fact, value) != ("disabled", False)}
        age = self._dates.age(told, today, of_relative=facts.get("applicant") == "family")
        if age is not None:
            facts["age"] = age
        months = self._dates.biz_months(told, today, asked=asked == BUSINESS)
        if months is not None:
            facts[BUSINESS] = months
        if asked and not (answer.correction and facts):
            # "No, level three" corrects something said before; its "no" is no answer.
            self._add_answer(facts, plain, asked, answer, today)
        return facts

    def _add_answer(self, facts: Facts, plain: str, asked: str, answer: Answer, today: datetime.date) -> None:
        """What `plain` says of the fact asked for, where its sentences did not say it in full already."""
        if asked == "age" and "age" not in facts:
            year = self._answers.year(plain)
            age = self._dates.age_of_year(year, today) if year and (len(year) > 2 or plain != year) else None
            value = self._answers.value(plain, asked, answer) if age is None else age
        else:
            value = self._answers.value(plain, asked, answer)
        if value is None:
            if asked in NONE_OF and answer.yes is False and asked not in facts:
                facts.update(NONE_OF[asked])
            return
        if asked.startswith(LEVEL_OF):
            facts["levels"] = {asked.removeprefix(LEVEL_OF): value}
        else:
            facts.setdefault(asked, value)


def _severity_facts(severity: Severity) -> Facts:
    facts: Facts = {}
    if severity.categories:
        facts["disability"] = list(severity.categories)
    if severity.levels:
        facts["levels"] = dict(severity.levels)
    elif severity.bare is not None:
        facts["levels"] = severity.bare
    return facts
