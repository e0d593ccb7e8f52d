import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import telegram
from benchmarks.telegram import Public, measure
from bot.channels.telegram.sending import CHANNEL
from conversations.materials import Materials

TEXTS = ["菜单", "补贴 资格", "天水"]


def test_each_update_is_a_turn_that_is_stored_and_sent(materials: Materials, tmp_path: Path) -> None:
    with Public(materials, tmp_path) as ours:
        ours.converse_all([TEXTS] * 3)
        waited = ours.at_once(TEXTS, 2)
        kept = ours._runner.run(
            ours._talk.run(
                lambda service: [
                    service.store.turns.session(service.store.sender(CHANNEL, str(number))).version
                    for number in range(1, 7)
                ]
            )
        )
        assert kept == [3, 3, 3, 3, 3, 0]
        assert len(ours.session.sent) >= 9 and len(waited) == 6 and all(seconds > 0 for seconds in waited)


def test_the_figures_stand_beside_the_echo(
    materials: Materials, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(telegram, "load_texts", lambda: TEXTS)
    monkeypatch.setattr(telegram, "build_materials", lambda _: materials)
    monkeypatch.setattr(telegram, "BUILD", tmp_path / "build")
    monkeypatch.setattr(telegram, "fastest", lambda runs, rounds: {name: run() or 0.5 for name, run in runs.items()})
    monkeypatch.setattr(telegram, "memory_at_rest", lambda name: 3.0)
    updates, p99, memory = measure(smoke=True)
    assert updates.value == updates.peer_value == 2 * telegram.SMOKE_CONVERSATIONS * len(TEXTS)
    assert updates.peer == memory.peer == "aiogram-echo" and memory.ratio == 1
    assert p99.value > 0 and p99.unit == "ms"


def test_aiogram_is_imported_only_when_the_part_runs() -> None:
    code = "import sys, benchmarks.telegram; sys.exit('aiogram' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
