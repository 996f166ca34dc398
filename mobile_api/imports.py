"""Bringing files in: an upload is a dry run with a report, and only `apply` changes anything. For administrators."""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any

from flask import Response, jsonify, request, send_file
from pydantic import Field, field_validator
from sqlalchemy import select

from command_center.aside import beside_the_loop
from command_center.errors import BadCursor, Invalid, KeyInvalid, NotAllowed
from command_center.imports import jobs
from command_center.imports.errors import ImportFileMissing, ImportNotFound, ImportTooLarge
from command_center.imports.folder import Folder, read_lines
from command_center.imports.models import ImportJob, Kind
from command_center.people.models import Role, User
from command_center.people.roster_sheets import template
from command_center.problems import drain
from command_center.regions import editions
from command_center.web import caller, center, let_in, now, signed_in
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.schemas import Body, parse

MB = 1024 * 1024
# Multipart boundaries, headers, and the choices beside the file.
ENVELOPE = 256 * 1024
MOST_LISTED = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Name = Annotated[str, Field(max_length=200)]


class ImportChoices(Body):
    """What is said of a file; what is left out is found or guessed. `fields`: ours to theirs, "" for none."""

    crs: str | None = Field(None, pattern=r"^(wgs84|cgcs2000|gcj02|bd09|(EPSG|epsg):[0-9]{4,6})$")
    encoding: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{1,20}$")
    layer: Name | None = None
    fields: dict[Annotated[str, Field(max_length=40)], Name] | None = Field(None, max_length=40)
    repair: bool = False
    add: bool = False
    gap_m: float | None = Field(None, ge=0, le=50)
    sliver_m2: float | None = Field(None, ge=0, le=1_000_000)

    @field_validator("fields")
    @classmethod
    def _storable_fields(cls, fields: dict[str, str] | None) -> dict[str, str] | None:
        if any(character < " " for pair in (fields or {}).items() for text in pair for character in text):
            raise ValueError("control characters")
        return fields

    def parameters(self, kind: Kind) -> dict[str, Any]:
        """As the job keeps them."""
        said = self.model_dump(exclude_none=True)
        return {"add": self.add} if kind is Kind.WORKERS else said


class ImportApply(Body):
    """How a report is carried out. `turn`: that of the report the caller saw; `effective`: the first day of a map,
    today when left out; `closing`: how many accounts the caller agrees to close."""

    turn: int = Field(ge=0)
    name: Name = ""
    effective: date | None = None
    note: str = Field("", max_length=2000)
    closing: int | None = Field(None, ge=0)


@api.get("/imports")
@signed_in
def list_imports() -> Response:
    """List the newest imports."""
    check_administrator()
    kind = answers.choice("kind", tuple(map(str, Kind)))
    with center().sessions.read() as session:
        found = jobs.listed(session, center().settings.home, Kind(kind) if kind else None, MOST_LISTED)
        users = _names(session, found)
    return answers.page([_summary(job, users) for job in found])


@api.post("/imports")
def create_import() -> tuple[Response, int]:
    """Take a file in (multipart: `file`, `kind` grids or workers, perhaps `choices` as JSON) and check it: 201."""
    wired = center()
    limit = wired.settings.import_megabytes * MB
    _let_in(limit)
    file, kind = request.files.get("file"), request.form.get("kind", "")
    if file is None or not file.filename:
        raise ImportFileMissing(field="file")
    if kind not in tuple(map(str, Kind)):
        raise Invalid(field="kind", reason="kind must be grids or workers")
    choices = parse(ImportChoices, (request.form.get("choices") or "{}").encode("utf-8", "replace"))
    parameters = choices.parameters(Kind(kind))
    jobs.clean(wired.settings, wired.sessions, now())
    name = "".join(character for character in file.filename if character.isprintable())
    said: dict[str, Any] = {"kind": Kind(kind), "name": name, "parameters": parameters}
    said |= {"by_id": caller().id, "now": now()}
    job: ImportJob = beside_the_loop(partial(jobs.take_in, wired.settings.home, file.stream, **said))
    try:
        with wired.sessions.begin() as session:
            session.add(job)
        jobs.run(wired.settings, wired.sessions, job.id, None, now())
    except BaseException:
        with suppress(ImportNotFound):
            jobs.remove(wired.sessions, wired.settings.home, job.id)
        Folder.of(wired.settings.home, job.id).remove()
        raise
    answer = _told(job.id)
    answer.headers["Location"] = f"/api/v1/imports/{job.id}"
    return answer, 201


@api.get("/imports/<id>")
@signed_in
def read_import(id: str) -> Response:
    """Show where an import stands, and its report in short."""
    check_administrator()
    return _told(id)


@api.post("/imports/<id>/choices")
@signed_in
def choose_import(id: str) -> Response:
    """Check the file again with other choices."""
    check_administrator()
    wired = center()
    form = parse(ImportChoices, request.get_data())
    with wired.sessions.read() as session:
        kind = Kind(jobs.find(session, wired.settings.home, id).kind)
    jobs.run(wired.settings, wired.sessions, id, form.parameters(kind), now())
    return _told(id)


@api.post("/imports/<id>/apply")
@signed_in
def apply_import(id: str) -> Response:
    """Carry out what the report says, all of it or nothing; a map takes effect at its date. 409 if checked again."""
    check_administrator()
    wired, form = center(), parse(ImportApply, request.get_data())
    about: dict[str, Any] = {"name": form.name.strip(), "note": form.note.strip(), "closing": form.closing}
    if form.effective is not None:
        about["effective_at"] = editions.beginning(form.effective, wired.settings.zone, now()).isoformat()
    jobs.apply(wired.settings, wired.sessions, id, form.turn, about, key=_key(), by_id=caller().id, now=now())
    return _told(id)


@api.delete("/imports/<id>")
@signed_in
def delete_import(id: str) -> tuple[str, int]:
    """Throw an import and its file away; one that was carried out stays on record."""
    check_administrator()
    jobs.remove(center().sessions, center().settings.home, id)
    return "", 204


@api.get("/imports/<id>/faults")
@signed_in
def list_import_faults(id: str) -> Response:
    """List the faults of an import, of one `kind` or all, a page at a time."""
    check_administrator()
    limit, cursor = answers.limit(), request.args.get("cursor", "")
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise BadCursor(field="cursor")
    kind, start = answers.words("kind", 60), int(cursor or 0)
    try:
        path = _report(id).report / "faults.jsonl"
        if kind is None:
            found = read_lines(path, start, limit + 1)
        else:
            of_kind = [fault for fault in beside_the_loop(read_lines, path, start) if fault["kind"] == kind]
            found = of_kind[: limit + 1]
    except FileNotFoundError:
        found = []
    more = str(found[limit]["n"]) if len(found) > limit else None
    return answers.page(found[:limit], more)


@api.get("/imports/<id>/faults.xlsx")
@signed_in
def download_import_faults(id: str) -> Response:
    """All faults of an import as a workbook, a row each."""
    check_administrator()
    return _file(id, "faults.xlsx", XLSX, download=True)


@api.get("/imports/<id>/faults/<int:n>.svg")
@signed_in
def picture_import_fault(id: str, n: int) -> Response:
    """A picture of the place of one fault, with its neighbours."""
    check_administrator()
    return _file(id, f"pictures/{n}.svg", "image/svg+xml")


@api.get("/imports/<id>/preview.geojson")
@signed_in
def preview_import(id: str) -> Response:
    """The file's outlines, simplified, with what becomes of each, and the places of the faults."""
    check_administrator()
    return _file(id, "preview.geojson", "application/geo+json")


@api.get("/imports/template.xlsx")
@signed_in
def download_roster_template() -> Response:
    """The workbook in which a roster of workers is handed in."""
    check_administrator()
    answer = Response(beside_the_loop(template), mimetype=XLSX)
    answer.headers["Content-Disposition"] = 'attachment; filename="workers.xlsx"'
    return answer


def check_administrator() -> None:
    """Raises: NotSignedIn, NotAllowed."""
    if caller().role != Role.ADMINISTRATOR:
        raise NotAllowed


def _let_in(limit: int) -> None:
    """Decide who may send so much before anything of it is read. Raises: NotSignedIn, NotAllowed, ImportTooLarge."""
    check_administrator()
    if (request.content_length or 0) > limit + ENVELOPE:
        drain()
        raise ImportTooLarge(limit=limit, limit_mb=limit // MB, field="file")
    let_in(limit + ENVELOPE)


def _key() -> str | None:
    text = request.headers.get("Idempotency-Key", "").strip()
    if not text:
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError as wrong:
        raise KeyInvalid from wrong


def _report(id: str) -> Folder:
    """Raises: ImportNotFound."""
    home = center().settings.home
    with center().sessions.read() as session:
        jobs.find(session, home, id)
    return Folder.of(home, id)


def _file(id: str, name: str, mimetype: str, *, download: bool = False) -> Response:
    path = _report(id).report / name
    if not path.is_file():
        raise ImportNotFound
    answer = send_file(path, mimetype=mimetype, as_attachment=download, download_name=f"import-{path.name}", max_age=0)
    # Drawn by us, but from a strange file: shown as a picture it does nothing, and opened by itself neither.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


def _told(id: str) -> Response:
    with center().sessions.read() as session:
        job = jobs.find(session, center().settings.home, id)
        users = _names(session, [job])
    return jsonify(_summary(job, users) | {"choices": job.parameters, "result": job.result})


def _names(session: Any, found: Iterable[ImportJob]) -> dict[int, str]:
    ids = {id for job in found for id in (job.created_by_id, job.applied_by_id) if id is not None}
    return {row.id: row.name for row in session.execute(select(User.id, User.name).where(User.id.in_(ids)))}


def _summary(job: ImportJob, users: dict[int, str]) -> dict[str, Any]:
    result = job.result or {}
    return {
        "id": job.id,
        "kind": job.kind,
        "file": job.file_name,
        "size": job.size,
        "state": job.state,
        "turn": job.turn,
        "progress": {"step": job.step, "done": job.done, "total": job.total},
        "ok": result.get("ok"),
        "counts": result.get("counts"),
        "edition": result.get("edition"),
        "failure": job.failure,
        "created_at": _moment(job.created_at),
        "created_by": users.get(job.created_by_id),
        "finished_at": _moment(job.finished_at),
        "applied_at": _moment(job.applied_at),
        "applied_by": users.get(job.applied_by_id) if job.applied_by_id is not None else None,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
