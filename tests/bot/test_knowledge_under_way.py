"""Texts that are put on the disk while `zhuye serve` runs: taken up by every process, or refused and told."""

import shutil
from pathlib import Path

from bot.settings import Settings
from knowledge.search import Knowledge
from tests.bot.processes import Served, Visitor, environment_of, serving
from tests.bot.test_workers import with_knowledge
from tests.conftest import ROOT

PACKAGES = ("bot", "conversations", "knowledge")
NEW = "005-gansu-interview-again"
IN_USE, REFUSED = "is in use", "the changed knowledge is refused, the one before stays in use"


def test_a_new_text_is_taken_up_by_all_processes_and_a_broken_one_by_none(
    tmp_path: Path, knowledge: Knowledge, cache: Path
) -> None:
    place = with_knowledge(Settings(data_dir=tmp_path / "data"), cache)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    corpus = tmp_path / "knowledge" / "corpus"
    served = Served(environment_of(place), tmp_path / "log", "--workers", "2", folder=tmp_path)
    with serving(served):
        served.until(lambda: len(served.pids) == 2)
        li = Visitor()
        li.get(served.address)
        assert "哪个县" in li.says(served.address, "补贴 资格") and served.get("/documents/005") == 404

        lexicon = tmp_path / "knowledge" / "lexicon" / "everyday.yaml"
        good = lexicon.read_bytes()
        lexicon.write_bytes(good + b"\n- : [")
        shutil.copytree(corpus / "000-gansu-interview", corpus / NEW)
        served.says(REFUSED, times=2)
        assert "lexicon/everyday.yaml" in served.log
        assert served.get("/documents/005") == 404, "the new text is good, but it came with a broken file"

        lexicon.write_bytes(good)
        served.says(IN_USE, times=2)
        assert {served.get("/documents/005") for _ in range(12)} == {200}
        assert "哪一类残疾" in li.says(served.address, "天水"), "the form goes on where it was"
        assert sorted(path.suffix for path in place.cache_dir.glob("knowledge*")) == [".msgpack"], "built once"

        (tmp_path / "knowledge" / "tokens.py").write_bytes(b"# another program\n")
        served.says("the program itself has changed", times=2)
        assert "营业执照" in li.says(served.address, "肢体残疾")
        assert served.stop() == 0 and "Traceback" not in served.log
