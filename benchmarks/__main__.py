"""`python -m benchmarks [PART …] [--smoke] [--against FILE]`: measure, print, keep, compare."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks import answers, cold, dialogs, growth, postgres, store, telegram, turns, web
from benchmarks.comparing import read_figures, worse
from benchmarks.figures import Figure, write_figures
from benchmarks.workload import ROOT

PARTS: Mapping[str, Callable[[bool], Iterator[Figure]]] = {
    "answers": answers.measure,
    "growth": growth.measure,
    "cold": cold.measure,
    "dialogs": dialogs.measure,
    "turns": turns.measure,
    "store": store.measure,
    "postgres": postgres.measure,
    "telegram": telegram.measure,
    "web": web.measure,
}
RESULTS = ROOT / "build" / "bench.json"


def main() -> None:
    """Measure the parts asked for, by default all."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="How good, fast and small the answers are."
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one or more of {', '.join(PARTS)}; by default all")
    parser.add_argument("--smoke", action="store_true", help="a few rounds only, in seconds: does it run at all?")
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="an earlier bench.json: end with 1 where a ratio is much worse now"
    )
    arguments = parser.parse_args()
    for part in arguments.parts:
        if part not in PARTS:
            parser.error(f'there is no part "{part}"; the parts are {", ".join(PARTS)}')
    figures = []
    for part in arguments.parts or PARTS:
        for figure in PARTS[part](arguments.smoke):
            print(figure.line, flush=True)
            figures.append(figure)
    write_figures(figures, RESULTS)
    if arguments.against and (lines := list(worse(figures, read_figures(arguments.against)))):
        sys.exit("\n".join(lines))


if __name__ == "__main__":
    main()
