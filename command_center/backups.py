"""One file that brings a command center back: database, photos, and the event log's key.

A tar.gz with `manifest.json`, `database.sqlite` (a consistent copy) or `database.dump` (pg_dump, custom format),
`attachments/`, and `event_log.key`, without which the restored chains could not be verified. Keep it as secret as the
database itself.
"""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from command_center import migrations
from command_center.database import Sessions, make_engine
from command_center.events.heartbeats import ALL_PARTS, missing
from command_center.tickets.models import Ticket
from command_center.web import Center

FORMAT = 1
SQLITE, POSTGRESQL = "database.sqlite", "database.dump"
MANIFEST, KEY, PHOTOS = "manifest.json", "event_log.key", "attachments"


class BackupFault(Exception):
    """Why a backup cannot be written or restored; nothing was changed."""


def write(wired: Center, file: Path) -> dict[str, Any]:
    """Write a backup while the server goes on; returns its manifest. Raises: BackupFault."""
    if file.exists():
        raise BackupFault(f"{file} is there already; choose another name")
    settings = wired.settings
    with tempfile.TemporaryDirectory(dir=file.parent.resolve()) as folder:
        work = Path(folder)
        # Photos are copied after the database: a picture more than the database knows harms nothing.
        name = SQLITE if wired.sessions.is_sqlite else POSTGRESQL
        _dump(wired, work / name)
        manifest = {
            "format": FORMAT,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "database": name,
            "revision": migrations.revision_of(wired.sessions.engine),
            "tickets": _tickets(wired.sessions),
        }
        (work / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        (work / KEY).write_bytes(settings.chain_key)
        unfinished = work / "unfinished"
        with tarfile.open(unfinished, "w:gz") as archive:
            for part in (MANIFEST, name, KEY):
                archive.add(work / part, part)
            if (settings.home / PHOTOS).is_dir():
                archive.add(settings.home / PHOTOS, PHOTOS)
        unfinished.chmod(0o600)
        unfinished.rename(file)
    return manifest


def restore(wired: Center, file: Path, *, replace: bool = False) -> dict[str, Any]:
    """Bring a backup back into this installation; returns its manifest.

    Raises: BackupFault when a server is running, when there are tickets here already and `replace` is not said, when
    the file is no backup, of the other kind of database, or of a newer program.
    """
    _require_quiet(wired, replace)
    with tempfile.TemporaryDirectory(dir=wired.settings.home) as folder:
        work = Path(folder)
        manifest = _unpack(file, work)
        expected = SQLITE if wired.sessions.is_sqlite else POSTGRESQL
        if manifest.get("database") != expected:
            raise BackupFault(f"the backup holds {manifest.get('database')}, this installation needs {expected}")
        kept = (work / KEY).read_bytes()
        _refuse_another_key(wired, kept)
        if wired.sessions.is_sqlite:
            _restore_sqlite(wired, work / SQLITE)
        else:
            _postgresql(
                "pg_restore", wired, "--clean", "--if-exists", "--single-transaction", "--no-owner", work / POSTGRESQL
            )
        # What could fail has not: from here on everything belongs to the restored county.
        _put_key(wired, kept)
        if (work / PHOTOS).is_dir():
            shutil.copytree(work / PHOTOS, wired.settings.home / PHOTOS, dirs_exist_ok=True)
        # Made of the map that was here; they are made again when somebody asks.
        shutil.rmtree(wired.settings.home / "downloads", ignore_errors=True)
    wired.county.forget()
    return manifest


def _tickets(sessions: Sessions) -> int:
    with sessions.read() as session:
        return session.scalar(select(func.count()).select_from(Ticket)) or 0


def _dump(wired: Center, target: Path) -> None:
    if wired.sessions.is_sqlite:
        with wired.sessions.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")  # VACUUM runs outside of a transaction
            connection.exec_driver_sql("VACUUM INTO ?", (str(target),))
    else:
        _postgresql("pg_dump", wired, "--format=custom", f"--file={target}")


def _postgresql(program: str, wired: Center, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's own tools on our database; the password goes by the environment, not the command line."""
    url = make_url(wired.settings.url).set(drivername="postgresql")
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    address = url.set(password=None).render_as_string(hide_password=False)
    if shutil.which(program) is None:
        raise BackupFault(f"{program} is missing: install the PostgreSQL client tools")
    done = subprocess.run(
        [program, f"--dbname={address}", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupFault(f"{program}: {done.stderr.strip()[-500:]}")


def _require_quiet(wired: Center, replace: bool) -> None:
    if migrations.revision_of(wired.sessions.engine) is None:
        return
    if set(missing(wired.sessions, datetime.now(UTC))) != set(ALL_PARTS):
        raise BackupFault("a server is running on this database: stop it, wait half a minute, and try again")
    if not replace and (count := _tickets(wired.sessions)):
        raise BackupFault(f"there are {count} tickets here; say --replace to throw them away for the backup's")


def _unpack(file: Path, work: Path) -> dict[str, Any]:
    """Unpack and check a backup. Only plain files and folders inside `work` come out, whatever the archive says."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(work, filter="data")
        manifest: dict[str, Any] = json.loads((work / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, tarfile.TarError, ValueError, EOFError) as wrong:
        raise BackupFault(f"{file} is no backup, or it is damaged: {wrong}") from wrong
    if manifest.get("format") != FORMAT or not (work / str(manifest.get("database"))).is_file():
        raise BackupFault(f"{file} is no backup that this program can read")
    return manifest


def _refuse_another_key(wired: Center, kept: bytes) -> None:
    """Raises: BackupFault when this installation's setting names another key than the backup's log was made with."""
    setting = wired.settings.event_log_key
    if setting is not None and setting.get_secret_value() and setting.get_secret_value().encode() != kept:
        raise BackupFault("COMMAND_CENTER_EVENT_LOG_KEY is not the key this backup's event log was made with")


def _put_key(wired: Center, kept: bytes) -> None:
    """Put the event log's key back into HOME; another key that lies there is kept under another name."""
    own = wired.settings.home / KEY
    if own.exists() and own.read_bytes().strip() != kept:
        own.rename(own.with_name(f"{KEY}.before-restore"))
    own.touch(mode=0o600)
    own.write_bytes(kept)


def _restore_sqlite(wired: Center, copy: Path) -> None:
    engine = make_engine(f"sqlite:///{copy}")
    with engine.connect() as connection:
        if connection.exec_driver_sql("PRAGMA quick_check").scalar() != "ok":
            raise BackupFault("the database in the backup is damaged")
    engine.dispose()
    wired.sessions.engine.dispose()
    target = Path(str(make_url(wired.settings.url).database))
    for leftover in ("-wal", "-shm"):
        target.with_name(target.name + leftover).unlink(missing_ok=True)
    for leftover in ("-wal", "-shm"):
        copy.with_name(copy.name + leftover).unlink(missing_ok=True)
    copy.replace(target)
