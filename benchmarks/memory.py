"""The peak memory of one contender, measured in a process of its own: `python -m benchmarks.memory NAME WORKLOAD`."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.workload import ROOT, Workload, knowledge_in_use

OURS = "zhuye"


def peak_memory(name: str, workload: Workload) -> float:
    """The MiB that a process needs at most which makes `name` ready and asks it every question (Linux only)."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "workload.json"
        file.write_bytes(msgspec.json.encode(workload))
        command = [sys.executable, "-m", "benchmarks.memory", name, str(file)]
        ran = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return float(ran.stdout)


def answer_all(name: str, workload: Workload) -> None:
    """Make `name` ready and ask it every question."""
    if name == OURS:
        knowledge = knowledge_in_use()
        for asked in workload.asked:
            knowledge.search(asked.q, asked.region)
        return
    # Here, so that our own process is not charged with the peers' libraries.
    from benchmarks.peers import PEERS

    peer = PEERS[name](workload)
    for asked in workload.asked:
        peer.ask(asked.q, asked.documents)


def high_water_mark() -> float:
    """The peak resident memory of this process in MiB; not `ru_maxrss`, which keeps the parent's across exec."""
    kibibytes = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert kibibytes
    return int(kibibytes[1]) / 1024


if __name__ == "__main__":
    answer_all(sys.argv[1], msgspec.json.decode(Path(sys.argv[2]).read_bytes(), type=Workload))
    print(high_water_mark())
