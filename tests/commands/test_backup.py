"""A backup brings everything back: tickets, photos, and a log that still verifies."""

from pathlib import Path

import pytest
from sqlalchemy import select

from command_center import backups
from command_center.backups import BackupFault
from command_center.events import log
from command_center.tickets.intake import report as take_in
from command_center.tickets.models import Ticket
from tests.builders import NOW, a_draft
from tests.conftest import Counties
from tests.county import County


def report(county: County) -> str:
    with county.sessions.begin() as session:
        return take_in(session, county.office, a_draft(county), county.actor("grid"), NOW).number


def numbers(county: County) -> list[str]:
    with county.sessions.read() as session:
        return sorted(session.scalars(select(Ticket.number)))


def test_what_came_after_the_backup_is_gone_and_what_was_before_is_back(county: County, tmp_path: Path) -> None:
    kept = report(county)
    photo = county.settings.home / "attachments" / "ab" / "abcd.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"a photo")
    file = tmp_path / "county.tar.gz"
    assert backups.write(county.center, file)["tickets"] == 1
    photo.unlink()
    layer = county.settings.home / "downloads" / "ab" / "grids.gpkg"
    layer.parent.mkdir(parents=True)
    layer.write_bytes(b"a map that is not the backup's")
    report(county)
    backups.restore(county.center, file, replace=True)
    assert numbers(county) == [kept]
    assert photo.read_bytes() == b"a photo" and not layer.exists()
    with county.sessions.read() as session:
        assert [fault for fault in log.verify(session, county.settings.chain_key) if fault] == []


def test_tickets_are_not_thrown_away_unasked(county: County, tmp_path: Path) -> None:
    file = tmp_path / "county.tar.gz"
    backups.write(county.center, file)
    number = report(county)
    with pytest.raises(BackupFault, match="--replace"):
        backups.restore(county.center, file)
    assert numbers(county) == [number]


def test_a_backup_does_not_overwrite_a_file(county: County, tmp_path: Path) -> None:
    file = tmp_path / "county.tar.gz"
    file.write_text("important")
    with pytest.raises(BackupFault, match="there already"):
        backups.write(county.center, file)
    assert file.read_text() == "important"


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00damaged"])
def test_a_file_that_is_no_backup_changes_nothing(county: County, tmp_path: Path, content: bytes) -> None:
    number = report(county)
    file = tmp_path / "county.tar.gz"
    file.write_bytes(content)
    key = county.settings.home / "event_log.key"
    key.write_text("the key that was here")
    with pytest.raises(BackupFault, match="no backup"):
        backups.restore(county.center, file, replace=True)
    assert numbers(county) == [number]
    assert key.read_text() == "the key that was here"


def test_a_backup_made_with_another_log_key_is_refused(county: County, open_county: Counties, tmp_path: Path) -> None:
    file = tmp_path / "county.tar.gz"
    backups.write(county.center, file)
    other = open_county(event_log_key="quite another key")
    with pytest.raises(BackupFault, match="EVENT_LOG_KEY"):
        backups.restore(other.center, file, replace=True)


def test_a_backup_is_readable_by_its_owner_only(county: County, tmp_path: Path) -> None:
    file = tmp_path / "county.tar.gz"
    backups.write(county.center, file)
    assert file.stat().st_mode & 0o077 == 0
