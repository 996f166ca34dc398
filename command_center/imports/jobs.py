"""Imports as rows: taken in, started, looked after, and thrown away when they are old."""

import logging
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from command_center.database import Sessions
from command_center.imports.errors import (
    ClosingNotAgreed,
    ImportApplied,
    ImportCheckedAgain,
    ImportInterrupted,
    ImportNotFound,
    ImportNotReady,
    ImportsBusy,
    ImportUnderWay,
)
from command_center.imports.folder import Folder
from command_center.imports.models import ImportJob, Kind, State
from command_center.imports.telling import failure
from command_center.settings import Settings

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
MOST_WAITING = 6
"""Imports that run or wait for a place; more are refused."""
LONGEST_NAME = 200
PATIENCE = 1.0
AT_WORK = {State.RUNNING, State.APPLYING}
ON_RECORD = ("ok", "counts", "edition", "entered")
"""What stays of the result of an import that was carried out when its file goes: no names, no telephone numbers."""


def take_in(
    home: Path, file: IO[bytes], *, kind: Kind, name: str, parameters: dict[str, Any], by_id: int, now: datetime
) -> ImportJob:
    """Keep a file and make the row of its job, which is not stored yet. Raises: OSError."""
    job_id = secrets.token_urlsafe(16)
    folder = Folder.of(home, job_id)
    folder.make()
    try:
        size, digest = folder.take_in(file, name)
    except BaseException:
        folder.remove()
        raise
    return ImportJob(
        id=job_id,
        kind=str(kind),
        file_name=name[-LONGEST_NAME:],
        size=size,
        sha256=digest,
        state=str(State.FAILED),
        turn=0,
        done=0,
        total=0,
        parameters=parameters,
        created_at=now,
        created_by_id=by_id,
    )


def find(session: Session, home: Path, job_id: str) -> ImportJob:
    """Return a job as it really stands. Raises: ImportNotFound."""
    _folder(home, job_id)
    job = session.get(ImportJob, job_id)
    if job is None:
        raise ImportNotFound
    return settled(session, home, job)


def settled(session: Session, home: Path, job: ImportJob) -> ImportJob:
    """Say honestly of a job whose process is gone that it failed; the row itself is left to whoever runs it again.

    session: one for reading only.
    """
    if State(job.state) in AT_WORK and not Folder.of(home, job.id).is_worked_on():
        # Between our reading the row and looking at the lock the process may have ended well; what was read before
        # stays as it was for a transaction, so another one looks again.
        session.commit()
        session.refresh(job)
        if State(job.state) in AT_WORK:
            session.expunge(job)
            job.failure, job.step = failure(ImportInterrupted()), None
            job.state, job.apply_key = str(State.FAILED), None
    return job


def listed(session: Session, home: Path, kind: Kind | None, most: int) -> Sequence[ImportJob]:
    """The newest jobs."""
    wanted = select(ImportJob).order_by(ImportJob.created_at.desc(), ImportJob.id).limit(most)
    if kind is not None:
        wanted = wanted.where(ImportJob.kind == str(kind))
    return [settled(session, home, job) for job in session.scalars(wanted).all()]


def run(settings: Settings, sessions: Sessions, job_id: str, parameters: dict[str, Any] | None, now: datetime) -> None:
    """Start a dry run, the first or another one with other choices.

    Raises: ImportNotFound, ImportUnderWay, ImportApplied, ImportsBusy.
    """
    handle = _locked(settings.home, job_id)
    try:
        with sessions.begin() as session:
            job = _for_change(session, job_id)
            _check_not_too_many(session, settings.home)
            job.parameters = job.parameters if parameters is None else parameters
            job.state, job.turn, job.step, job.done, job.total = str(State.RUNNING), job.turn + 1, "waiting", 0, 0
            job.result = job.failure = job.about = job.apply_key = job.finished_at = None
            job.started_at = now
        _start(settings, "run", job_id, handle)
    finally:
        os.close(handle)


def apply(
    settings: Settings,
    sessions: Sessions,
    job_id: str,
    turn: int,
    about: dict[str, Any],
    key: str | None,
    by_id: int,
    now: datetime,
) -> None:
    """Carry out what the dry run number `turn` reported; the same key again changes nothing more.

    Raises: ImportNotFound, ImportUnderWay, ImportApplied, ImportCheckedAgain, ImportNotReady, ClosingNotAgreed,
    ImportsBusy.
    """
    _folder(settings.home, job_id)
    with sessions.read() as session:
        job = session.get(ImportJob, job_id)
        if job is not None and key is not None and job.apply_key == key:
            return
    handle = _locked(settings.home, job_id)
    try:
        with sessions.begin() as session:
            job = _for_change(session, job_id)
            if job.turn != turn:
                raise ImportCheckedAgain
            result = job.result or {}
            if job.state != State.READY or not result.get("ok"):
                raise ImportNotReady
            closed = result["counts"].get("closed", 0) if job.kind == Kind.WORKERS else 0
            if closed and about.get("closing") != closed:
                raise ClosingNotAgreed(closed=closed, field="closing")
            _check_not_too_many(session, settings.home)
            job.state, job.step, job.done, job.total = str(State.APPLYING), "waiting", 0, 0
            job.about, job.apply_key, job.failure, job.applied_by_id = about, key, None, by_id
            job.started_at, job.finished_at = now, None
        _start(settings, "apply", job_id, handle)
    finally:
        os.close(handle)


def remove(sessions: Sessions, home: Path, job_id: str) -> None:
    """Throw a job and its files away. Raises: ImportNotFound, ImportUnderWay, ImportApplied."""
    handle = _locked(home, job_id)
    try:
        with sessions.begin() as session:
            session.delete(_for_change(session, job_id))
        _folder(home, job_id).remove()
    finally:
        os.close(handle)


def clean(settings: Settings, sessions: Sessions, now: datetime) -> int:
    """Throw away what was kept long enough; of what was carried out a record stays. Returns how many."""
    old = now - timedelta(days=settings.import_days)
    with ExitStack() as locks:
        with sessions.read() as session:
            ids = list(session.scalars(select(ImportJob.id).where(ImportJob.created_at < old)))
        gone = [job_id for job_id in ids if _held(settings.home, job_id, locks)]
        with sessions.begin() as session:
            session.execute(delete(ImportJob).where(ImportJob.id.in_(gone), ImportJob.state != str(State.APPLIED)))
            for job in session.scalars(select(ImportJob).where(ImportJob.id.in_(gone))):
                job.result = {name: value for name, value in (job.result or {}).items() if name in ON_RECORD}
            known = set(session.scalars(select(ImportJob.id)))
        for job_id in gone:
            _folder(settings.home, job_id).remove()
    # What a crash left between the file and its row.
    for path in (settings.home.resolve() / "imports").glob("*/"):
        with suppress(FileNotFoundError):  # another process clears away, too
            if path.name not in known and path.stat().st_mtime < old.timestamp():
                Folder(path).remove()
    return len(gone)


def _for_change(session: Session, job_id: str) -> ImportJob:
    job = session.get(ImportJob, job_id, with_for_update=True)
    if job is None:
        raise ImportNotFound
    if job.state == State.APPLIED:
        raise ImportApplied
    return job


def _folder(home: Path, job_id: str) -> Folder:
    """Raises: ImportNotFound for what cannot be a job's id, before any database is asked for it."""
    try:
        return Folder.of(home, job_id)
    except ValueError as wrong:
        raise ImportNotFound from wrong


def _held(home: Path, job_id: str, locks: ExitStack) -> bool:
    """Hold a job, as far as it has files left, until the stack is closed. False when somebody works on it."""
    with suppress(FileNotFoundError):
        handle = _folder(home, job_id).lock()
        if handle is None:
            return False
        locks.callback(os.close, handle)
    return True


def _locked(home: Path, job_id: str) -> int:
    """Take a job's lock. Raises: ImportNotFound, ImportUnderWay."""
    last = time.monotonic() + PATIENCE
    while True:
        try:
            handle = _folder(home, job_id).lock()
        except FileNotFoundError as missing:
            raise ImportNotFound from missing
        if handle is not None:
            return handle
        # A process lets go of it a moment after its outcome can be seen.
        if time.monotonic() > last:
            raise ImportUnderWay
        time.sleep(0.05)


def _check_not_too_many(session: Session, home: Path) -> None:
    at_work = session.scalars(select(ImportJob.id).where(ImportJob.state.in_([str(state) for state in AT_WORK])))
    if sum(Folder.of(home, job_id).is_worked_on() for job_id in at_work) >= MOST_WAITING:
        raise ImportsBusy


def _start(settings: Settings, what: str, job_id: str, handle: int) -> None:
    """Start the process; it inherits the lock, so that the job is seen to be worked on until it ends."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "COMMAND_CENTER_HOME": str(settings.home.resolve()),
        "COMMAND_CENTER_DATABASE_URL": settings.url,
        "COMMAND_CENTER_TIMEZONE": settings.timezone,
        "COMMAND_CENTER_IMPORT_MINUTES": str(settings.import_minutes),
    }
    started = subprocess.Popen(
        [sys.executable, "-m", "command_center.imports", what, job_id, str(handle)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(handle,),
        start_new_session=True,
    )
    # Somebody has to take note of its end, or it would stay in the system's table.
    threading.Thread(target=started.wait, name=f"import-{job_id}", daemon=True).start()
