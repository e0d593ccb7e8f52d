"""An installed wheel answers as the checkout does: nothing that it needs is left out of the package."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.conftest import ROOT


def test_a_wheel_answers_the_same(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    # The dependencies are those of this environment; the project itself comes only from the wheel.
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "ZHUYE_DATA_DIR": str(tmp_path / "data")}
    code = "import bot, sys; assert 'installed' in bot.__file__, bot.__file__; from bot.cli import main; main()"
    ask = [sys.executable, "-c", code, "ask", "--region", "620500", "--json", "开店补贴多少钱"]
    result = subprocess.run(ask, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    row = json.loads(result.stdout)
    assert row["answered"] and "5000元" in row["passages"][0]["text"]
    assert "LICENSE" in str(zipfile.ZipFile(wheel).namelist())
