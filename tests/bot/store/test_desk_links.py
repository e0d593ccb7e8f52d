import pytest

from bot.desk.models import Caseworker
from bot.store.store import Store
from tests.bot.store.madeup import AT


def test_a_link_that_no_key_opens_keeps_nobody_from_the_others_and_can_be_parted(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("李", "王"):
        store.staff.add(Caseworker(name, "worker", "620500"), AT)
        store.desk_links.keep(f"user of {name}", name, "1", AT)
    store.database.execute("UPDATE desk_links SET sealed = ? WHERE caseworker = '李'", (b"damaged",))
    assert [who.name for _, who in store.desk_links.reachable()] == ["王"]
    assert "the Telegram link of 李 cannot be read" in caplog.text
    assert store.desk_links.drop("李") == "user of 李" and store.desk_links.drop("李") is None
    assert store.desk_links.of_caseworker("李") is None
