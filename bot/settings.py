"""All configuration: the environment, then `.env` in the working folder. Every setting is optional."""

import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from dotenv import dotenv_values

PREFIX = "ZHUYE_"
CHINA = ZoneInfo("Asia/Shanghai")


class BadSetting(ValueError):
    """A setting that cannot be used; the message names it, says why, and gives a value that would be right."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings' values. A field `data_dir` is read from `ZHUYE_DATA_DIR`."""

    data_dir: Path = Path("data")
    data_keys: tuple[str, ...] = ()
    fixed_today: datetime.date | None = None

    @property
    def today(self) -> datetime.date:
        """The day in China, or the fixed one."""
        return self.now().date()

    def now(self) -> datetime.datetime:
        """The time in China, on the fixed day if there is one."""
        now = datetime.datetime.now(CHINA)
        return datetime.datetime.combine(self.fixed_today, now.timetz()) if self.fixed_today else now

    @property
    def cache_dir(self) -> Path:
        """The private folder for what can be made again."""
        return self.data_dir / "cache"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of `environment` (default: the process's, over those of `.env`).

    Raises:
        BadSetting: a value does not have its form.

    """
    if environment is None:
        environment = {**{k: v for k, v in dotenv_values(".env").items() if v is not None}, **os.environ}
    given = {key: value.strip() for key, value in environment.items() if key.startswith(PREFIX) and value.strip()}
    return Settings(
        data_dir=Path(given.get("ZHUYE_DATA_DIR", "data")).expanduser(),
        data_keys=tuple(given.get("ZHUYE_DATA_KEYS", "").replace(",", " ").split()),
        fixed_today=_day("ZHUYE_TODAY", given.get("ZHUYE_TODAY")),
    )


def _day(name: str, value: str | None) -> datetime.date | None:
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value)
    except ValueError as error:
        raise BadSetting(f'{name}: "{value}" is not a date; write it like 2026-11-22') from error
