"""The names that a caseworker reads for the codes of the data: places, programmes, statuses, needs, ages."""

import functools
from collections.abc import Iterable, Mapping

import msgspec

from bot.desk.wording import load_words
from knowledge.places.gazetteer import Gazetteer
from knowledge.programmes.catalogue import load_programmes
from knowledge.programmes.models import Programme
from knowledge.snapshot import load_gazetteer


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Words by code, as terms.yaml has them. `steps` are in the order in which they are taken."""

    status: Mapping[str, str]
    steps: Mapping[str, str]
    categories: Mapping[str, str]
    levels: Mapping[str, str]
    areas: Mapping[str, str]
    age_bands: Mapping[str, str]
    needs: Mapping[str, str]
    contacts: Mapping[str, str]
    relations: Mapping[str, str]
    roles: Mapping[str, str]
    channels: Mapping[str, str]
    changes: Mapping[str, str]
    actors: Mapping[str, str]
    operations: Mapping[str, str]
    separator: str
    leveled: str
    programme: str
    years: str
    not_said: str
    few: str
    other: str


class Names(msgspec.Struct, frozen=True):
    """Terms, places, and the names of the programmes by id. A code without a name is shown as it is."""

    terms: Terms
    gazetteer: Gazetteer
    programmes: dict[str, str]

    def place(self, code: str) -> str:
        """The place with what contains it: 甘肃省天水市甘谷县."""
        return self.gazetteer.full_name(code) or code

    def short_place(self, code: str) -> str:
        """The place's own name: 甘谷县."""
        return self.gazetteer.names.get(code, code)

    def programme(self, code: str) -> str:
        """The programme's name with its id."""
        name = self.programmes.get(code)
        return self.terms.programme.format(name=name, id=code) if name else code

    def levels(self, levels: Mapping[str, int]) -> str:
        """Categories with their levels: 视力残疾一级、听力残疾二级."""
        return self.joined(
            self.terms.leveled.format(
                category=self.terms.categories.get(category, category), level=self.terms.levels.get(str(level), level)
            )
            for category, level in levels.items()
        )

    def years(self, years: tuple[int, int]) -> str:
        """From the first year to the last: 2022—2024年."""
        return self.terms.years.format(first=years[0], last=years[1])

    def actor(self, code: str) -> str:
        """Who did something: the registered person, the operator, or an account by its name."""
        return self.terms.actors.get(code, code)

    def joined(self, words: Iterable[str]) -> str:
        """`words` as one list."""
        return self.terms.separator.join(words)


@functools.cache
def load_names() -> Names:
    """The packaged names.

    Raises:
        BadKnowledge: a file does not have its form.

    """
    programmes = {programme.id: programme.entry.name for programme in load_programmes()}
    return Names(load_words("terms", Terms), load_gazetteer(), programmes)


def take_up(programmes: Iterable[Programme]) -> None:
    """Know these programmes' names too; those that there were before stay known, for what was registered then."""
    load_names().programmes.update({programme.id: programme.entry.name for programme in programmes})
