"""All configuration: the environment, then `.env` in the working folder. Every setting is optional."""

import datetime
import ipaddress
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from dotenv import dotenv_values

PREFIX = "ZHUYE_"
API_EXAMPLE = "https://api.telegram.org"
URL_EXAMPLE = "https://zhuye.example.cn"
DATABASE = "ZHUYE_DATABASE_URL"
DATABASE_EXAMPLE = "postgresql://zhuye:PASSWORD@db.example.cn/zhuye"
LAST_PORT = 65535
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
CHINA = ZoneInfo("Asia/Shanghai")


class BadSetting(ValueError):
    """A setting that cannot be used; the message names it, says why, and gives a value that would be right."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings' values. A field `data_dir` is read from `ZHUYE_DATA_DIR`."""

    data_dir: Path = Path("data")
    data_keys: tuple[str, ...] = ()
    database_url: str | None = None
    fixed_today: datetime.date | None = None
    telegram_token: str | None = None
    desk_telegram_token: str | None = None
    telegram_api: str = "https://api.telegram.org"
    public_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    proxies: tuple[str, ...] = ("127.0.0.1",)
    log_level: str = "INFO"

    @property
    def today(self) -> datetime.date:
        """The day in China, or the fixed one."""
        return self.now().date()

    def now(self) -> datetime.datetime:
        """The time in China, on the fixed day if there is one."""
        now = datetime.datetime.now(CHINA)
        return datetime.datetime.combine(self.fixed_today, now.timetz()) if self.fixed_today else now

    @property
    def address(self) -> str:
        """The base of the addresses under which the process is reached."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def exports_dir(self) -> Path:
        """Where exports and reports are while they are written."""
        return self.cache_dir / "exports"

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
        data_dir=_folder("ZHUYE_DATA_DIR", given.get("ZHUYE_DATA_DIR", "data")),
        data_keys=tuple(given.get("ZHUYE_DATA_KEYS", "").replace(",", " ").split()),
        database_url=database_address(DATABASE, given[DATABASE]) if DATABASE in given else None,
        fixed_today=_day("ZHUYE_TODAY", given.get("ZHUYE_TODAY")),
        telegram_token=given.get("ZHUYE_TELEGRAM_TOKEN"),
        desk_telegram_token=given.get("ZHUYE_DESK_TELEGRAM_TOKEN"),
        telegram_api=_url("ZHUYE_TELEGRAM_API", given.get("ZHUYE_TELEGRAM_API"), API_EXAMPLE) or API_EXAMPLE,
        public_url=_url("ZHUYE_PUBLIC_URL", given.get("ZHUYE_PUBLIC_URL"), URL_EXAMPLE),
        host=given.get("ZHUYE_HOST", "127.0.0.1"),
        port=_port("ZHUYE_PORT", given.get("ZHUYE_PORT", "8000")),
        proxies=_addresses("ZHUYE_PROXIES", given.get("ZHUYE_PROXIES", "127.0.0.1")),
        log_level=_one_of("ZHUYE_LOG_LEVEL", given.get("ZHUYE_LOG_LEVEL", "INFO").upper(), LOG_LEVELS),
    )


def _url(name: str, value: str | None, example: str) -> str | None:
    if value is None:
        return None
    if not _is_url(value):
        raise BadSetting(f'{name}: "{value}" is not an address; write it like {example}')
    return value.rstrip("/")


def database_address(name: str, value: str) -> str:
    """The address of a PostgreSQL database, as it was given under a name. A password may be in it: it is not repeated.

    Raises:
        BadSetting: it does not have its form.

    """
    # Only who has set it pays for loading it.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        if not value.startswith(("postgresql://", "postgres://")):
            raise ProgrammingError
        conninfo_to_dict(value)
    except ProgrammingError:
        # Not even as the cause: libpq repeats what it cannot read.
        raise BadSetting(
            f"{name}: it is not the address of a PostgreSQL database; write it like {DATABASE_EXAMPLE} "
            "(in a password, %40 for @, %3A for :, %2F for /)"
        ) from None
    return value


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port  # checked when it is asked for
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment


def _folder(name: str, value: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise BadSetting(f'{name}: there is no user of the "~" in "{value}"; write it like /srv/zhuye') from error


def _port(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 <= int(value) <= LAST_PORT:
        raise BadSetting(f'{name}: "{value}" is not a port; write a number up to {LAST_PORT}, like 8000')
    return int(value)


def _addresses(name: str, value: str) -> tuple[str, ...]:
    """IP addresses and networks."""
    addresses = tuple(value.replace(",", " ").split())
    for address in addresses:
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError as error:
            raise BadSetting(f'{name}: "{address}" is not an address; write it like 127.0.0.1 or 10.0.0.0/8') from error
    return addresses


def _one_of(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise BadSetting(f'{name}: "{value}" is not known; write one of {", ".join(known)}')
    return value


def _day(name: str, value: str | None) -> datetime.date | None:
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value)
    except ValueError as error:
        raise BadSetting(f'{name}: "{value}" is not a date; write it like 2026-11-22') from error
