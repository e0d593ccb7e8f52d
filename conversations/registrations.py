"""A demand registration (就业需求登记) as plain data: what it says, and what its sender has on record."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Status = Literal["registered", "verified", "assessed", "served", "employed", "closed", "withdrawn"]
"""How far it is: the policies' 四个一 in order, then how it may end."""

NEEDS = ("job", "training", "business", "massage", "home_work", "advice", "other")
"""What may be wanted: a job, training, a business of one's own, blind massage, work at home or assisted, advice."""
CONTACTS = ("day_call", "evening_call", "text", "wechat", "voice_message", "through_other")
"""When and how somebody can be reached."""
AGE_BANDS = ((0, 15), (16, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 150))


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody left: the fewest fields with which a caseworker can help.

    `relation` is the helper's to the person, None where they speak for themselves. `phone` has digits only (a mobile
    number, or an area code and number). `region` is a GB/T 2260 code, of a county wherever the person could name it.
    `disability` and `levels` (category to level, 1 the heaviest) may be empty: not said. `needs` are of NEEDS,
    `contacts` of CONTACTS, each with what was said in own words. `programmes` are the ids of those that they could
    apply for, as far as they had found out.
    """

    call_name: str
    phone: str
    region: str
    relation: str | None = None
    disability: tuple[str, ...] = ()
    levels: Mapping[str, int] = {}
    area: Literal["urban", "rural"] | None = None
    age: int | None = None
    needs: tuple[str, ...] = ()
    needs_words: str = ""
    contacts: tuple[str, ...] = ()
    contacts_words: str = ""
    programmes: tuple[str, ...] = ()

    @property
    def age_band(self) -> str | None:
        """The age band, as "16-24"."""
        if self.age is None:
            return None
        return next((f"{low}-{high}" for low, high in AGE_BANDS if low <= self.age <= high), None)


class OwnRegistration(msgspec.Struct, frozen=True):
    """A registration as its sender may see it; `at` is the day it was sent (ISO 8601), `changed` of its last step."""

    receipt: str
    status: Status
    at: str
    changed: str
    said: Registration


class HumanSaid(msgspec.Struct, frozen=True):
    """Something said in a conversation with caseworkers, `at` a day (ISO 8601), by the person (`own`) or to them."""

    at: str
    own: bool
    words: str


class Account(msgspec.Struct, frozen=True):
    """What the store holds of the person who speaks.

    `registrations` are newest first; `receipt` is a number that is free for the next one. `reachable`: they can be
    written to unasked where they speak. `offices` are the places whose caseworkers answer there, `handover`: a
    conversation with them is open. `human_said` is what was said in all of them, in order.
    """

    registrations: tuple[OwnRegistration, ...] = ()
    receipt: str = ""
    reachable: bool = False
    offices: tuple[str, ...] = ()
    handover: bool = False
    human_said: tuple[HumanSaid, ...] = ()
