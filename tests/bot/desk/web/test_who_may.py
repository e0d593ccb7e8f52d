"""Every address of the desk, by every role, in every place: nothing of another county is reached by any of them."""

import base64
from collections.abc import Mapping
from typing import get_args

import pytest
from starlette.routing import Route

from bot.desk.models import Role
from bot.desk.permissions import NATION
from bot.desk.web.single import ACTS
from tests.bot.desk.web.site import DeskSite

HERE, CHILD_OF, BESIDE, ABROAD = "620503", "620500", "620502", "350500"
PLACES = {"own": HERE, "parent": CHILD_OF, "nation": NATION, "sibling": BESIDE, "other": ABROAD}
SEES = {"own", "parent", "nation"}
FORMS: Mapping[str, dict[str, str]] = {
    "claim": {}, "release": {}, "note": {"text": "已通话"}, "status": {"status": "verified"},
    "due": {"day": "2026-12-01"}, "transfer": {"region": "620102"}, "link": {"other": ""}, "reveal": {"reason": "联系"},
}  # fmt: skip
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAGES = (
    "/desk/",
    "/desk/leads",
    "/desk/questions",
    "/desk/statistics",
    "/desk/outputs",
    "/desk/keys",
    "/desk/leads/new",
)
WITHOUT_LOGIN = {"/login", "/first", "/begin/{token}", "/static/{name}", "/code", "/setup"}


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted matters here, not its pictures, which take their time."""
    monkeypatch.setattr("bot.desk.drawing.draw", lambda chart, form: PIXEL if form == "png" else b"<svg/>")


def test_the_table_names_every_form() -> None:
    assert set(FORMS) == {*ACTS, "reveal"}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", get_args(Role))
def test_who_may_do_what_to_a_registration(site: DeskSite, role: Role, place: str) -> None:
    visitor = site.signed_in(role=role, region=PLACES[place])
    for form, fields in FORMS.items():
        receipt, other = site.register(), site.register(phone="13900000000")
        if form == "release":
            site.do(lambda o: o.store.leads.claim(receipt, "王芳", site.at))  # noqa: B023
        given = {**fields, **({"other": other} if form == "link" else {})}
        before = site.do(lambda o: (o.store.leads.get(receipt), o.store.leads.events(receipt))), site.log()  # noqa: B023
        visitor.get("/desk/keys")
        visitor.post(f"/desk/leads/{receipt}/{form}", **given)
        if role == "viewer":
            assert visitor.answer.status_code == 403, form
        elif place not in SEES:
            assert visitor.answer.status_code == 404, form
        else:
            assert visitor.answer.status_code == 200, (form, visitor.told)
        after = site.do(lambda o: (o.store.leads.get(receipt), o.store.leads.events(receipt))), site.log()  # noqa: B023
        assert (after == before) == (visitor.answer.status_code != 200), form
        if visitor.answer.status_code != 200:
            assert "13812345678" not in visitor.answer.text and "138****5678" not in visitor.answer.text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", get_args(Role))
def test_who_sees_what(site: DeskSite, role: Role, place: str) -> None:
    receipt = site.register()
    visitor = site.signed_in(role=role, region=PLACES[place])
    sees = place in SEES
    for address in PAGES:
        assert visitor.get(address).status_code == 200
        assert (receipt in visitor.answer.text) == (sees and address in ("/desk/", "/desk/leads", "/desk/leads/new"))
    assert visitor.get(f"/desk/leads/{receipt}").status_code == (200 if sees else 404)
    visitor.get("/desk/keys")
    for query in ("王小明", "13812345678"):
        visitor.post("/desk/search", query=query)
        assert (receipt in visitor.answer.text) == sees
    visitor.get("/desk/keys")
    visitor.post("/desk/export", form="jsonl")
    if role == "viewer":
        assert visitor.answer.status_code == 403
    else:
        assert ("13812345678" in visitor.answer.text) == sees
    elsewhere = visitor.get(f"/desk/leads?region={HERE}")
    assert elsewhere.status_code == (200 if sees else 403) and (receipt in elsewhere.text) == sees
    assert visitor.get(f"/desk/statistics?region={HERE}").status_code == (200 if sees else 403)
    assert visitor.get(f"/desk/report?year=2026&place={HERE}").status_code == (200 if sees else 403)


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("place", ["own", "nation"])
def test_who_manages(site: DeskSite, role: Role, place: str) -> None:
    site.account("乙", "worker", HERE)
    site.account("外", "worker", ABROAD)
    visitor = site.signed_in(role=role, region=PLACES[place])
    admin, all_ = role == "admin", place == "nation"
    assert visitor.get("/desk/staff").status_code == (200 if admin else 403)
    assert ("乙" in visitor.answer.text) == admin and ("外" in visitor.find("string(//table)") if admin else False) == (
        admin and all_
    )
    for address in ("/desk/log", "/desk/log/verify"):
        assert visitor.get(address).status_code == (200 if admin and all_ else 403)
    visitor.get("/desk/keys")
    visitor.post("/desk/staff/add", name="新人", role="worker", region=HERE)
    assert visitor.answer.status_code == (200 if admin else 403)
    for act in ("code", "disable"):
        for name in ("乙", "外"):
            visitor.get("/desk/keys")
            visitor.post(f"/desk/staff/{act}", name=name)
            allowed = admin and (all_ or name == "乙")
            assert visitor.answer.status_code == (200 if allowed else 404 if admin else 403), (act, name)
    active = {one.name: one.active for one in site.do(lambda o: o.store.staff.all())}
    assert active["乙"] == (not admin) and active["外"] == (not (admin and all_)) and ("新人" in active) == admin


def test_no_page_is_reached_without_being_in(site: DeskSite) -> None:
    receipt, number = site.register(), str(site.asks())
    routes = [route for route in site.web.app.routes if isinstance(route, Route)]
    assert len(routes) > 35
    for route in routes:
        address = "/desk" + route.path.replace("{receipt:str}", receipt).replace("{id:int}", number)
        stranger = site.visitor()
        if "POST" in (route.methods or ()):
            stranger.get("/desk/login")
            status = stranger.post(address.replace("{token}", "x")).status_code
            assert status in ((401, 403, 404, 422) if route.path in WITHOUT_LOGIN else (401,)), route.path
        elif route.path not in WITHOUT_LOGIN:
            answer = stranger.get(address, follow_redirects=False)
            assert answer.status_code == 303 and answer.headers["location"] == "/desk/login", route.path


def test_what_is_handed_away_is_out_of_sight(site: DeskSite) -> None:
    receipt = site.register()
    visitor = site.signed_in(region=HERE)
    visitor.get(f"/desk/leads/{receipt}")
    visitor.post(f"/desk/leads/{receipt}/transfer", region="秦州区")
    assert visitor.answer.url.path == "/desk/leads" and "转到别的地方" in visitor.told
    assert visitor.get(f"/desk/leads/{receipt}").status_code == 404


def test_linked_ones_of_another_county_are_not_shown(site: DeskSite) -> None:
    one, other = site.register(), site.register(region=BESIDE)
    both = site.signed_in("上级", region=CHILD_OF)
    both.get(f"/desk/leads/{one}")
    both.post(f"/desk/leads/{one}/link", other=other)
    assert both.find(f"//tr[@id='r{other}']")
    visitor = site.signed_in(region=HERE)
    visitor.get(f"/desk/leads/{one}")
    assert not visitor.find("//tr[starts-with(@id, 'r')]") and visitor.get(f"/desk/leads/{other}").status_code == 404
