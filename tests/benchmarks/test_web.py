import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from benchmarks import web
from benchmarks.bare import Bare
from benchmarks.visitors import Refused, converse
from bot.serving import http_server, listen

TEXTS = ["你好", "开店有补贴吗"]


def test_the_nearest_rank() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert (web.percentile(values, 50), web.percentile(values, 99), web.percentile([7.0], 99)) == (50, 99, 7)


def test_each_turn_of_each_person_is_kept_by_the_peer(tmp_path: Path) -> None:
    bare = None
    with listen("127.0.0.1", 0) as listening:
        port, made = listening.getsockname()[1], threading.Event()
        servers = []

        def serve() -> None:
            nonlocal bare
            bare = Bare(tmp_path)
            servers.append(http_server([bare]))  # type: ignore[list-item]  # all it has is pages
            made.set()
            servers[0].run([listening])
            bare.close()

        thread = threading.Thread(target=serve)
        thread.start()
        made.wait()
        taken, turns = asyncio.run(converse(port, 3, 2, TEXTS))
        servers[0].should_exit = True
        thread.join()
    assert len(turns) == 3 * 2 * len(TEXTS) and 0 < max(turns) <= taken
    kept = sqlite3.connect(tmp_path / "bare.db")
    rows = kept.execute("SELECT form FROM said").fetchall()
    kept.close()
    assert len(rows) == 3 * 2 * len(TEXTS) and all(b"text=" in row[0] for row in rows)


def test_what_is_no_page_is_no_turn() -> None:
    with listen("127.0.0.1", 0) as listening:
        server = http_server([])
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        with pytest.raises(Refused, match="404"):
            asyncio.run(converse(listening.getsockname()[1], 1, 1, TEXTS))
        server.should_exit = True
        thread.join()
