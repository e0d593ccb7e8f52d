import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import turns
from benchmarks.echo import Aiogram, Telegram, updates
from benchmarks.turns import Stored, converse_bare, load_texts
from bot.service import CHAT
from bot.store.store import open_store
from conversations.materials import Materials
from conversations.session import load_session
from tests.bot.store.madeup import at

TEXTS = ["你好", "开店有补贴吗", "退出"]


def test_updates_are_one_persons_messages_and_none_has_the_id_of_another() -> None:
    first, second = updates(1, TEXTS), updates(2, TEXTS)
    assert [update["message"]["text"] for update in first] == TEXTS
    assert {update["message"]["from"]["id"] for update in first} == {1}
    assert len({update["update_id"] for update in first + second}) == 2 * len(TEXTS)


def test_aiogram_echoes_every_message() -> None:
    with Aiogram() as peer:
        peer.converse(TEXTS)
        peer.converse(TEXTS[:1])
    assert peer.session.sent == [*TEXTS, TEXTS[0]]


def test_telegram_echoes_every_message_and_has_written_it(tmp_path: Path) -> None:
    with Telegram(tmp_path / "echo.pickle") as peer:
        for number, text in enumerate(TEXTS, 1):
            peer.converse([text])
            kept = pickle.loads((tmp_path / "echo.pickle").read_bytes())
            assert kept["user_data"][number] == {"last": text}
            assert kept["conversations"]["echo"] == {(id_, id_): 1 for id_ in range(1, number + 1)}
    assert peer.request.sent == TEXTS


def test_people_who_wrote_before_are_known_to_both_durable_contenders(materials: Materials, tmp_path: Path) -> None:
    store = open_store(at(tmp_path))
    Stored(materials, store).greet(3, TEXTS[0])
    assert store.turns.session(store.sender(CHAT, "benchmark:3")).version == 1
    store.close()
    with Telegram(tmp_path / "echo.pickle") as peer:
        peer.greet(3, TEXTS[0])
        assert set(pickle.loads((tmp_path / "echo.pickle").read_bytes())["user_data"]) == {1, 2, 3}


def test_ours_has_a_turn_kept_for_every_message(materials: Materials, tmp_path: Path) -> None:
    store = open_store(at(tmp_path))
    ours = Stored(materials, store)
    ours.converse(TEXTS)
    ours.converse(TEXTS)
    kept = [store.turns.session(store.sender(CHAT, f"benchmark:{number}")) for number in (1, 2, 3)]
    assert [session.version for session in kept] == [3, 3, 0]
    assert kept[1].data and load_session(kept[1].data) == converse_bare(materials, TEXTS)
    store.close()


def test_the_script_is_a_conversation_with_questions_a_form_and_commands(materials: Materials) -> None:
    session = converse_bare(materials, load_texts())
    assert len(load_texts()) > 10
    assert session.facts["region"] == "620500" and len(session.facts) > 2


def test_each_of_ours_is_set_beside_each_peer(
    materials: Materials, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(turns, "load_texts", lambda: TEXTS)
    monkeypatch.setattr(turns, "build_materials", lambda _: materials)
    monkeypatch.setattr(turns, "BUILD", tmp_path / "build")
    monkeypatch.setattr(turns, "keep_loaded", lambda: None)
    monkeypatch.setattr(turns, "fastest", lambda runs, rounds: {name: run() or 0.5 for name, run in runs.items()})
    figures = list(turns.measure(smoke=True))
    peers = ("aiogram-echo", "python-telegram-bot-pickle")
    assert [(figure.name, figure.peer) for figure in figures] == [
        (ours, peer) for ours in ("turns_engine", "turns_stored") for peer in peers
    ]
    turns_done = turns.SMOKE_CONVERSATIONS * len(TEXTS)
    assert all((f.value, f.peer_value, f.unit) == (2 * turns_done, 2 * turns_done, "turns/s") for f in figures)


@pytest.mark.parametrize("module", ["__main__", "turns"])
def test_the_frameworks_are_imported_only_when_their_part_runs(module: str) -> None:
    code = f"import sys, benchmarks.{module}; sys.exit(bool({{'aiogram', 'telegram'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
