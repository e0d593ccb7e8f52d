import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.limits import Floods, Limits
from bot.channels.telegram.writing import LONGEST, Pressed, pressed, say, split, units


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("。我😀\n ", min_size=LONGEST, max_size=3 * LONGEST))
@example("我" * LONGEST + "。" + "好" * 10)
@example("😀" * LONGEST)
def test_a_text_is_cut_into_parts_that_fit_and_nothing_is_lost(text: str) -> None:
    parts = split(text)
    assert all(0 < units(part) <= LONGEST and part.strip() for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_it_is_cut_at_the_end_of_a_sentence_where_there_is_one() -> None:
    sentence = "我" * 999 + "。"
    assert split(sentence * 6) == [sentence * 4, sentence * 2]
    assert split("我" * 5000) == ["我" * LONGEST, "我" * (5000 - LONGEST)]


def test_only_the_last_part_has_the_buttons_and_none_a_parse_mode() -> None:
    contents = [msgspec.json.decode(letter.content) for letter in say("1", "*我*<b>。" * 1000, {"keyboard": []}, 7)]
    assert len(contents) > 1 and ["reply_markup" in content for content in contents] == [False] * (
        len(contents) - 1
    ) + [True]
    assert contents[0]["reply_parameters"]["message_id"] == 7
    assert not any("parse_mode" in content for content in contents)
    assert all(content["link_preview_options"] == {"is_disabled": True} for content in contents)


@given(st.text())
def test_any_data_is_a_button_or_none(data: str) -> None:
    button = pressed(data)
    assert button is None or pressed(button.data) == button


def test_a_buttons_data_is_read_back() -> None:
    for button in (Pressed("TS-31", 123, 4), Pressed(None, 5, 0)):
        assert pressed(button.data) == button and len(button.data.encode()) <= 64


def test_a_flood_begins_once_and_again_after_a_pause() -> None:
    floods = Floods(Limits(flood=3, flood_seconds=10))
    assert [floods.begins(1, second) for second in (0, 1, 2, 3, 4, 5)] == [False, False, False, True, False, False]
    assert not floods.begins(2, 5)
    assert [floods.begins(1, second) for second in (30, 31, 32, 33, 34)] == [False, False, False, True, False]
    for chat in range(3, 2000):
        floods.begins(chat, 100)
    assert len(floods._times) < 2000


def test_waits_grow_and_have_an_end() -> None:
    limits = Limits(shortest_wait=1, longest_wait=60)
    assert [limits.wait(failures) for failures in (1, 2, 3, 7, 10_000)] == [1, 2, 4, 60, 60]
