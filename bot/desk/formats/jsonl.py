"""JSON lines for programs: one object a registration, with its events. Codes and texts as they are kept."""

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bot.desk.columns import Layout
from bot.desk.models import Lead, LeadEvent
from bot.settings import CHINA

TIMES = ("created", "updated", "contacted", "at")


def write(rows: Iterable[tuple[Lead, Sequence[LeadEvent]]], file: Path, layout: Layout) -> None:
    """Write `rows` to `file`; times are ISO 8601 in China's zone, `region_name` is the place of `said.region`."""
    encoder = msgspec.json.Encoder()
    with file.open("wb") as stream:
        for lead, events in rows:
            row = {
                **_plain(lead),
                "region_name": layout.names.place(lead.said.region),
                "events": [_plain(event) for event in events],
            }
            stream.write(encoder.encode(row) + b"\n")


def _plain(value: Lead | LeadEvent) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return {key: _china(item) if key in TIMES and item else item for key, item in plain.items()}


def _china(at: str) -> str:
    return datetime.datetime.fromisoformat(at).astimezone(CHINA).isoformat(timespec="seconds")
