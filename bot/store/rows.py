"""A registration as a row: what is counted and filtered stands in columns, the rest is sealed."""

import datetime
import unicodedata
from collections.abc import Sequence

import msgspec

from bot.desk.models import Lead
from bot.settings import CHINA
from bot.store.base import Row
from bot.store.sealing import Hasher, Keyring
from conversations.registrations import Registration
from knowledge.places.gazetteer import containing

COLUMNS = (
    "region, province, city, county, area, age_band, level, categories, needs, programmes, "
    "phone_hash, name_hash, sealed"
)
PLACES = COLUMNS.count(",") + 1


class Rows:
    """Turns registrations into rows and back."""

    def __init__(self, keys: Keyring, hasher: Hasher) -> None:
        self._keys = keys
        self._hasher = hasher

    def values(self, said: Registration) -> Sequence[object]:
        """The values of COLUMNS."""
        return (
            said.region,
            *place_columns(said.region),
            said.area,
            said.age_band,
            min(said.levels.values(), default=None),
            joined(said.disability),
            joined(said.needs),
            joined(said.programmes),
            self.phone_hash(said.phone),
            self.name_hash(said.call_name),
            self._keys.seal(msgspec.json.encode(said)),
        )

    def phone_hash(self, phone: str) -> str:
        """By which a phone number is found."""
        return self._hasher.hash("phone", phone)

    def name_hash(self, name: str) -> str:
        """By which a name is found, whatever its width and the spaces around it."""
        return self._hasher.hash("name", unicodedata.normalize("NFKC", name).strip())

    def said(self, row: Row) -> Registration:
        """What a row's sender said, in the region that the row has now."""
        said = msgspec.json.decode(self._keys.unseal(row["sealed"]), type=Registration)
        return msgspec.structs.replace(said, region=row["region"])

    def lead(self, row: Row) -> Lead:
        """The whole row as the desk has it."""
        fields = {name: row[name] for name in Lead.__struct_fields__ if name != "said"}
        return Lead(said=self.said(row), **fields)


def place_columns(region: str) -> tuple[str, str | None, str | None]:
    """Province, city and county of a GB/T 2260 code, None for what it does not go down to."""
    *_, province = containing(region)
    return (
        province,
        f"{region[:4]}00" if region[2:4] != "00" else None,
        region if region[4:] != "00" else None,
    )


def utc(at: datetime.datetime) -> str:
    """A time as it is stored: in text order, whatever zone it was told in."""
    return at.astimezone(datetime.UTC).isoformat(timespec="milliseconds")


def day(stored: str) -> str:
    """The day in China of a time as it is stored."""
    return datetime.datetime.fromisoformat(stored).astimezone(CHINA).date().isoformat()


def joined(values: Sequence[str]) -> str:
    """Several values in one column, each between commas, so that one is found with its own."""
    return f",{','.join(values)}," if values else ""
