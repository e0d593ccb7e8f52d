import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import __main__ as command
from benchmarks.answers import peer_quality
from benchmarks.figures import Figure, write_figures
from benchmarks.growth import enlarged
from benchmarks.madeup import MadeUp
from benchmarks.memory import OURS, peak_memory
from benchmarks.peers import PEERS
from benchmarks.timing import fastest
from benchmarks.workload import Workload, indexed_clauses, knowledge_in_use, load_questions, workload_of
from knowledge.evaluate import Question
from knowledge.normalise import letters_and_digits
from knowledge.search import Found, Knowledge

words = st.from_regex(r"[a-z0-9_+/-]{1,20}", fullmatch=True)
values = st.floats(min_value=0, max_value=1e9)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return knowledge_in_use()


@pytest.fixture(scope="module")
def telling(knowledge: Knowledge) -> list[Question]:
    """Clauses long enough that no other says the same, asked for in their own words in their own place."""
    documents = {document.id: document for document in knowledge.snapshot.documents}
    clauses = [clause for clause in workload_of(knowledge, []).clauses if len(clause.text) > 100]
    questions = [
        Question(id=clause.target, q=clause.text, region=documents[clause.group].card.region, gold=(clause.text,))
        for clause in clauses
    ]
    return [msgspec.structs.replace(q, gold=tuple(map(letters_and_digits, q.gold))) for q in questions[::10]]


@pytest.fixture(scope="module")
def workload(knowledge: Knowledge, telling: list[Question]) -> Workload:
    return workload_of(knowledge, telling)


@given(name=words, value=values, unit=words, peer=st.none() | words, peer_value=st.none() | values)
def test_a_line_is_five_words_that_say_what_the_json_says(
    name: str, value: float, unit: str, peer: str | None, peer_value: float | None
) -> None:
    figure = Figure(name=name, value=value, unit=unit, peer=peer, peer_value=peer_value)
    read = figure.line.split()
    assert [read[0], read[2], read[3]] == [name, unit, peer or "-"]
    assert float(read[1]) == pytest.approx(value, rel=1e-3)
    ratio = figure.as_json()["ratio"]
    assert (read[4] == "-") == (ratio is None)
    assert ratio is None or float(read[4]) == pytest.approx(ratio, rel=1e-2)


def test_the_ratio_is_ours_to_theirs() -> None:
    figure = Figure(name="speed", value=300, unit="questions/s", peer="other", peer_value=200)
    assert figure.ratio == 1.5
    assert figure.line == "speed 300 questions/s other 1.5"


def test_nothing_is_compared_with_a_peer_that_has_nothing() -> None:
    assert Figure(name="hit", value=1, unit="share", peer="other", peer_value=0).line == "hit 1 share other -"


def test_the_file_has_the_form_that_other_programs_read(tmp_path: Path) -> None:
    file = tmp_path / "build" / "bench.json"
    write_figures(
        [Figure(name="a", value=3, unit="ms", peer="b", peer_value=2), Figure(name="c", value=1, unit="ms")], file
    )
    assert msgspec.json.decode(file.read_bytes()) == [
        {"name": "a", "value": 3, "unit": "ms", "peer": "b", "peer_value": 2, "ratio": 1.5},
        {"name": "c", "value": 1, "unit": "ms", "peer": None, "peer_value": None, "ratio": None},
    ]


def test_the_command_measures_only_the_parts_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def part(name: str) -> Callable[[bool], Iterator[Figure]]:
        return lambda smoke: iter([Figure(name=name, value=1.0, unit="smoke" if smoke else "full")])

    monkeypatch.setattr(command, "PARTS", {name: part(name) for name in ("answers", "growth", "cold")})
    monkeypatch.setattr(command, "RESULTS", tmp_path / "bench.json")
    monkeypatch.setattr("sys.argv", ["benchmarks", "cold", "--smoke"])
    command.main()
    assert capsys.readouterr().out == "cold 1 smoke - -\n"
    assert [figure["name"] for figure in msgspec.json.decode(command.RESULTS.read_bytes())] == ["cold"]


def test_a_part_that_does_not_exist_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "speed"])
    with pytest.raises(SystemExit) as left:
        command.main()
    assert left.value.code == 2
    assert '"speed"; the parts are answers, growth, cold, dialogs, turns' in capsys.readouterr().err


def test_rounds_take_turns_and_the_fastest_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    order: list[str] = []

    def run(name: str, durations: Iterator[float]) -> Callable[[], None]:
        def once() -> None:
            nonlocal now
            order.append(name)
            now += next(durations)

        return once

    monkeypatch.setattr("time.perf_counter", lambda: now)
    runs = {"a": run("a", iter([5, 2, 3])), "b": run("b", iter([1, 4, 9]))}
    assert fastest(runs, 3) == {"a": 2, "b": 1}
    assert order == ["a", "b"] * 3


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_finds_clauses_by_their_own_words(
    name: str, knowledge: Knowledge, telling: list[Question], workload: Workload
) -> None:
    assert len(telling) > 3
    quality = peer_quality(PEERS[name](workload), knowledge, telling, workload)
    assert quality.count == len(telling)
    assert quality.hit_1 >= 0.9


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_answers_only_from_the_documents_of_the_place(
    name: str, knowledge: Knowledge, workload: Workload
) -> None:
    peer = PEERS[name](workload)
    ids = [document.id for document in knowledge.snapshot.documents]
    for asked, document in itertools.product(workload.asked[:3], ids):
        found = [target for target in peer.ask(asked.q, (document,)) if target in knowledge.clauses]
        assert {knowledge.clauses[target].document for target in found} == {document}


def test_peers_are_told_the_place_that_a_question_names(knowledge: Knowledge) -> None:
    for question, asked in zip(load_questions(), workload_of(knowledge, load_questions()).asked, strict=True):
        found = knowledge.search(question.q, question.region)
        mine = {passage.clause.document for passage in found.passages}
        assert not found.places or not mine or mine <= set(asked.documents)


def test_memory_is_that_of_the_contender_alone(workload: Workload) -> None:
    few = Workload(workload.clauses[:5], (), workload.asked[:1])
    ballast = b"x" * 300_000_000
    assert 10 < peak_memory("jieba+fts5", few) < len(ballast) / 2**20
    assert 10 < peak_memory(OURS, few) < len(ballast) / 2**20


def test_made_up_texts_are_of_other_provinces_and_half_in_other_words(knowledge: Knowledge) -> None:
    held = {document.card.region[:2] for document in knowledge.snapshot.documents}
    made_up = list(MadeUp(knowledge).documents(2))
    assert len({document.id for document in made_up}) == 2 * len(knowledge.snapshot.documents)
    assert not held & {document.card.region[:2] for document in made_up}
    real = _pairs(clause.text for clause in indexed_clauses(knowledge))
    for document in made_up:
        pairs = _pairs(clause.text for clause in document.clauses)
        assert 0.15 < len(pairs & real) / len(pairs) < 0.6
    assert list(MadeUp(knowledge).documents(2)) == made_up


def test_an_enlarged_corpus_is_that_much_larger_and_answers_from_all_of_it(knowledge: Knowledge) -> None:
    larger = enlarged(knowledge, 3)
    assert len(indexed_clauses(larger)) == 3 * len(indexed_clauses(knowledge))
    questions = [q.q for q in load_questions() if q.gold and not knowledge.search(q.q).places]
    region = knowledge.snapshot.documents[0].card.region
    assert not any(map(_made_up, (larger.search(question, region) for question in questions)))
    assert any(map(_made_up, (larger.search(question) for question in questions)))


def _pairs(texts: Iterable[str]) -> set[tuple[str, str]]:
    return {pair for text in texts for pair in itertools.pairwise(text)}


def _made_up(found: Found) -> bool:
    return any("made-up" in passage.clause.document for passage in found.passages)
