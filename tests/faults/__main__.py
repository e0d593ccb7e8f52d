"""`make load`: people talk with several processes while things go wrong; what they were told is checked afterwards.

Prints a report as JSON and ends with 1 if anything was found. The same seed makes the same people, messages and faults.
"""

import asyncio
import secrets
import signal
import sys
import tempfile
from pathlib import Path

import click
import msgspec

from benchmarks.workload import CACHE
from tests.faults.run import Options, run
from tests.faults.scripts import LONGEST


@click.command()
@click.option("--seed", type=int, default=None, help="What a run before printed, to have it again; default: a new one.")
@click.option("--seconds", type=float, default=790.0, show_default=True, help="How long people come.")
@click.option("--rate", type=float, default=130.0, show_default=True, help="Messages a second, in the mean.")
@click.option("--pause", type=float, default=3.0, show_default=True, help="Seconds between somebody's messages.")
@click.option("--longest", type=int, default=LONGEST, show_default=True, help="Messages that somebody has at most.")
@click.option("--faults", type=int, default=63, show_default=True, help="How many things go wrong.")
@click.option("--processes", type=int, default=2, show_default=True, help="Of `zhuye serve`.")
@click.option("--sqlite", is_flag=True, help="One process with SQLite, instead of several with PostgreSQL.")
@click.option("--report", type=click.Path(path_type=Path), help="A file to write the report to, too.")
def main(
    seed: int | None,
    seconds: float,
    rate: float,
    pause: float,
    longest: int,
    faults: int,
    processes: int,
    sqlite: bool,
    report: Path | None,
) -> None:
    """Load and faults."""
    options = Options(
        seed=secrets.randbits(32) if seed is None else seed,
        seconds=seconds,
        rate=rate,
        pause=pause,
        longest=longest,
        faults=faults,
        processes=1 if sqlite else processes,
        sqlite=sqlite,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its processes end with it
    folder = Path(tempfile.mkdtemp(prefix="zhuye-load-"))
    print(f"seed {options.seed}; logs and stories: {folder}", file=sys.stderr)
    done = asyncio.run(run(options, folder, CACHE))
    text = msgspec.json.format(msgspec.json.encode(done), indent=2).decode()
    print(text)
    for file in (folder / "report.json", *([report] if report else [])):
        file.write_text(text + "\n", "utf-8")
    sys.exit(1 if done.findings else 0)


if __name__ == "__main__":
    main()
