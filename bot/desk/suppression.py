"""Small numbers are hidden from what leaves the desk: in a small place they say who has which disability.

Categories and levels of disability are sensitive (PIPL, article 28), and a need or a programme may tell them (blind
massage). A number from 1 to 4 is shown as "少于5", in the tables of these and in that of categories by place. Where
just one number of a line is hidden, whoever knows the line's sum could work it out; so the smallest other number of
that line is hidden too.
"""

from collections.abc import Mapping, Sequence

import msgspec

from bot.desk.names import Names
from bot.desk.statistics import Count, PlaceCounts, Statistics

LEAST_SHOWN = 5
SENSITIVE = ("category", "level", "need", "programme")

Hidden = set[tuple[int, int]]


def published(statistics: Statistics, names: Names) -> Statistics:
    """`statistics` with its small sensitive numbers hidden."""
    tables: Mapping[str, tuple[Count, ...]] = {
        key: _hide([counts], names)[0] if key in SENSITIVE else counts for key, counts in statistics.tables.items()
    }
    rows = _hide([row.counts for row in statistics.category_by_place], names)
    crossing = tuple(
        PlaceCounts(row.key, row.name, counts) for row, counts in zip(statistics.category_by_place, rows, strict=True)
    )
    return msgspec.structs.replace(statistics, tables=tables, category_by_place=crossing)


def _hide(rows: Sequence[Sequence[Count]], names: Names) -> list[tuple[Count, ...]]:
    """The rows of one table with what must be hidden."""
    numbers = [[count.count or 0 for count in row] for row in rows]
    few = {(r, c) for r, row in enumerate(numbers) for c, number in enumerate(row) if 0 < number < LEAST_SHOWN}
    hidden = _with_partners(few, numbers)
    return [
        tuple(
            Count(count.key, count.name, None, names.terms.few if (r, c) in few else names.terms.other)
            if (r, c) in hidden
            else count
            for c, count in enumerate(row)
        )
        for r, row in enumerate(rows)
    ]


def _with_partners(few: Hidden, numbers: Sequence[Sequence[int]]) -> Hidden:
    """`few` and what must be hidden with it: no row or column with just one that is hidden."""
    hidden = set(few)
    rows = [[(r, c) for c in range(len(row))] for r, row in enumerate(numbers)]
    columns = [list(column) for column in zip(*rows, strict=True)] if len(rows) > 1 else []
    changed = True
    while changed:
        changed = False
        for line in (*rows, *columns):
            shown = [cell for cell in line if cell not in hidden]
            if len(line) - len(shown) == 1 and shown:
                hidden.add(
                    min(shown, key=lambda cell: (numbers[cell[0]][cell[1]] == 0, numbers[cell[0]][cell[1]], cell))
                )
                changed = True
    return hidden
