"""`python -m tests.bot.desk.web.screenshots`: pictures of the desk's pages into docs/screenshots, to be looked at."""

import io
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from bot.store.registrations import PERSON
from tests.bot.desk.web.site import DeskSite
from tests.browser import chromium, served, somebody
from tests.conftest import ROOT

DESKTOP, SMALL = (1280, 860), (320, 640)
SHOTS: Mapping[str, tuple[str, str, tuple[int, int]]] = {
    "desk-login.png": ("/desk/login", "light", SMALL),
    "desk-home.png": ("/desk/", "light", DESKTOP),
    "desk-list.png": ("/desk/leads", "light", DESKTOP),
    "desk-list-320-dark.png": ("/desk/leads", "dark", SMALL),
    "desk-one.png": ("/desk/leads/{receipt}", "light", DESKTOP),
    "desk-error.png": ("/desk/leads?region=哪里", "light", DESKTOP),
    "desk-statistics.png": ("/desk/statistics", "light", DESKTOP),
    "desk-handover.png": ("/desk/handovers/1", "light", DESKTOP),
    "desk-staff.png": ("/desk/staff", "dark", DESKTOP),
}
"""The page, the colours and the size of each."""
COLOURS = 64


def main() -> None:
    """Make them all."""
    folder = ROOT / "docs" / "screenshots"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data, chromium() as browser:
        site = DeskSite(Path(data))
        receipt = fill(site)
        with served(site.web) as address:
            for name, (path, scheme, (width, height)) in SHOTS.items():
                size = {"width": width, "height": height}
                with somebody(browser, address, viewport=size, color_scheme=scheme) as context:
                    if path != "/desk/login":
                        token = site.do(lambda o: o.store.desk_sessions.begin("秦州-王芳", "in", site.at))
                        context.add_cookies([{"name": "zhuye-desk", "value": token, "url": address}])
                    page = context.new_page()
                    page.goto(path.format(receipt=receipt))
                    page.wait_for_load_state("networkidle")
                    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
                    picture.save(folder / name, optimize=True)
        site.close()


def fill(site: DeskSite) -> str:
    """Some registrations and accounts; the receipt of one that is worked on."""
    who = site.account("秦州-王芳", "admin", "620500")
    site.account("麦积-李强", "worker", "620503")
    receipt = ""
    for n, (name, region, category, need) in enumerate((
        ("王小明", "620503", "视力", "massage"), ("李秀英", "620502", "肢体", "job"),
        ("张强", "620521", "听力", "training"),
        ("赵玉兰", "620502", "肢体", "home_work"), ("马建国", "620503", "视力", "business"),
    )):  # fmt: skip
        receipt = site.register(
            call_name=name, region=region, disability=(category,), levels={category: 2}, needs=(need,),
            phone=f"1380000111{n}",
        )  # fmt: skip
    number = site.asks()
    site.do(lambda o: (
        o.handovers.answer(who, number, "可以。请周三上午来秦州区残联，带上残疾人证。"),
        o.store.handovers.say(o.store.handovers.get(number), PERSON, "谢谢，几点上班？", site.at),
        o.desk.claim(who, receipt), o.desk.note(who, receipt, "已通话，周三来面谈"),
        o.desk.set_status(who, receipt, "verified"), o.desk.set_due(who, receipt, site.at.date()),
    ))  # fmt: skip
    return receipt


if __name__ == "__main__":
    main()
