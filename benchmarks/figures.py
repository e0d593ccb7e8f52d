"""A measured figure, alone or beside a peer's; as a line for people and as JSON for programs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

NO_PEER = "-"
LESS = ("ms", "us/question", "MiB", "bytes", "questions", "times")
"""Units of which less is better."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `name`, `unit` and `peer` have no white space, so that a line splits into its five parts."""

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """`value` in units of the peer's; none without a peer, or beside a peer's zero."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def less_is_better(self) -> bool:
        """Whether a smaller value is the better one."""
        return self.unit in LESS

    @property
    def line(self) -> str:
        """`name value unit peer ratio`; "-" where there is no peer or no ratio."""
        ratio = NO_PEER if self.ratio is None else f"{self.ratio:.3g}"
        return f"{self.name} {self.value:.4g} {self.unit} {self.peer or NO_PEER} {ratio}"

    def as_json(self) -> dict[str, Any]:
        """The fields with the ratio."""
        return {**msgspec.structs.asdict(self), "ratio": self.ratio}


def write_figures(figures: Iterable[Figure], file: Path) -> None:
    """Write `figures` as a JSON list; the folder is made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode([figure.as_json() for figure in figures])) + b"\n")
