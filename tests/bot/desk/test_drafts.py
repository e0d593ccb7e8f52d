"""What is written for one export is there as long as its process is, whichever others begin meanwhile."""

import subprocess
import sys
from pathlib import Path

from bot.desk.drafts import Drafts
from tests.conftest import ROOT

WRITES = """
import sys
from pathlib import Path
from bot.desk.drafts import Drafts
with Drafts(Path(sys.argv[1])).file() as file:
    file.write_text("王小明 13812345678")
    print(file, flush=True)
    sys.stdin.read()
"""


def test_others_exports_under_way_are_left_and_those_of_a_crash_removed(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    with subprocess.Popen(
        [sys.executable, "-c", WRITES, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as writing:
        assert writing.stdout is not None
        file = Path(writing.stdout.readline().strip())
        with Drafts(folder).file() as own:
            assert file.read_text("utf-8") and own.parent.stat().st_mode & 0o077 == 0
            writing.kill()
            writing.wait()
            assert file.exists()
            Drafts(folder)
            assert not file.exists() and own.parent.is_dir()
        assert not own.parent.exists()


def test_where_nothing_can_be_kept_the_desk_begins_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("")
    Drafts(tmp_path / "exports" / "of this process")
