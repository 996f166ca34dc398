"""Settings: what is refused, what is kept in HOME, and what makes a secret good enough."""

import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from command_center.settings import Settings, kept_key

GOOD = "k7Q2mW9xZ4vB1nR8tY5uP3sD6fG0hJ-LcE"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only what a test sets counts: neither the environment of whoever runs it, nor a `.env` beside it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"COMMAND_CENTER_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        (None, "is not set"),
        ("", "is not set"),
        ("demo", "is shorter than 32"),
        (GOOD[:31], "is shorter than 32"),
        ("a" * 64, "is easy to guess"),
        ("abcdefg" * 6, "is easy to guess"),  # seven different characters
        (GOOD, None),
    ],
)
def test_a_secret_that_is_missing_or_weak_is_named(key: str | None, fault: str | None) -> None:
    found = Settings(secret_key=key).secret_fault()
    assert found is None if fault is None else found is not None and fault in found


def test_a_demo_needs_no_secret() -> None:
    assert Settings(demo=True).secret_fault() is None


def test_no_secret_is_ever_shown() -> None:
    shown = repr(
        Settings(
            secret_key=GOOD,
            event_log_key=GOOD,
            database_url=f"postgresql://u:{GOOD}@h/d",
            redis_url=f"redis://:{GOOD}@h",
        )
    )
    assert GOOD not in shown


def test_keys_are_made_once_and_kept_in_home_for_the_owners_eyes(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    first, again = Settings(home=home), Settings(home=home)
    assert first.signing_key == again.signing_key
    assert first.chain_key == again.chain_key
    assert first.signing_key.encode() != first.chain_key
    for name in ("secret.key", "event_log.key"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
        assert len((home / name).read_text(encoding="ascii").strip()) >= 32


def test_a_new_secret_leaves_the_key_of_the_event_log_alone(tmp_path: Path) -> None:
    before = Settings(home=tmp_path).chain_key
    after = Settings(home=tmp_path, secret_key=GOOD)
    assert after.signing_key == GOOD
    assert after.chain_key == before
    assert Settings(home=tmp_path, event_log_key="its own").chain_key == b"its own"


def test_two_homes_have_different_keys(tmp_path: Path) -> None:
    assert kept_key(tmp_path / "a" / "secret.key") != kept_key(tmp_path / "b" / "secret.key")


@pytest.mark.parametrize(
    ("url", "spelt"),
    [
        ("postgres://u:p@db/county", "postgresql://u:p@db/county"),
        ("postgresql://u:p@db/county", "postgresql://u:p@db/county"),
        ("postgresql+psycopg://db/postgres://", "postgresql+psycopg://db/postgres://"),
        ("sqlite:////srv/county.db", "sqlite:////srv/county.db"),
    ],
)
def test_a_database_may_be_named_in_either_spelling(url: str, spelt: str) -> None:
    assert Settings(database_url=url).url == spelt


@pytest.mark.parametrize("url", [None, ""])
def test_without_a_database_it_is_a_file_in_home(tmp_path: Path, url: str | None) -> None:
    assert Settings(home=tmp_path, database_url=url).url == f"sqlite:///{tmp_path}/command_center.db"


def test_time_runs_faster_in_a_demo_only() -> None:
    assert Settings(demo=True, policy_speed=60).policy_speed == 60
    assert Settings(policy_speed=1).policy_speed == 1
    with pytest.raises(ValidationError, match="COMMAND_CENTER_DEMO"):
        Settings(policy_speed=60)


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy_speed": 0.5, "demo": True},
        {"port": 0},
        {"port": 65536},
        {"port": "http"},
        {"timezone": "Asia/Nowhere"},
        {"timezone": "Asia"},
        {"timezone": "../etc"},
        {"token_hours": 0},
        {"sweep_seconds": 0},
        {"sweep_seconds": 61},
        {"demo": "perhaps"},
        {"proxies": -1},
    ],
    ids=str,
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Settings(**wrong)


def test_settings_come_from_the_environment_and_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COMMAND_CENTER_PORT=8001\nCOMMAND_CENTER_HOST=0.0.0.0\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("COMMAND_CENTER_PORT", "8002")
    monkeypatch.setenv("COMMAND_CENTER_REDIS_URL", "")
    settings = Settings()
    assert (settings.host, settings.port, settings.redis) == ("0.0.0.0", 8002, None)


def test_settings_do_not_change_while_it_runs() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]
