"""Whether figures are worse than those of an earlier run, by their ratios to the peers of the same run."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from benchmarks.figures import Figure

MUCH = 4.0
"""Times by which a ratio may be worse: the short runs of CI, on a busy machine, differ by up to three."""


def read_figures(file: Path) -> list[Figure]:
    """What `write_figures` wrote.

    Raises:
        OSError: the file cannot be read.
        msgspec.DecodeError: it is no list of figures.

    """
    return msgspec.json.decode(file.read_bytes(), type=list[Figure])


def worse(now: Iterable[Figure], before: Iterable[Figure], much: float = MUCH) -> Iterator[str]:
    """A line for each figure whose ratio is more than `much` times worse than it was beside the same peer."""
    earlier = {(figure.name, figure.peer): figure.ratio for figure in before}
    for figure in now:
        was, ratio = earlier.get((figure.name, figure.peer)), figure.ratio
        if not (was and ratio):
            continue
        times = ratio / was if figure.less_is_better else was / ratio
        if times > much:
            yield f"{figure.name}: {ratio:.3g} of {figure.peer}, was {was:.3g}: {times:.1f} times worse"
