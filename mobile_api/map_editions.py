"""The editions of the map: which there are, what became of each region, and taking a scheduled one back."""

import csv
import io
from typing import Any

from flask import Response, jsonify
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.errors import NotAllowed
from command_center.people.following import grids_without_worker
from command_center.people.models import Role, User
from command_center.regions import editions
from command_center.regions.models import MapEdition, RegionVersion
from command_center.spreadsheets import csv_cell
from command_center.tickets import relocation
from command_center.web import caller, center, now, signed_in
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.imports import check_administrator

MOST_LISTED = 200
READERS = {Role.ADMINISTRATOR, Role.COUNTY_OFFICER, Role.LEADER}
HEADINGS = (
    "原代码 old",
    "原名称",
    "新代码 new",
    "新名称",
    "变化 how",
    "占原面积 share of old",
    "占新面积 share of new",
)


@api.get("/map-editions")
@signed_in
def list_map_editions() -> Response:
    """List the editions of the map, the newest first."""
    _check_reader()
    with center().sessions.read() as session:
        rows, present = editions.editions(session), editions.version_in_force(session)
        users = dict(
            session.execute(select(User.id, User.name).where(User.id.in_([row.created_by_id for row in rows]))).all()
        )
        return answers.page([_summary(row, present, users) for row in rows])


@api.get("/map-editions/<int:version>")
@signed_in
def read_map_edition(version: int) -> Response:
    """Show one edition, what has followed it so far, and what is left to do for people.

    `open_tickets_left`: not yet placed in the edition in force. `accounts`: those whose region ended, where they were
    moved, and who else has land of it. `grids_without_worker`: of the map in force.
    """
    _check_reader()
    with center().sessions.read() as session:
        row, present = editions.edition(session, version), editions.version_in_force(session)
        user = session.get(User, row.created_by_id) if row.created_by_id is not None else None
        answer = _summary(row, present, {user.id: user.name} if user else {})
        accounts = (row.people or {}).get("accounts", [])
        answer |= {"accounts": accounts[:MOST_LISTED], "accounts_count": len(accounts)}
        if version == present:
            empty = grids_without_worker(session)
            answer |= {
                "open_tickets_left": relocation.left(session),
                "grids_without_worker": [{"code": g.code, "name": g.name} for g in empty[:MOST_LISTED]],
                "grids_without_worker_count": len(empty),
            }
    return jsonify(answer)


@api.post("/map-editions/<int:version>/withdraw")
@signed_in
def withdraw_map_edition(version: int) -> Response:
    """Take a scheduled edition back before it takes effect."""
    check_administrator()
    with center().sessions.begin() as session:
        row = editions.withdraw(session, version, now())
        return jsonify(_summary(row, editions.version_in_force(session), {}))


@api.get("/map-editions/<int:version>/lineage")
@signed_in
def list_lineage(version: int) -> Response:
    """Tell what became of each region in an edition that did not simply stay, old to new."""
    _check_reader()
    limit, start = answers.limit(), max(0, answers.integer("cursor", 0))
    with center().sessions.read() as session:
        lines = _lines(session, version)
    more = str(start + limit) if len(lines) > start + limit else None
    return answers.page(lines[start : start + limit], more, total=len(lines))


@api.get("/map-editions/<int:version>/lineage.csv")
@signed_in
def download_lineage(version: int) -> Response:
    """The same as a table for Excel, every region in it."""
    _check_reader()
    with center().sessions.read() as session:
        lines = _lines(session, version, kept=True)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for line in lines:
        old, new = line["old"] or {}, line["new"] or {}
        cells = (old.get("code"), old.get("name"), new.get("code"), new.get("name"), line["how"])
        writer.writerow([*map(csv_cell, cells), line["share_of_old"], line["share_of_new"]])
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="lineage-{version}.csv"'
    return answer


def _check_reader() -> None:
    if caller().role not in READERS:
        raise NotAllowed


def _lines(session: Session, version: int, *, kept: bool = False) -> list[dict[str, Any]]:
    """The lineage with names, each as it was in its own edition. Raises: EditionNotFound."""
    found = [line for line in editions.lineage(session, version) if kept or line.how != "kept"]
    rows = session.execute(select(RegionVersion.code, RegionVersion.name, RegionVersion.since))
    before: dict[str, tuple[int, str]] = {}
    after: dict[str, tuple[int, str]] = {}
    for code, name, since in rows:
        for names, holds in ((before, since < version), (after, since <= version)):
            if holds and since >= names.get(code, (0, ""))[0]:
                names[code] = (since, name)

    def named(names: dict[str, tuple[int, str]], code: str | None) -> dict[str, str] | None:
        return None if code is None else {"code": code, "name": names.get(code, (0, ""))[1]}

    return [
        {
            "old": named(before, line.old),
            "new": named(after, line.new),
            "how": line.how,
            "share_of_old": line.share_of_old,
            "share_of_new": line.share_of_new,
        }
        for line in found
    ]


def _summary(row: MapEdition, in_force: int, users: dict[int, str]) -> dict[str, Any]:
    return {
        "version": row.version,
        "name": row.name,
        "note": row.note,
        "source": row.source,
        "synthetic": row.synthetic,
        "state": editions.state(row, in_force),
        "effective_at": row.effective_at.isoformat(timespec="seconds"),
        "created_at": row.created_at.isoformat(timespec="seconds"),
        "created_by": users.get(row.created_by_id) if row.created_by_id is not None else None,
        "entered_at": row.entered_at.isoformat(timespec="seconds") if row.entered_at else None,
        "finished_at": row.finished_at.isoformat(timespec="seconds") if row.finished_at else None,
        "withdrawn_at": row.withdrawn_at.isoformat(timespec="seconds") if row.withdrawn_at else None,
        "counts": row.counts,
    }
