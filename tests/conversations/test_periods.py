import datetime

from conversations.materials import Materials
from conversations.periods import over_in_short, periods
from conversations.wording import Wording

TIANSHUI, GANSU, SICHUAN = "001-tianshui-plan", "000-gansu-interview", "004-sichuan-tasks"


def said(materials: Materials, documents: list[str], day: str, say: Wording) -> list[str]:
    cards = [materials.catalogue.cards[document] for document in documents]
    return list(periods(cards, datetime.date.fromisoformat(day), say))


def test_what_two_documents_have_alike_is_said_once(materials: Materials, say: Wording) -> None:
    assert said(materials, [TIANSHUI, GANSU, TIANSHUI], "2026-11-22", say) == [
        "注意：天水方案、甘肃方案访谈管到2024年12月31日，已经过期。",
        "当地的新方案，还没有查到。",
        "据公开消息，甘肃2025年11月有了新方案（甘政办发〔2025〕67号）。金额、条件可能变了。",
        "请先问县区残联。",
    ]


def test_a_plan_of_a_larger_place_is_none_of_its_own(materials: Materials, say: Wording) -> None:
    assert said(materials, [SICHUAN], "2026-11-22", say)[1] == "当地的新方案，还没有查到。"
    assert "当地的新方案，还没有查到。" not in said(materials, [GANSU], "2026-11-22", say)


def test_the_easy_form_is_short(materials: Materials, say: Wording) -> None:
    easy = said(materials, [TIANSHUI, GANSU], "2026-11-22", say.simpler())
    assert easy[0] == "注意，这些规定过期了。"
    assert all(len(line) <= 20 for line in easy)


def test_nothing_is_said_of_what_is_in_force_and_of_what_is_to_come_when(materials: Materials, say: Wording) -> None:
    assert said(materials, [TIANSHUI], "2023-05-01", say) == []
    assert said(materials, [TIANSHUI], "2024-12-31", say) == []
    assert said(materials, [TIANSHUI], "2022-01-01", say) == ["注意：天水方案从2022年10月12日起才施行。"]


def test_a_notice_given_before_is_one_line(materials: Materials, say: Wording) -> None:
    cards = materials.catalogue.cards
    over = over_in_short([cards[GANSU], cards[TIANSHUI]], datetime.date(2026, 11, 22), say)
    assert list(over) == ["注意：甘肃方案访谈、天水方案已经过期。"]
    assert not list(over_in_short([cards[GANSU]], datetime.date(2023, 1, 1), say))
