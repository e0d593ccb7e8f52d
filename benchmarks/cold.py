"""How long a first answer takes from a process that has just started, with warm file caches."""

import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from benchmarks.figures import Figure
from benchmarks.memory import OURS
from benchmarks.timing import fastest
from benchmarks.workload import ROOT
from knowledge.corpus.folders import load_yaml

ROUNDS = 15
SMOKE_ROUNDS = 2
PEER = "jieba-first-cut"


class ColdQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked."""

    question: str


def measure(smoke: bool) -> Iterator[Figure]:
    """The wall time of `zhuye ask`, beside that of jieba's first cut of the same words."""
    question = load_yaml(Path(__file__).parent / "cold.yaml", "cold.yaml", ColdQuestion).question
    commands = {
        OURS: [sys.executable, "-m", "bot", "ask", question],
        PEER: [sys.executable, "-c", f"import jieba; jieba.lcut({question!r})"],
    }
    with tempfile.TemporaryDirectory() as folder:
        # Both keep what they have built in this folder; the first run of each fills it and is not counted.
        environment = {**os.environ, "ZHUYE_DATA_DIR": folder, "TMPDIR": folder}
        for command in commands.values():
            _run(command, environment)
        runs = {name: functools.partial(_run, command, environment) for name, command in commands.items()}
        seconds = fastest(runs, SMOKE_ROUNDS if smoke else ROUNDS)
    ours, theirs = seconds[OURS] * 1000, seconds[PEER] * 1000
    yield Figure(name="cold_answer", value=ours, unit="ms", peer=PEER, peer_value=theirs)


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
