from bot.desk.models import Caseworker
from bot.store.credentials import Credential
from bot.store.store import Store
from tests.bot.store.madeup import AT

GIVEN = Credential("$argon2id$hash", "JBSWY3DPEHPK3PXP")


def test_credentials_are_kept_with_their_secret_sealed(store: Store) -> None:
    assert store.credentials.get("张") is None
    store.credentials.keep("张", GIVEN, 7)
    assert store.credentials.get("张") == GIVEN
    assert GIVEN.totp not in str(store.database.query("SELECT * FROM credentials"))
    store.credentials.rehash("张", "another", "x")
    store.credentials.rehash("张", GIVEN.password, "$argon2id$new")
    assert store.credentials.get("张") == Credential("$argon2id$new", GIVEN.totp)
    store.credentials.drop("张")
    assert store.credentials.get("张") is None


def test_a_step_is_used_once_and_none_before_it(store: Store) -> None:
    store.credentials.keep("张", GIVEN, 7)
    assert [store.credentials.use("张", step) for step in (7, 6, 9, 8, 9, 10)] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]
    assert not store.credentials.use("nobody", 1)


def test_an_api_token_is_one_an_account_and_kept_nowhere(store: Store) -> None:
    worker = Caseworker("张", "worker", "620502")
    store.staff.add(worker, AT)
    first, second = store.api_tokens.new("张", AT), store.api_tokens.new("张", AT)
    assert store.api_tokens.owner(first) is None and store.api_tokens.owner(second) == worker
    assert second not in str(store.database.query("SELECT * FROM api_tokens"))
    assert store.api_tokens.revoke("张") and not store.api_tokens.revoke("张")
    assert store.api_tokens.owner(second) is None
