"""The pages that are not the talk, and what all pages have in common."""

import itertools
import re
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.channels.web.pages import load_words
from bot.channels.web.shell import LARGEST_BODY
from bot.channels.web.visits import MOST_FIELDS
from conversations.materials import Materials
from tests.bot.channels.web.site import Site, Visitor
from tests.conversations.test_wording import FORBIDDEN

WORDS = load_words()
WEB = files("bot.channels.web")
CSS = (WEB / "static" / "zhuye.css").read_text("utf-8")


def leaves(words: Any, path: str = "w") -> dict[str, str]:
    """Every sentence by its path."""
    if isinstance(words, dict):
        parts = [leaves(value, f"{path}.{name}") for name, value in words.items()]
    elif isinstance(words, list):
        parts = [leaves(value, f"{path}.{number}") for number, value in enumerate(words)]
    else:
        return {path: words}
    return {key: value for part in parts for key, value in part.items()}


def test_sentences_are_short_and_kind() -> None:
    for path, sentence in leaves(WORDS).items():
        assert not any(word in sentence for word in FORBIDDEN), path
        assert not re.search(r"[,;!?]", sentence), f"{path}: use Chinese punctuation"


def test_every_group_of_sentences_is_used() -> None:
    code = "".join(
        file.read_text("utf-8")
        for folder in (WEB, WEB / "templates")
        for file in folder.iterdir()
        if file.name.endswith((".py", ".html"))
    )
    for path in leaves(WORDS):
        name = [part for part in path.split(".") if not part.isdigit()][-1]
        loops = path.startswith(("w.problems.4", "w.problems.5", "w.result.verdicts", "w.result.criterion.", "w.about"))
        assert loops or re.search(rf"\b{name}\b", code), path


@pytest.mark.parametrize("source", ["000", "001", "002", "003", "004"])
def test_a_document_is_whole_and_each_clause_has_its_address(
    visitor: Visitor, materials: Materials, source: str
) -> None:
    visitor.get(f"/documents/{source}")
    document = next(d for d in materials.knowledge.documents.values() if d.source == source)
    for clause in document.clauses:
        (found,) = visitor.find(f"//*[@id='{clause.id}']")
        assert found.text == clause.text
    assert WORDS["documents"]["lapsed"] in visitor.answer.text and "新方案" in visitor.answer.text
    assert visitor.title.startswith(document.card.short_title)


def test_every_programme_has_a_page_with_its_quotations_and_a_place_in_its_document(
    visitor: Visitor, materials: Materials
) -> None:
    for programme in materials.catalogue.programmes:
        assert visitor.get(f"/programmes/{programme.id}").status_code == 200
        quoted = [quote.text_content().strip() for quote in visitor.find("//blockquote")]
        assert quoted[: len(programme.entry.quotations)] == [q.strip() for q in programme.entry.quotations]
        assert visitor.find(f"//a[starts-with(@href, '/documents/{programme.source}')]")


def test_sources_lists_all_documents(visitor: Visitor) -> None:
    visitor.get("/sources")
    assert [a.get("href") for a in visitor.find("//section//a")] == [f"/documents/00{number}" for number in range(5)]


def test_an_answer_links_its_clause_and_a_result_its_page(visitor: Visitor) -> None:
    visitor.say("天水残疾人开店有补贴吗")
    link = visitor.find("//*[@id='last']//a[contains(@href, '#')]")[0]
    address, _, anchor = link.get("href").partition("#")
    visitor.get(address)
    assert "5000元" in visitor.find(f"//*[@id='{anchor}']")[0].text


def test_the_result_has_quotations_sources_units_and_that_the_plan_is_over(visitor: Visitor) -> None:
    visitor.get("/result")
    assert WORDS["result"]["none"] in visitor.answer.text
    visitor.say("我是天水的，视力一级，想开个按摩店")
    visitor.say("第一次开")
    assert visitor.find("//*[@id='last']//a[@href='/result']")
    visitor.say("1")
    assert visitor.find("//*[@id='last']//a[starts-with(@href, '/programmes/')]")
    visitor.get("/result")
    text = visitor.page.text_content()
    assert "对首次开办盲人按摩(保健或医疗)机构的" in text and "天政办发〔2022〕78号" in text
    assert "市残联" in text and "已经过期" in text and "1 2 3 4 5" in text
    assert [h.text for h in visitor.find("//section/h2")] == [
        WORDS["result"]["verdicts"][v] for v in ("meets", "lacks")
    ]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        *[("GET", address, 404) for address in ("/nowhere", "/documents/999", "/programmes/X", "/static/x.css")],
        *[("GET", "/say", 405), ("POST", "/", 405), ("DELETE", "/end", 405)],
    ],
)
def test_what_is_not_there_is_told_in_the_same_style(visitor: Visitor, method: str, address: str, status: int) -> None:
    answer = visitor._read(visitor.http.request(method, address))
    assert answer.status_code == status and visitor.title.startswith(WORDS["problems"][str(status)]["title"])
    assert visitor.find("//main//a[@href='/']") and visitor.page.get("lang") == "zh-CN"


@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_is_too_large_is_refused(visitor: Visitor, told: bool) -> None:
    visitor.get("/")
    body = b"text=" + b"a" * LARGEST_BODY
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = visitor.http.post("/say", content=body if told else iter([body[:9], body[9:]]), headers=form)
    assert answer.status_code == 413 and WORDS["problems"]["413"]["title"] in answer.text


def test_a_file_is_refused(visitor: Visitor) -> None:
    visitor.get("/")
    answer = visitor.http.post("/say", data=visitor.form("words"), files={"text": b"x"})
    assert answer.status_code == 400 and WORDS["problems"]["400"]["title"] in answer.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json", b"{}"), ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * (MOST_FIELDS + 1)))],
)
def test_what_is_no_form_of_ours_is_refused(visitor: Visitor, kind: str, body: bytes) -> None:
    answer = visitor.http.post("/say", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400 and WORDS["problems"]["400"]["title"] in answer.text


def test_a_form_is_read_as_browsers_write_it(visitor: Visitor) -> None:
    visitor.get("/")
    fields = urlencode({**visitor.form("words"), "text": "补贴+资格 &=%\r\n第二行"}) + "&empty="
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    visitor._read(visitor.http.post("/say", content=fields.encode() + b"&bad=%ff", headers=kind))
    assert visitor.said() == ["补贴+资格 &=%\n第二行"]


def test_what_nobody_foresaw_is_told_and_logged_without_its_words(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visitor.get("/")

    def broken(*_: object, **__: object) -> None:
        raise ValueError("王小明")

    monkeypatch.setattr(site.service, "handle", broken)
    answer = visitor.post("/say", {**visitor.form("words"), "text": "王小明"})
    assert answer.status_code == 500 and visitor.title.startswith(WORDS["problems"]["500"]["title"])
    assert "ValueError" in caplog.text and "王小明" not in caplog.text


def test_static_files_are_kept_for_ever_under_a_name_that_changes(visitor: Visitor) -> None:
    visitor.get("/")
    addresses = visitor.find("//link/@href | //script/@src")
    assert len(addresses) == 3
    for address in addresses:
        assert re.fullmatch(r"/static/[a-z]+\.[0-9a-f]{10}\.(css|js|svg)", address)
        assert "immutable" in visitor.http.get(address).headers["cache-control"]


def test_pages_look_as_wanted_and_go_back_to_where_it_was_asked(visitor: Visitor) -> None:
    visitor.get("/sources")
    csrf = visitor.find("//input[@name='csrf']")[0].get("value")
    for change, shown in (("large", "large"), ("contrast", "large contrast"), ("large", "contrast"), ("x", "contrast")):
        visitor.post("/view", {"csrf": csrf, "change": change, "back": "/sources"})
        assert visitor.answer.url.path == "/sources" and visitor.page.get("class") == shown


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


PALETTES = [dict(re.findall(r"--([a-z]+):(#[0-9a-f]+)", block)) for block in re.findall(r"\{[^{}]*--bg:[^{}]*\}", CSS)]


@pytest.mark.parametrize("palette", PALETTES, ids=["light", "dark", "contrast"])
def test_words_borders_and_focus_have_a_contrast_of_seven(palette: dict[str, str]) -> None:
    pairs = [*itertools.product(("fg", "link", "line", "bad", "focus"), ("bg",)), ("on", "link"), ("focus", "halo")]
    pairs += itertools.product(("fg", "link", "line"), ("soft",))
    for one, other in pairs:
        light, dark = sorted((luminance(palette[one]), luminance(palette[other])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 7, (one, other)
    used = set(
        re.findall(r"(?:color|background|border[a-z-]*|outline):[^;}]*?(#[0-9a-f]+)", CSS.split("@media print")[0])
    )
    assert used == set(), "colours come from the palettes"
