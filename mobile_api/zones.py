"""Rule zones: everybody reads them; administrators make, change and end them; the county tries them out."""

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Response, jsonify, request
from pydantic import Field
from sqlalchemy.orm import Session

from command_center.errors import Invalid, NotAllowed, NoteMissing, VersionMissing, VersionStale
from command_center.people.models import Role
from command_center.tickets import tryout
from command_center.web import caller, center, now, signed_in
from command_center.zones import changes, describe, files, kinds, queries, schools
from command_center.zones.drafts import LONGEST_NOTE, Draft, Ground, ZoneFault, read
from command_center.zones.models import ZoneVersion
from command_center.zones.queries import Period
from gis.zone_files import MOST_BYTES
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.schemas import Body, parse

USUAL_DAYS = 365
ENVELOPE = 64 * 1024
SUFFIXES = (".geojson", ".json", ".gpkg", ".zip")


class SeasonForm(Body):
    """From a day of the year to another, `MM-DD`, both included; across New Year where the first comes later."""

    from_: Any = Field(None, alias="from")
    to: Any = None


class ZoneForm(Body):
    """A zone, whole. `geometry`: GeoJSON, degrees, WGS 84; `season`: null for all the year; `valid_from`: null for at
    once; `recipients`: each `{kind: role, department or user, code}`; `note`: why."""

    kind: Any = None
    name: Any = None
    name_en: Any = ""
    geometry: Any = None
    buffer_m: Any = 0
    season: SeasonForm | None = None
    categories: Any = Field(default_factory=list)
    limit: Any = None
    urgent: Any = False
    department: Any = None
    recipients: Any = Field(default_factory=list)
    valid_from: Any = None
    valid_until: Any = None
    source: Any = ""
    synthetic: Any = False
    note: str = Field("", max_length=LONGEST_NOTE)


class TryOutForm(Body):
    """A zone as it would be stored, and over which days: `days` back from now, or since a date."""

    zone: ZoneForm
    days: int = Field(USUAL_DAYS, ge=1, le=tryout.LONGEST_DAYS)


class RetireForm(Body):
    """Why a zone is ended."""

    note: str = Field("", max_length=LONGEST_NOTE)


class SchoolsForm(Body):
    """Why the zone is made."""

    note: str = Field("", max_length=LONGEST_NOTE)


@api.get("/zones")
@signed_in
def list_zones() -> Response:
    """List the rule zones by their newest version and how they stand now; with their outlines when `geometry=true`."""
    at, zone = now(), center().settings.zone
    size, after, kind = answers.limit(), answers.words("cursor", 16) or "", answers.words("kind", 16)
    state, geometry = answers.words("state", 16), answers.flag("geometry") or False
    with center().sessions.read() as session:
        found = [
            periods
            for code, periods in queries.all_periods(session).items()
            if code > after
            and kind in (None, periods[-1].row.kind)
            and state in (None, describe.state_of(periods, at, zone))
        ]
        page = [describe.zone(periods, at, zone, geometry=geometry) for periods in found[:size]]
    return answers.page(page, page[-1]["code"] if len(found) > size else None)


@api.get("/zones.geojson")
@signed_in
def zones_in_force() -> Response:
    """Show the zones in force now on a map: each with the metres around it, and whether it is in season."""
    at, zone = now(), center().settings.zone
    with center().sessions.read() as session:
        found = [period for periods in queries.all_periods(session).values() for period in periods if period.holds(at)]
        features = [describe.feature(period.row, at, zone) for period in found]
    answer = jsonify({"type": "FeatureCollection", "features": features})
    answer.mimetype = "application/geo+json"
    return answer


@api.get("/zones/kinds")
@signed_in
def zone_kinds() -> Response:
    """Tell what a new zone of each kind begins with."""
    return jsonify({"kinds": kinds.presets(center().settings.data)})


@api.get("/zones/<code>")
@signed_in
def read_zone(code: str) -> Response:
    """Show one rule zone with all its versions, the newest first: who made each, when and why."""
    return _shown(code)


@api.post("/zones")
@signed_in
def create_zone() -> tuple[Response, int]:
    """Store a new rule zone: 201; it is in force for new reports at once, or from its date."""
    _check_administrator()
    form, wired = parse(ZoneForm, request.get_data()), center()
    with wired.sessions.read() as session:
        draft = _draft(session, form)
    return _created(draft)


@api.put("/zones/<code>")
@signed_in
def change_zone(code: str) -> Response:
    """Store the next version of a rule zone that nobody changed since the caller looked (If-Match)."""
    wired = center()
    with wired.sessions.read() as session:
        rows = queries.versions_of(session, code)
        _check_administrator()
        _check_version(rows[-1])
        version, draft = rows[-1].version, _draft(session, parse(ZoneForm, request.get_data()))
    with wired.sessions.begin() as session:
        changes.change(session, code, version, draft, caller().username, now())
    wired.county.refresh()
    return _shown(code)


@api.post("/zones/<code>/retire")
@signed_in
def retire_zone(code: str) -> Response:
    """End a rule zone at once (If-Match): a last version that says so; tickets that met it keep what it did."""
    wired = center()
    with wired.sessions.begin() as session:
        rows = queries.versions_of(session, code)
        _check_administrator()
        _check_version(rows[-1])
        note = _note(parse(RetireForm, request.get_data()).note)
        changes.retire(session, code, rows[-1].version, note, caller().username, now())
    wired.county.refresh()
    return _shown(code)


@api.post("/zones/try-out")
@signed_in
def try_zone() -> Response:
    """Try a zone out on the tickets of the last days: what it would have touched, made urgent, made late."""
    if caller().role not in (Role.ADMINISTRATOR, Role.COUNTY_OFFICER):
        raise NotAllowed
    form, wired, at = parse(TryOutForm, request.get_data()), center(), now()
    with wired.sessions.read() as session:
        draft = _read(session, form.zone, at)
    with tryout.a_seat():
        outcome = tryout.try_out(wired.sessions, wired.office, draft, at - timedelta(days=form.days), at)
    with wired.sessions.read() as session:
        return jsonify(
            tryout.told(session, outcome) | {"reach": describe.reach(draft.content()["wkb"], draft.buffer_m)}
        )


@api.post("/zones/outline")
@signed_in
def outline_zone() -> Response:
    """Check a zone without storing it, and show it with the metres around it."""
    if caller().role not in (Role.ADMINISTRATOR, Role.COUNTY_OFFICER):
        raise NotAllowed
    form = parse(ZoneForm, request.get_data())
    with center().sessions.read() as session:
        draft = _read(session, form, now())
    wkb = draft.content()["wkb"]
    return jsonify({"reach": describe.reach(wkb, draft.buffer_m), "area_km2": describe.area_km2(wkb, draft.buffer_m)})


@api.post("/zones/import")
@signed_in
def import_zones() -> tuple[Response, int]:
    """Store every shape of a file (multipart `file`: GeoJSON, GeoPackage, zipped Shapefile) as a zone, or none of them.

    `kind`: of shapes that name none; `note`: why; `dry_run=true`: check only, 200.
    """
    _check_administrator()
    request.max_content_length = MOST_BYTES + ENVELOPE
    upload, wired = request.files.get("file"), center()
    suffix = Path(upload.filename or "").suffix.lower() if upload is not None else ""
    if upload is None or suffix not in SUFFIXES:
        raise Invalid(field="file", reason=f"file: one of {', '.join(SUFFIXES)}")
    dry_run = request.form.get("dry_run", "").lower() in ("1", "true", "yes")
    note = request.form.get("note", "")[:LONGEST_NOTE].strip()
    if not note and not dry_run:
        raise NoteMissing(field="note")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"zones{suffix}"
        upload.save(path)
        found = files.features_of(path, request.form.get("encoding") or None)
    presets = kinds.presets(wired.settings.data)
    with wired.sessions.read() as session:
        drafts = files.drafts_of(session, found, presets, now(), kind=request.form.get("kind") or None)
    if dry_run:
        checked = [
            {
                "name": draft.name,
                "name_en": draft.name_en,
                "kind": str(draft.kind),
                "geometry": describe.spelt(draft.shape),
            }
            for draft in drafts
        ]
        return jsonify({"items": checked, "dry_run": True}), 200
    with wired.sessions.begin() as session:
        rows = files.store(session, drafts, note, caller().username, now())
        told = [_zone([row], geometry=False) for row in rows]
    wired.county.refresh()
    return jsonify({"items": told, "dry_run": False}), 201


@api.post("/zones/schools")
@signed_in
def make_school_zone() -> tuple[Response, int]:
    """Make one zone of the surroundings of all school grids, by the preset of its kind: 201."""
    _check_administrator()
    note, wired = _note(parse(SchoolsForm, request.get_data()).note), center()
    preset = kinds.presets(wired.settings.data)["school"]
    with wired.sessions.read() as session:
        said = schools.document(session, preset) | {"note": note}
        try:
            draft = read(session, Ground.of(session), said, now())
        except ZoneFault as fault:
            raise fault.refusal() from fault
    return _created(draft)


def _created(draft: Draft) -> tuple[Response, int]:
    """Store a draft as a new zone and show it."""
    wired = center()
    with wired.sessions.begin() as session:
        code = changes.create(session, draft, caller().username, now()).zone_code
    wired.county.refresh()
    answer = _shown(code)
    answer.headers["Location"] = f"/api/v1/zones/{code}"
    return answer, 201


def _check_administrator() -> None:
    if caller().role != Role.ADMINISTRATOR:
        raise NotAllowed


def _check_version(row: ZoneVersion) -> None:
    """Compare If-Match with the newest version. Raises: VersionMissing, VersionStale."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise VersionMissing
    if header != "*" and str(row.version) not in request.if_match.as_set(include_weak=True):
        raise VersionStale(version=row.version)


def _draft(session: Session, form: ZoneForm) -> Draft:
    """Read a form that is to be stored: it says why. Raises: NoteMissing, ZoneInvalid."""
    _note(form.note)
    return _read(session, form, now())


def _read(session: Session, form: ZoneForm, at: datetime) -> Draft:
    said = form.model_dump() | {"season": form.season.model_dump(by_alias=True) if form.season else None}
    try:
        return read(session, Ground.of(session), said, at)
    except ZoneFault as fault:
        raise fault.refusal() from fault


def _note(text: str) -> str:
    if not text.strip():
        raise NoteMissing(field="note")
    return text.strip()


def _shown(code: str) -> Response:
    """A zone as it is stored by now. Never in a transaction that writes: drawing it may take a second."""
    with center().sessions.read() as session:
        return _whole(queries.versions_of(session, code))


def _whole(rows: Sequence[ZoneVersion]) -> Response:
    """A zone with its versions, and the newest one's number as its ETag."""
    periods = queries.periods(rows)
    content = _zone(rows, geometry=True)
    content["area_km2"] = describe.area_km2(rows[-1].wkb, rows[-1].buffer_m)
    content["versions"] = [_past(period) for period in reversed(periods)]
    answer = jsonify(content)
    answer.set_etag(str(rows[-1].version))
    return answer


def _past(period: Period) -> dict[str, Any]:
    return describe.version(period, geometry=True)


def _zone(rows: Sequence[ZoneVersion], *, geometry: bool) -> dict[str, Any]:
    return describe.zone(queries.periods(rows), now(), center().settings.zone, geometry=geometry)
