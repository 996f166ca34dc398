"""The coordinator of one import, in a process of its own: hands the file to a reader, then asks the database.

`run` is the dry run: what the file holds, what is wrong with it, and what would change. `apply` carries out what was
reported, in one transaction with the job's own row, so that the job never says otherwise than the database.
"""

import fcntl
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from command_center.database import Sessions
from command_center.errors import CommandCenterError, EditionScheduled
from command_center.imports.errors import (
    ClosingNotAgreed,
    FileUnreadable,
    ImportFailed,
    ImportOutdated,
    ImportTookTooLong,
)
from command_center.imports.folder import Folder, read_lines, read_map, write_lines, write_map
from command_center.imports.models import ImportJob, Kind, State
from command_center.imports.report import kinds
from command_center.imports.telling import (
    changes_told,
    failure,
    fingerprint,
    open_tickets_of,
    present_map,
    previewed,
    steps_told,
    told,
    used_grid_codes,
)
from command_center.people import roster
from command_center.people.roster_faults import SHORT
from command_center.people.roster_faults import Fault as RosterFault
from command_center.people.roster_file import Row, Sheet
from command_center.people.roster_sheets import faults_workbook
from command_center.regions import editions
from command_center.settings import Settings

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
READERS = {Kind.GRIDS: "command_center.imports.map_reader", Kind.WORKERS: "command_center.imports.roster_reader"}
AT_ONCE = 2
TELL_EVERY = 0.7
ANOTHER_WAITS = "另一版待生效", "another edition waits"


class Work:
    """One job's work. `lock`: the job's lock, held until the outcome is in the database."""

    def __init__(self, settings: Settings, sessions: Sessions, job_id: str, lock: int) -> None:
        self._settings, self._sessions, self._id, self._lock = settings, sessions, job_id, lock
        self._folder = Folder.of(settings.home, job_id)
        self._ends_at = time.monotonic() + settings.import_minutes * 60
        self._told_at = 0.0

    def run(self) -> None:
        """Read the file and report what it would change; nothing else is written."""
        self._finish(State.READY, self._report)
        os.close(self._lock)

    def apply(self) -> None:
        """Carry out what was reported."""
        self._finish(State.APPLIED, self._carry_out)
        os.close(self._lock)

    def _finish(self, state: State, work: Callable[[ImportJob], dict[str, Any]]) -> None:
        try:
            with self._sessions.read() as session:
                job = session.get_one(ImportJob, self._id)
            with self._seat():
                result = work(job)
        except CommandCenterError as refused:
            # A report stays good when its being carried out is refused: what stands in the way may be put right.
            return self._failed(refused, State.READY if state is State.APPLIED else State.FAILED)
        except Exception:
            log.exception("import %s failed", self._id)
            return self._failed(ImportFailed(id=self._id), State.FAILED)
        if state is State.READY:
            with self._sessions.begin() as session:
                self._end(session, state, result)
        return None

    def _end(self, session: Session, state: State, result: dict[str, Any] | None) -> ImportJob:
        job = session.get_one(ImportJob, self._id, with_for_update=True)
        job.state, job.step, job.failure, job.finished_at = str(state), None, None, datetime.now(UTC)
        job.result = result
        return job

    def _failed(self, error: CommandCenterError, state: State) -> None:
        with self._sessions.begin() as session:
            job = session.get_one(ImportJob, self._id, with_for_update=True)
            job.failure = failure(error)
            job.state, job.step, job.finished_at, job.apply_key = str(state), None, datetime.now(UTC), None

    def tell(self, step: str, done: int, total: int) -> None:
        """Write the progress into the job's row, not more often than somebody looks."""
        if time.monotonic() - self._told_at < TELL_EVERY and done not in (0, total):
            return
        self._told_at = time.monotonic()
        with self._sessions.begin() as session:
            job = session.get_one(ImportJob, self._id)
            job.step, job.done, job.total = step[:32], done, total

    @contextmanager
    def _seat(self) -> Iterator[None]:
        """Wait for one of the few places; it is free again when its process ends, however it ends."""
        seats = [self._folder.path.parent / f"seat-{n}" for n in range(AT_ONCE)]
        waiting = False
        while True:
            for seat in seats:
                handle = os.open(seat, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(handle)
                    continue
                try:
                    yield
                finally:
                    os.close(handle)
                return
            if not waiting:
                self.tell("waiting", 0, 0)
                waiting = True
            if time.monotonic() > self._ends_at:
                raise ImportTookTooLong(minutes=f"{self._settings.import_minutes:g}")
            time.sleep(0.3)

    # The dry run

    def _report(self, job: ImportJob) -> dict[str, Any]:
        self._folder.fresh_report()
        task: dict[str, Any] = {"kind": job.kind}
        based_on, counted = 0, Counter[str]()
        if job.kind == Kind.GRIDS:
            with self._sessions.read() as session:
                based_on, present = present_map(session)
                task["used_codes"] = sorted(used_grid_codes(session))
            write_map(self._folder.path / "present.jsonl", present)
            counted = Counter(name for row in present for name in (row.level, row.kind) if name)
            task["choices"] = job.parameters
        (self._folder.path / "task.json").write_text(json.dumps(task), encoding="utf-8")
        outcome = self._read(Kind(job.kind))
        if "unreadable" in outcome:
            raise FileUnreadable(**{name: outcome["unreadable"][name] for name in ("text", "text_en")})
        if job.kind == Kind.GRIDS:
            return self._report_grids(outcome, based_on, counted)
        return self._report_workers(outcome, add=bool(job.parameters.get("add")))

    def _read(self, kind: Kind) -> dict[str, Any]:
        """Let the reader read, and pass on what it says of its progress. Raises: ImportTookTooLong, ImportFailed."""
        reader = subprocess.Popen(
            [sys.executable, "-m", READERS[kind], str(self._folder.path)],
            cwd=ROOT,
            # Nothing of our own environment: it holds the keys.
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        late = threading.Event()

        def stop() -> None:
            late.set()
            reader.kill()

        timer = threading.Timer(max(self._ends_at - time.monotonic(), 0.0), stop)
        timer.daemon = True
        timer.start()
        try:
            assert reader.stdout is not None
            for line in reader.stdout:
                said = json.loads(line)
                self.tell(str(said["step"]), int(said["done"]), int(said["total"]))
        finally:
            timer.cancel()
            if reader.poll() is None and sys.exc_info()[0] is not None:
                reader.kill()
            reader.wait()
        if late.is_set():
            raise ImportTookTooLong(minutes=f"{self._settings.import_minutes:g}")
        if reader.returncode != 0:
            log.error("the reader of import %s ended with %s", self._id, reader.returncode)
            raise ImportFailed(id=self._id)
        found: dict[str, Any] = json.loads((self._folder.report / "outcome.json").read_text(encoding="utf-8"))
        return found

    def _report_grids(self, outcome: dict[str, Any], based_on: int, present: dict[str, int]) -> dict[str, Any]:
        self.tell("comparing", 0, 1)
        result = outcome | {"based_on": based_on, "present": present}
        drawn = read_lines(self._folder.report / "outlines.jsonl")
        if outcome["ok"]:
            edition = read_map(self._folder.report / "edition.jsonl")
            with self._sessions.read() as session:
                changes = editions.changes_of(session, edition)
                waiting = editions.scheduled(session)
                result["changes"] = changes_told(session, changes)
                result["waiting"] = waiting.version if waiting else None
                drawn = previewed(session, drawn, edition, changes)
                try:
                    if changes:
                        editions.require_none_scheduled(session)
                except EditionScheduled as refused:
                    result |= self._stands_in_the_way(refused, outcome["faults"])
        preview = {
            "type": "FeatureCollection",
            "features": [*drawn, *read_lines(self._folder.report / "places.jsonl")],
        }
        (self._folder.report / "preview.geojson").write_text(json.dumps(preview, ensure_ascii=False), encoding="utf-8")
        return result

    def _stands_in_the_way(self, refused: EditionScheduled, kinds_told: list[dict[str, Any]]) -> dict[str, Any]:
        """Add to a sound map's report, as one more fault, why it could not be stored now."""
        path = self._folder.report / "faults.jsonl"
        lines = read_lines(path)
        fault = told(len(lines), RosterFault(None, None, refused.code, refused.text_zh, refused.text_en))
        write_lines(path, [*lines, fault])
        return {"ok": False, "faults": [*kinds([fault], {refused.code: ANOTHER_WAITS}), *kinds_told]}

    def _report_workers(self, outcome: dict[str, Any], *, add: bool) -> dict[str, Any]:
        self.tell("comparing", 0, 1)
        with self._sessions.read() as session:
            plan = roster.judge(session, self._sheet(outcome), add=add)
            in_hands = open_tickets_of(session, plan)
        # A roster with faults is not judged to the end: which grids have nobody would be guesswork.
        found = plan.notes if plan.ok else plan.faults
        lines = [told(n, fault) for n, fault in enumerate(found)]
        write_lines(self._folder.report / "faults.jsonl", lines)
        (self._folder.report / "faults.xlsx").write_bytes(faults_workbook(found))
        return {
            "ok": plan.ok,
            "counts": plan.counts | ({"open_tickets_of_closed": in_hands} if plan.ok else {}),
            "columns": outcome["columns"],
            "ignored": outcome["ignored"],
            "faults": kinds(lines, SHORT),
            "steps": steps_told(plan) if plan.ok else [],
            "fingerprint": fingerprint(plan),
        }

    def _sheet(self, outcome: dict[str, Any]) -> Sheet:
        rows = tuple(Row.from_json(row) for row in read_lines(self._folder.report / "rows.jsonl"))
        return Sheet(rows, outcome["columns"], tuple(outcome["ignored"]))

    # What was reported, carried out

    def _carry_out(self, job: ImportJob) -> dict[str, Any]:
        assert job.result is not None and job.about is not None
        self.tell("storing", 0, 1)
        return self._apply_grids(job) if job.kind == Kind.GRIDS else self._apply_workers(job)

    def _apply_grids(self, job: ImportJob) -> dict[str, Any]:
        assert job.result is not None and job.about is not None
        found, said = read_map(self._folder.report / "edition.jsonl"), job.about
        effective = said.get("effective_at")
        about = editions.About(
            name=said.get("name") or "",
            source=job.file_name,
            sha256=job.sha256,
            note=said.get("note") or "",
            effective_at=datetime.fromisoformat(effective) if effective else None,
            by_id=job.applied_by_id,
            based_on=job.result["based_on"],
        )
        with self._sessions.read() as session:
            changes = editions.changes_of(session, found)
        now = datetime.now(UTC)
        with self._sessions.begin() as session:
            made = editions.store(session, changes, about, now)
            result = job.result | {"edition": made.version, "entered": made.entered_at is not None}
            self._end(session, State.APPLIED, result).applied_at = now
        return result

    def _apply_workers(self, job: ImportJob) -> dict[str, Any]:
        assert job.result is not None and job.about is not None
        outcome = {"columns": job.result["columns"], "ignored": job.result["ignored"]}
        sheet, now = self._sheet(outcome), datetime.now(UTC)
        with self._sessions.begin() as session:
            plan = roster.judge(session, sheet, add=bool(job.parameters.get("add")))
            if not plan.ok or fingerprint(plan) != job.result["fingerprint"]:
                raise ImportOutdated
            if plan.counts["closed"] and job.about.get("closing") != plan.counts["closed"]:
                raise ClosingNotAgreed(closed=plan.counts["closed"], field="closing")
            roster.carry_out(session, plan, now)
            self._end(session, State.APPLIED, job.result).applied_at = now
        return job.result
