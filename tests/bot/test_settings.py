import datetime
from pathlib import Path

import pytest

from bot.settings import BadSetting, Settings, load_settings


def test_nothing_configured() -> None:
    settings = load_settings({})
    assert settings == Settings() and settings.data_dir == Path("data")
    assert abs((settings.today - datetime.datetime.now(datetime.UTC).date()).days) <= 1


def test_a_fixed_day_and_a_folder() -> None:
    settings = load_settings({"ZHUYE_TODAY": " 2024-02-29 ", "ZHUYE_DATA_DIR": "/srv/zhuye", "OTHER": "x"})
    assert settings.today == datetime.date(2024, 2, 29)
    assert settings.cache_dir == Path("/srv/zhuye/cache")


def test_an_empty_setting_is_no_setting() -> None:
    assert load_settings({"ZHUYE_TODAY": "  "}) == Settings()


def test_a_bad_day_names_its_setting_and_a_right_one() -> None:
    with pytest.raises(BadSetting, match=r'ZHUYE_TODAY: "tomorrow" is not a date; write it like 2026-11-22'):
        load_settings({"ZHUYE_TODAY": "tomorrow"})


def test_the_environment_goes_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("ZHUYE_TODAY=2023-01-01\nZHUYE_DATA_DIR=kept\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ZHUYE_DATA_DIR", raising=False)
    monkeypatch.setenv("ZHUYE_TODAY", "2024-01-01")
    assert load_settings() == Settings(data_dir=Path("kept"), fixed_today=datetime.date(2024, 1, 1))


def test_proxies_are_addresses_and_networks() -> None:
    assert load_settings({}).proxies == ("127.0.0.1",)
    assert load_settings({"ZHUYE_PROXIES": "10.0.0.0/8, ::1"}).proxies == ("10.0.0.0/8", "::1")
    with pytest.raises(BadSetting, match=r'ZHUYE_PROXIES: "nginx" is not an address; write it like 127.0.0.1'):
        load_settings({"ZHUYE_PROXIES": "127.0.0.1 nginx"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZHUYE_DATA_DIR", "~nobody-at-all/zhuye"),
        ("ZHUYE_PUBLIC_URL", "https://[bad"),
        ("ZHUYE_PUBLIC_URL", "https://x.cn:99999"),
        ("ZHUYE_TELEGRAM_API", "x.cn"),
        ("ZHUYE_PORT", "70000"),
        ("ZHUYE_LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_names_its_setting_and_a_right_one(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=rf"^{name}: .*; write ") as refused:
        load_settings({name: value})
    assert value.lower() in str(refused.value).lower()
