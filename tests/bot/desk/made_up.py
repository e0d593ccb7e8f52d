"""Made-up registrations, as the store would give them."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from bot.desk.models import Lead, LeadEvent
from conversations.registrations import NEEDS, Registration, Status

START = datetime.datetime(2026, 1, 1, 16, 30, tzinfo=datetime.UTC)
SAID = Registration(
    call_name="王秀英",
    phone="13800000000",
    region="620523",
    relation=None,
    disability=("视力", "听力"),
    levels={"视力": 1, "听力": 2},
    area="rural",
    age=42,
    needs=("business", "massage"),
    needs_words="想在镇上开个按摩店",
    contacts=("text", "through_other"),
    contacts_words="发短信，女儿念给我听",
    programmes=("TS-31",),
)
LEAD = Lead(
    receipt="202600010001",
    said=SAID,
    status="verified",
    created="2026-01-01T16:30:00+00:00",
    updated="2026-01-03T02:00:00+00:00",
    channel="chat",
    claimed_by="李四",
    contacted="2026-01-03T02:00:00+00:00",
    due="2026-01-10",
)
EVENTS = (
    LeadEvent(
        receipt=LEAD.receipt, at="2026-01-01T16:30:00+00:00", actor="person", kind="registered", status="registered"
    ),
    LeadEvent(receipt=LEAD.receipt, at="2026-01-02T01:00:00+00:00", actor="李四", kind="claimed"),
    LeadEvent(
        receipt=LEAD.receipt,
        at="2026-01-03T02:00:00+00:00",
        actor="李四",
        kind="status",
        status="verified",
        text="信息属实",
    ),
)


def lead(**changed: Any) -> Lead:
    """A registration; fields of what was said may be changed like its own."""
    said = {key: value for key, value in changed.items() if key in Registration.__struct_fields__}
    rest = {key: value for key, value in changed.items() if key not in said}
    return msgspec.structs.replace(LEAD, said=msgspec.structs.replace(SAID, **said), **rest)


def many(number: int) -> Iterator[tuple[Lead, Sequence[LeadEvent]]]:
    """`number` registrations with two events each, made one at a time."""
    states: tuple[Status, ...] = ("registered", "verified")
    for n in range(number):
        at = (START + datetime.timedelta(minutes=n)).isoformat()
        receipt = f"{20260000_0000 + n}"
        row = lead(receipt=receipt, phone=f"138{n:08}", needs=(NEEDS[n % 7],), created=at, status=states[n % 2])
        first = LeadEvent(receipt=receipt, at=at, actor="person", kind="registered", status="registered")
        yield row, (first, LeadEvent(receipt=receipt, at=at, actor="李四", kind="noted", text=f"第{n}条"))
