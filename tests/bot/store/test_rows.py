import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store.rows import COLUMNS, PLACES, joined, place_columns, utc
from bot.store.store import Store
from conversations.registrations import Registration
from tests.bot.store.madeup import AT, REGIONS, add, registration, registrations, times, undone

PLAIN = {"region", "province", "city", "county", "area", "age_band", "level", "categories", "needs", "programmes"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(said=registrations)
def test_a_registration_comes_back_whole(store: Store, said: Registration) -> None:
    with undone(store):
        lead = store.leads.get(add(store, "u", said))
        assert lead and lead.said == said


def test_only_what_is_counted_stands_in_clear(store: Store) -> None:
    add(store, "u", registration(age=30, levels={"视力": 2, "肢体": 1}, disability=("视力", "肢体"), area="rural"))
    (row,) = store.database.query(f"SELECT {COLUMNS} FROM registrations")
    assert len(row) == PLACES and set(row) - PLAIN == {"phone_hash", "name_hash", "sealed"}
    assert (row["age_band"], row["level"], row["categories"], row["area"]) == ("25-34", 1, ",视力,肢体,", "rural")
    for hashed in (row["phone_hash"], row["name_hash"]):
        assert len(hashed) == 32 and set(hashed) <= set(string.hexdigits)


def test_the_place_is_that_of_the_row_after_a_transfer(store: Store) -> None:
    receipt = add(store, "u", registration())
    assert store.leads.transfer(receipt, "510104", "w", AT, "moved")
    lead = store.leads.get(receipt)
    assert lead and lead.said == registration(region="510104")


def test_places_go_down_as_far_as_they_were_named() -> None:
    assert place_columns("620000") == ("620000", None, None)
    assert place_columns("620500") == ("620000", "620500", None)
    assert place_columns("620502") == ("620000", "620500", "620502")
    assert place_columns("469001") == ("460000", "469000", "469001")
    assert all(region in place_columns(region) for region in REGIONS)


@given(st.lists(st.text("abc,", min_size=1).filter(lambda text: "," not in text)))
def test_joined_values_are_found_whole(values: list[str]) -> None:
    column = joined(values)
    assert all(f",{value}," in column for value in values)
    assert not values or ",zz," not in column


@given(times, times)
def test_times_are_in_text_order(one: object, other: object) -> None:
    assert (utc(one) < utc(other)) <= (one < other)  # type: ignore[arg-type,operator]
