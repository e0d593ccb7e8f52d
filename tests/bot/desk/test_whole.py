import os
import signal
import threading
from pathlib import Path

import pytest

from bot.desk.whole import ENDING, whole, writable_folder


@pytest.mark.parametrize("number", ENDING)
def test_nothing_in_clear_is_left_by_who_is_told_to_end(tmp_path: Path, number: signal.Signals) -> None:
    with pytest.raises(SystemExit) as ended, whole(tmp_path / "leads.csv") as draft:
        draft.write_text("王小明")
        os.kill(os.getpid(), number)
    assert ended.value.code == 128 + number
    assert list(tmp_path.iterdir()) == [] and signal.getsignal(number) is signal.SIG_DFL


def test_who_ignores_the_end_of_the_terminal_goes_on(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with whole(tmp_path / "leads.csv") as draft:
            draft.write_text("王小明")
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (tmp_path / "leads.csv").read_text() == "王小明"


def test_a_thread_writes_too(tmp_path: Path) -> None:
    def write() -> None:
        with whole(tmp_path / "leads.csv") as draft:
            draft.write_text("x")

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert (tmp_path / "leads.csv").read_text() == "x"


def test_a_folder_is_made_with_those_around_it(tmp_path: Path) -> None:
    for _ in range(2):
        writable_folder(tmp_path / "2026" / "charts")
    assert (tmp_path / "2026" / "charts").is_dir()
