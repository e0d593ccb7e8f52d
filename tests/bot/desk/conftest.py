import datetime
from collections.abc import Callable, Iterator

import pytest

from bot.desk.accounts import Accounts
from bot.desk.leads import Desk
from bot.desk.names import load_names
from bot.settings import Settings
from bot.store.registrations import new_receipt
from bot.store.store import Store, open_store
from conversations.registrations import Registration
from knowledge.snapshot import load_gazetteer

AT = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)
SOMEBODY = Registration(
    call_name="王小明",
    phone="13812345678",
    region="620503",
    disability=("视力",),
    levels={"视力": 1},
    age=30,
    needs=("job", "training"),
    needs_words="想学电脑",
    contacts=("text",),
    programmes=("TS-31",),
)
Register = Callable[..., str]


@pytest.fixture
def store(kept_at: Settings) -> Iterator[Store]:
    with open_store(kept_at) as opened:
        yield opened


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store, load_names(), lambda: AT)


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return Accounts(store, load_gazetteer(), lambda: AT)


@pytest.fixture
def register(store: Store) -> Register:
    """Leaves a registration of somebody, with the fields that are said otherwise; its receipt."""

    def leave(**fields: object) -> str:
        receipt = new_receipt()
        said = Registration(**{**{f: getattr(SOMEBODY, f) for f in SOMEBODY.__struct_fields__}, **fields})
        store.registrations.add(store.sender("chat", receipt), receipt, said, AT, "chat")
        return receipt

    return leave
