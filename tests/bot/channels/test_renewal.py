"""When changed knowledge is taken up, with the building and the looking put in by the test."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.channels import renewal
from bot.channels.renewal import Renewal
from conversations.materials import Materials
from knowledge.corpus.folders import BadKnowledge

SHORT = 0.005


class Disk:
    """What lies on the disk, as fingerprints; what building it comes to; what was taken up."""

    def __init__(self, materials: Materials) -> None:
        self.now = "first"
        self.program = "program"
        self.built: Sequence[str] | None = []
        self.builds = self.looks = 0
        self.taken_up: list[str] = []
        self.while_building = ""
        self._materials = materials

    def fingerprint(self) -> str:
        self.looks += 1
        return self.now

    async def build(self, _: Renewal) -> Sequence[str] | None:
        self.builds += 1
        if self.while_building:
            self.now, self.while_building = self.while_building, ""
        return self.built

    async def take_up(self, materials: Materials) -> None:
        assert materials is self._materials
        self.taken_up.append(self.now)

    async def looked(self, times: int = 4) -> None:
        """Wait until it was looked at so often again."""
        async with asyncio.timeout(20):
            wanted = self.looks + times
            while self.looks < wanted:
                await asyncio.sleep(0)


@pytest.fixture
async def disk(materials: Materials, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Disk]:
    lying = Disk(materials)
    monkeypatch.setattr(renewal, "fingerprint", lying.fingerprint)
    monkeypatch.setattr(renewal, "_program", lambda: (lying.program, ""))
    monkeypatch.setattr(Renewal, "_built", lambda self: lying.build(self))
    monkeypatch.setattr(Renewal, "_materials", lambda _: materials)
    stop = asyncio.Event()
    running = asyncio.create_task(Renewal(tmp_path, "first", lying.take_up, SHORT).run(stop))
    yield lying
    stop.set()
    await running


async def test_what_has_changed_and_lies_still_is_taken_up_once(disk: Disk) -> None:
    await disk.looked()
    assert disk.builds == 0
    disk.now = "second"
    await disk.looked(8)
    assert disk.taken_up == ["second"] and disk.builds == 1


async def test_what_changes_again_while_it_is_built_waits_for_its_end(disk: Disk) -> None:
    disk.while_building = "third"
    disk.now = "second"
    await disk.looked(12)
    assert disk.taken_up == ["third"] and disk.builds == 2


async def test_what_is_wrong_is_told_once_and_taken_up_when_it_is_right(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    disk.built = ["lexicon/everyday.yaml:3: not YAML", "001/card.yaml: missing"]
    disk.now = "broken"
    await disk.looked(12)
    told = [record.getMessage() for record in caplog.records]
    assert [line.partition(": ")[2] for line in told] == disk.built and not disk.taken_up
    disk.built, disk.now = [], "mended"
    await disk.looked(8)
    assert disk.taken_up == ["mended"]


async def test_what_was_there_before_needs_no_building(disk: Disk) -> None:
    disk.built, disk.now = ["broken"], "broken"
    await disk.looked(8)
    builds, disk.now = disk.builds, "first"
    await disk.looked(8)
    assert disk.builds == builds and not disk.taken_up


async def test_what_the_talk_cannot_be_made_of_is_refused(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Renewal) -> Materials:
        raise BadKnowledge("programmes/001.yaml", 3, "no such fact")

    monkeypatch.setattr(Renewal, "_materials", fail)
    disk.now = "second"
    await disk.looked(12)
    assert "programmes/001.yaml:3: no such fact" in caplog.text and not disk.taken_up


async def test_a_building_that_is_cut_short_is_tried_again(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    disk.built, disk.now = None, "second"
    await disk.looked(12)
    assert disk.builds > 1
    assert "not built to its end" in caplog.text and not disk.taken_up
    disk.built = []
    await disk.looked(8)
    assert disk.taken_up == ["second"]


async def test_another_program_is_not_taken_up(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    disk.program, disk.now = "another program", "second"
    await disk.looked(8)
    assert not disk.builds and not disk.taken_up and caplog.text.count("start it again") == 1
