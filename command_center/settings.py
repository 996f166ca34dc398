"""All settings in one frozen object, read from the environment and `.env`."""

import json
import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

WEAK_SECRETS = {"secret", "changeme", "change-me", "password", "dev", "test", "demo"}
SHORTEST_SECRET = 32


@dataclass(frozen=True)
class SmsGateway:
    """Where text messages go: an address, a bearer token, and the gateway's own form of a message."""

    url: str
    token: str
    template: Any

    def body(self, phone: str, text: str) -> bytes:
        """Fill the form: {phone} and {text} are replaced inside its texts, so nothing can break out of them."""
        return json.dumps(_filled(self.template, phone, text), ensure_ascii=False).encode()


def _filled(part: Any, phone: str, text: str) -> Any:
    if isinstance(part, dict):
        return {name: _filled(value, phone, text) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, phone, text) for value in part]
    # The text last: what a person wrote must not be searched for {phone}.
    return part.replace("{phone}", phone).replace("{text}", text) if isinstance(part, str) else part


class Settings(BaseSettings):
    """Settings of one running command center. Every field is read from `COMMAND_CENTER_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="COMMAND_CENTER_", env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore"
    )

    home: Path = Field(Path("var"), description="folder of everything this installation writes")
    database_url: SecretStr | None = Field(None, description="SQLAlchemy URL; default: SQLite in HOME")
    redis_url: SecretStr | None = Field(None, description="Redis, needed when several web processes run")
    host: str = Field("127.0.0.1", description="address the web server listens on")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8000, description="port the web server listens on")
    secret_key: SecretStr | None = Field(None, description="signs sessions and tokens; at least 32 characters")
    event_log_key: SecretStr | None = Field(
        None,
        description="HMAC key of the event log; default: made once and kept in HOME; share it between machines",
    )
    demo: bool = Field(False, description="demo accounts and simulated traffic")
    timezone: str = Field("Asia/Shanghai", description="time zone in which people here live")
    token_hours: Annotated[int, Field(ge=1, le=24 * 30)] = Field(12, description="how long a sign-in lasts, hours")
    sweep_seconds: Annotated[float, Field(gt=0, le=20)] = Field(5.0, description="seconds between two sweeps")
    relay_seconds: Annotated[float, Field(gt=0, le=10)] = Field(
        0.1, description="seconds after which the relay looks for events of other processes"
    )
    policy_speed: Annotated[float, Field(ge=1)] = Field(
        1.0,
        description="divides every time limit of new tickets; above 1 only in demo mode, for drills and tests",
    )
    scheduler: bool = Field(True, description="sweep in this process; several at once are harmless")
    demo_reports_per_hour: Annotated[float, Field(ge=0, le=36000)] = Field(
        240, description="simulated reports an hour in demo mode; 0 for none"
    )
    secure_cookies: bool = Field(False, description="send the session cookie over HTTPS only")
    proxies: Annotated[int, Field(ge=0, le=5)] = Field(0, description="number of reverse proxies in front")
    sms_url: str | None = Field(None, description="address of the SMS gateway; none: no text messages")
    sms_token: SecretStr | None = Field(None, description="bearer token for the SMS gateway; none: no text messages")
    sms_template: str = Field(
        '{"phone": "{phone}", "text": "{text}"}', description="the gateway's JSON form with {phone} and {text}"
    )
    public_url: str | None = Field(
        None, description="address at which people find this site, for links in text messages; none: no links"
    )
    base_map: Path | None = Field(None, description="PMTiles file drawn under the outlines; none: outlines alone")
    tianditu_key: SecretStr | None = Field(
        None, description="the operator's own key for Tianditu tiles; browsers then fetch them from tianditu.gov.cn"
    )
    import_megabytes: Annotated[int, Field(ge=1, le=4096)] = Field(
        200, description="largest file that the import pages take, in MB"
    )
    import_minutes: Annotated[float, Field(gt=0, le=600)] = Field(30, description="time limit of one import, minutes")
    import_days: Annotated[int, Field(ge=1, le=366)] = Field(
        7, description="how long an import's file and report are kept, days"
    )
    data: Path = Field(Path(__file__).resolve().parent.parent / "data", description="folder of the reference data")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, OSError) as wrong:
            raise ValueError(f"there is no time zone {name}") from wrong
        return name

    @field_validator("sms_template")
    @classmethod
    def _a_json_form(cls, form: str) -> str:
        try:
            json.loads(form)
        except ValueError as wrong:
            raise ValueError("COMMAND_CENTER_SMS_TEMPLATE is no JSON") from wrong
        if "{phone}" not in form or "{text}" not in form:
            raise ValueError("COMMAND_CENTER_SMS_TEMPLATE needs {phone} and {text}")
        return form

    @field_validator("base_map", mode="before")
    @classmethod
    def _empty_is_none(cls, path: Any) -> Any:
        return path or None

    @field_validator("tianditu_key")
    @classmethod
    def _a_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None or not key.get_secret_value():
            return None
        # It becomes part of an address, so nothing may stand in it that means something there.
        if not re.fullmatch(r"[A-Za-z0-9]{8,64}", key.get_secret_value()):
            raise ValueError("COMMAND_CENTER_TIANDITU_KEY must be the key as Tianditu shows it: letters and digits")
        return key

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, address: str | None) -> str | None:
        if not address:
            return None
        if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", address):
            raise ValueError("COMMAND_CENTER_PUBLIC_URL must be an address such as https://grid.example.gov.cn")
        return address.rstrip("/")

    @model_validator(mode="after")
    def _speed_only_in_demo(self) -> Self:
        if self.policy_speed != 1 and not self.demo:
            raise ValueError("COMMAND_CENTER_POLICY_SPEED other than 1 needs COMMAND_CENTER_DEMO=1")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL."""
        if self.database_url is not None and self.database_url.get_secret_value():
            url = self.database_url.get_secret_value()
            return f"postgresql://{url.removeprefix('postgres://')}" if url.startswith("postgres://") else url
        return f"sqlite:///{(self.home / 'command_center.db').resolve()}"

    @property
    def redis(self) -> str | None:
        return self.redis_url.get_secret_value() or None if self.redis_url else None

    @property
    def sms(self) -> SmsGateway | None:
        """The SMS gateway; None when its address or its token is not set."""
        token = self.sms_token.get_secret_value() if self.sms_token else ""
        return SmsGateway(self.sms_url, token, json.loads(self.sms_template)) if self.sms_url and token else None

    @cached_property
    def signing_key(self) -> str:
        """The key that signs sessions and tokens; made once and kept in HOME when none is set."""
        if self.secret_key is not None and self.secret_key.get_secret_value():
            return self.secret_key.get_secret_value()
        return kept_key(self.home / "secret.key")

    @cached_property
    def chain_key(self) -> bytes:
        """The key of the event log's HMAC: its own, so that a new secret breaks no chain."""
        if self.event_log_key is not None and self.event_log_key.get_secret_value():
            return self.event_log_key.get_secret_value().encode()
        return kept_key(self.home / "event_log.key").encode()

    def secret_fault(self) -> str | None:
        """Say what is wrong with the configured secret, None when it is good enough to serve real people."""
        if self.demo:
            return None
        key = self.secret_key.get_secret_value() if self.secret_key else ""
        if not key:
            return "COMMAND_CENTER_SECRET_KEY is not set"
        if len(key) < SHORTEST_SECRET:
            return f"COMMAND_CENTER_SECRET_KEY is shorter than {SHORTEST_SECRET} characters"
        if key.lower() in WEAK_SECRETS or len(set(key)) < 8:
            return "COMMAND_CENTER_SECRET_KEY is easy to guess"
        return None


def kept_key(path: Path) -> str:
    """Read the key in this file; make it, readable by its owner only, if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()
