import os
import subprocess
import sys
from pathlib import Path


def chat(folder: Path, typed: str) -> str:
    environment = {
        **os.environ,
        "ZHUYE_DATA_DIR": str(folder),
        "ZHUYE_TODAY": "2026-11-22",
        "PYTHONIOENCODING": "utf-8",
    }
    result = subprocess.run(
        [sys.executable, "-m", "bot", "chat"], input=typed, env=environment, capture_output=True, text=True, check=True
    )
    assert not result.stderr
    return result.stdout


def test_a_conversation(tmp_path: Path) -> None:
    said = chat(tmp_path, "帮助\n我在天水\n开店补贴多少钱\n泉州开店有扶持吗\n\n退出\n不会读到\n")
    assert said.count("直接写您的问题") == 2
    assert "好的，按甘肃省天水市的文件回答您。" in said
    assert "天水方案（天政办发〔2022〕78号）" in said and "福建方案" in said
    assert "我没有看到问题。" in said
    assert said.endswith("再见。\n") and "不会读到" not in said


def test_the_end_of_input_ends_it_politely(tmp_path: Path) -> None:
    assert chat(tmp_path, "").endswith("再见。\n")
