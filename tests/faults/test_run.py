"""A short run, with some faults of each kind: nobody is told anything that is not so."""

import asyncio
import json
import os
import shutil
import signal
from pathlib import Path

import msgspec
import pytest

from knowledge.search import Knowledge
from tests.faults.plan import KINDS, WITHOUT_DATABASE
from tests.faults.run import Options, run
from tests.faults.services import Service


@pytest.mark.parametrize("sqlite", [False, True], ids=["postgres", "sqlite"])
async def test_nothing_is_lost_doubled_or_mixed_while_things_go_wrong(
    tmp_path: Path, cache: Path, knowledge: Knowledge, sqlite: bool
) -> None:
    kinds = [kind for kind in (WITHOUT_DATABASE if sqlite else KINDS) if kind != "disk_full" or os.geteuid() == 0]
    each, processes = (1, 1) if sqlite else (2, 2)
    options = Options(
        seed=7,
        seconds=12,
        rate=25,
        pause=0.4,
        longest=20,
        faults=each * len(kinds),
        processes=processes,
        sqlite=sqlite,
    )
    report = await run(options, tmp_path, cache)
    assert report.findings == 0, (report.by_kind, report.first_findings)
    assert report.answered == report.messages >= 300 and not report.sent_away
    assert report.faults == dict.fromkeys(sorted(kinds), each)
    assert report.kills and report.tries > report.messages, "it was felt"
    assert report.registrations and report.verdicts > 100, "there was something to compare"
    assert json.loads(msgspec.json.encode(report))["all_ms"]["p99"] > 0


async def test_a_process_that_ends_by_itself_is_told(tmp_path: Path, cache: Path, knowledge: Knowledge) -> None:
    shutil.copytree(cache, tmp_path / "data" / "cache")
    service = Service(0, tmp_path, {"ZHUYE_DATA_DIR": str(tmp_path / "data")})
    await service.ready()
    assert service._process
    os.kill(service._process.pid, signal.SIGTERM)
    async with asyncio.timeout(60):
        while service.starts < 2:
            await asyncio.sleep(0.01)
    await service.stop()
    (crash,) = service.crashes
    assert crash.startswith("ended by itself with 0") and "Shutting down" in crash
