"""Files brought in through the door: a dry run in a process of its own, a report, and only then a change."""

import io
import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from command_center import scheduler
from command_center.imports import jobs
from command_center.imports.folder import Folder, read_map, write_map
from command_center.imports.models import ImportJob, Kind, State
from command_center.imports.work import Work
from command_center.people.models import User
from command_center.regions import editions
from command_center.regions.models import Region
from command_center.scheduler import make_tick
from tests.conftest import Counties
from tests.county import County
from tests.gis.importing.small_county import VILLAGES, a_county, change, grid_rows, square, written
from tests.imports.conftest import Office
from tests.regions.maps import spied

WHOLE = {"import_jobs"}
# What starts processes and is the same on both engines is tried on one.
on_one_engine = pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)


def sound(tmp_path: Path) -> Path:
    """The small county's grids with one split into a western and an eastern half."""
    rows = grid_rows()
    rows = change(rows, 0, shape=square(0, 1, 0.5))
    east = change(rows, 0, shape=square(0.5, 1, 0.5), code=f"{next(iter(VILLAGES))}1005", name="第5网格")[0]
    return written([*rows, east], tmp_path / "grids.gpkg")


def broken(tmp_path: Path) -> Path:
    """A gap of half a metre that can be mended, and a code twice, which cannot."""
    rows = grid_rows()
    rows = change(rows, 0, shape=square(0, 1, 0.9995))
    return written(change(rows, 1, code=rows[0].code), tmp_path / "grids.gpkg")


def a_roster(*lines: str) -> bytes:
    return "\n".join(["姓名,手机号,网格,岗位,用户名", *lines]).encode("gbk")


def everything_else(county: County) -> dict[str, Any]:
    return {name: value for name, value in county.contents().items() if name not in WHOLE}


# A map


def test_a_map_is_checked_without_a_change_and_then_stored_whole(small_office: Office, tmp_path: Path) -> None:
    before = everything_else(small_office.county)
    job = small_office.checked(sound(tmp_path))
    assert (job["state"], job["ok"], job["failure"]) == ("ready", True, None)
    assert everything_else(small_office.county) == before
    assert job["result"]["counts"]["urban_rural"] == 17 and job["result"]["present"]["urban_rural"] == 16
    assert job["result"]["changes"]["counts"]["split"] == 2

    key = str(uuid.uuid4())
    done = small_office.applied(job, key, name="2027 年网格图", note="市委办〔2026〕12号")
    assert (done["state"], done["failure"], done["edition"]) == ("applied", None, 3)
    assert small_office.post(f"imports/{job['id']}/apply", {"turn": 1}, Idempotency_Key=key).status_code in (200, 409)
    found = small_office.get("map-editions").json["items"]  # type: ignore[index]
    assert [(one["version"], one["state"], one["name"]) for one in found[:2]] == [
        (3, "in_force", "2027 年网格图"),
        (2, "past", "small"),
    ]
    assert found[0]["source"] == "grids.gpkg" and found[0]["created_by"] == "系统管理员"
    lines = small_office.get("map-editions/3/lineage").json["items"]  # type: ignore[index]
    assert {line["how"] for line in lines} == {"split"}
    assert "拆" not in small_office.get("map-editions/3/lineage.csv").text


@on_one_engine
def test_a_map_for_a_later_day_waits_and_can_be_withdrawn(small_office: Office, tmp_path: Path) -> None:
    day = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    done = small_office.applied(small_office.checked(sound(tmp_path)), name="明年", effective=day)
    assert done["state"] == "applied" and done["result"]["entered"] is False
    assert small_office.get("map-editions").json["items"][0]["state"] == "scheduled"  # type: ignore[index]
    assert Office(small_office.county, "county").post("map-editions/3/withdraw").status_code == 403
    assert small_office.post("map-editions/3/withdraw").json["state"] == "withdrawn"  # type: ignore[index]


@on_one_engine
def test_faults_are_told_with_row_picture_place_and_workbook(small_office: Office, tmp_path: Path) -> None:
    job = small_office.checked(broken(tmp_path))
    assert (job["state"], job["ok"]) == ("ready", False)
    assert small_office.post(f"imports/{job['id']}/apply", {"turn": 1}).status_code == 409
    kinds = {kind["kind"]: kind for kind in job["result"]["faults"] if kind["level"] == "fault"}
    assert set(kinds) == {"gap", "code-duplicate"} and kinds["gap"]["repairable"]
    assert all(kind["name"] and kind["name_en"] for kind in kinds.values())

    path = f"imports/{job['id']}/faults"
    gap = small_office.get(path, kind="gap").json["items"][0]  # type: ignore[index]
    assert gap["row"] and gap["text"] and gap["text_en"] and gap["picture"] and 122 < gap["lon"] < 123
    first = small_office.get(path, limit=1).json
    assert first is not None and len(first["items"]) == 1 and first["next_cursor"] == "1"
    picture = small_office.get(f"{path}/{gap['n']}.svg")
    assert picture.mimetype == "image/svg+xml" and b"<svg" in picture.data
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    rows = load_workbook(io.BytesIO(small_office.get(f"{path}.xlsx").data)).active.max_row
    assert rows > len(kinds)
    features = small_office.get(f"imports/{job['id']}/preview.geojson").json["features"]  # type: ignore[index]
    assert {feature["properties"]["what"] for feature in features} == {"file", "fault"}

    mended = small_office.awaited(small_office.post(f"imports/{job['id']}/choices", {"repair": True}))
    left = [kind["kind"] for kind in mended["result"]["faults"] if kind["level"] == "fault" and not kind["repaired"]]
    assert (mended["turn"], left) == (2, ["code-duplicate"])


@on_one_engine
def test_a_map_that_changed_after_the_check_is_not_overwritten(small_office: Office, tmp_path: Path) -> None:
    job = small_office.checked(sound(tmp_path))
    with small_office.county.sessions.begin() as session:
        renamed = [*a_county()[:-1]]
        editions.store(session, renamed, editions.About(name="somebody else's"), datetime.now(UTC))
    refused = small_office.applied(job, name="mine")
    assert (refused["state"], refused["failure"]["code"]) == ("ready", "map-changed")
    assert small_office.get("map-editions").json["items"][0]["name"] == "somebody else's"  # type: ignore[index]


@on_one_engine
def test_the_check_says_no_while_another_edition_waits(small_office: Office, tmp_path: Path) -> None:
    waits = editions.About(name="waits", effective_at=datetime.now(UTC) + timedelta(days=40))
    with small_office.county.sessions.begin() as session:
        editions.store(session, a_county()[:-1], waits, datetime.now(UTC))
    job = small_office.checked(sound(tmp_path))
    assert (job["state"], job["ok"], job["result"]["waiting"]) == ("ready", False, 3)
    kind = job["result"]["faults"][0]
    assert (kind["kind"], kind["level"], kind["count"]) == ("edition-scheduled", "fault", 1)
    told = small_office.get(f"imports/{job['id']}/faults", kind="edition-scheduled").json["items"]  # type: ignore[index]
    assert len(told) == 1 and told[0]["text"] and told[0]["text_en"]
    assert small_office.post("map-editions/3/withdraw").status_code == 200
    assert small_office.awaited(small_office.post(f"imports/{job['id']}/choices", {}))["ok"] is True


@on_one_engine
def test_while_a_map_is_compared_others_can_write(
    small_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    county, job = small_office.county, small_office.checked(sound(tmp_path))
    monkeypatch.setattr(jobs, "_start", lambda *args: None)
    assert small_office.post(f"imports/{job['id']}/apply", {"turn": job["turn"]}).status_code == 200
    lock = Folder.of(county.settings.home, job["id"]).lock()
    assert lock is not None
    compared = spied(county, monkeypatch)
    Work(county.settings, county.sessions, job["id"], lock).apply()
    done = small_office.get(f"imports/{job['id']}").json
    assert done is not None and (done["state"], done["edition"]) == ("applied", 3)
    assert compared == ["while others can write"]


def test_what_the_reader_writes_comes_back_as_it_was(tmp_path: Path) -> None:
    write_map(tmp_path / "map.jsonl", a_county())
    assert read_map(tmp_path / "map.jsonl") == a_county()


# A roster


def test_a_roster_closes_accounts_only_with_a_yes_to_their_number(office: Office) -> None:
    grid = office.county.user("grid").region_code
    job = office.checked(a_roster(f"王强,13800000001,{grid},,"), "workers")
    closing = job["counts"]["closed"]
    assert job["ok"] and closing == 1798 and job["counts"]["made"] == 1
    refused = office.post(f"imports/{job['id']}/apply", {"turn": 1, "closing": 1})
    assert (refused.status_code, refused.json["type"]) == (422, "/problems/closing-not-agreed")  # type: ignore[index]
    assert office.county.user("grid").active
    done = office.applied(job, closing=closing)
    assert (done["state"], done["failure"]) == ("applied", None)
    assert not office.county.user("grid").active
    with office.county.sessions.read() as session:
        workers = session.scalars(select(User.name).where(User.role == "grid_worker", User.active)).all()
    assert workers == ["王强"]


@on_one_engine
def test_a_roster_whose_accounts_changed_after_the_check_is_checked_again(office: Office) -> None:
    with office.county.sessions.read() as session:
        grid = session.scalars(select(Region.code).where(Region.level == "grid").order_by(Region.code)).first()
    job = office.checked(a_roster(f"王强,13800000001,{grid},,"), "workers", choices='{"add": true}')
    assert job["ok"] and job["counts"]["closed"] == 0
    with office.county.sessions.begin() as session:
        session.execute(update(User).where(User.username == f"w{grid}").values(phone="13900000000"))
    refused = office.applied(job, closing=0)
    assert (refused["state"], refused["failure"]["code"]) == ("ready", "import-outdated")


@on_one_engine
def test_only_the_report_that_was_seen_is_carried_out(office: Office) -> None:
    grid = office.county.user("grid").region_code
    seen = office.checked(a_roster(f"王强,13800000001,{grid},,"), "workers", choices='{"add": true}')
    again = office.awaited(office.post(f"imports/{seen['id']}/choices", {"add": False}))
    assert (seen["turn"], again["turn"], again["ok"]) == (1, 2, True)
    refused = office.post(f"imports/{seen['id']}/apply", {"turn": 1, "closing": again["counts"]["closed"]})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/import-checked-again")  # type: ignore[index]
    assert office.get(f"imports/{seen['id']}").json["state"] == "ready"  # type: ignore[index]
    assert office.county.user("grid").active


# Processes


def test_a_job_whose_process_is_gone_is_told_as_failed_and_can_be_run_again(office: Office) -> None:
    job = office.checked(a_roster("王强,1,x,,"), "workers")
    with office.county.sessions.begin() as session:
        session.execute(update(ImportJob).values(state=str(State.RUNNING), result=None))
    told = office.awaited(office.get(f"imports/{job['id']}"))
    assert (told["state"], told["failure"]["code"]) == ("failed", "import-interrupted")
    again = office.awaited(office.post(f"imports/{job['id']}/choices", {}))
    assert (again["state"], again["turn"], again["failure"]) == ("ready", 2, None)


@pytest.fixture
def quick(open_county: Counties) -> Office:
    """An office with limits that a test can reach."""
    return Office(open_county(import_megabytes=1, import_minutes=0.001, import_days=3))


@on_one_engine
def test_a_file_that_takes_too_long_is_stopped(quick: Office) -> None:
    job = quick.checked(a_roster("王强,1,x,,"), "workers")
    assert (job["state"], job["failure"]["code"]) == ("failed", "import-took-too-long")


@on_one_engine
def test_a_file_that_is_too_large_is_refused_before_it_is_kept(quick: Office) -> None:
    refused = quick.hand_in(b"x" * (1024 * 1024 + 300_000), "workers")
    assert (refused.status_code, refused.json["type"]) == (413, "/problems/import-too-large")  # type: ignore[index]
    assert not (quick.county.settings.home / "imports").exists()


@on_one_engine
def test_while_somebody_works_on_a_job_nobody_else_does(office: Office) -> None:
    job = a_job(office.county)
    handle = Folder.of(office.county.settings.home, job).lock()
    assert handle is not None
    try:
        assert office.post(f"imports/{job}/choices", {}).status_code == 409
        assert office.delete(f"imports/{job}").status_code == 409
    finally:
        os.close(handle)
    assert office.delete(f"imports/{job}").status_code == 204
    assert office.get(f"imports/{job}").status_code == 404


def test_more_imports_at_once_than_agreed_are_refused_and_leave_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 0)
    refused = office.hand_in(a_roster(), "workers")
    assert (refused.status_code, refused.json["type"]) == (503, "/problems/imports-busy")  # type: ignore[index]
    assert office.get("imports").json["items"] == []  # type: ignore[index]
    assert list((office.county.settings.home / "imports").iterdir()) == []


def test_old_imports_are_thrown_away_and_what_was_carried_out_stays_on_record(office: Office) -> None:
    county = office.county
    old, done, new = a_job(county, days_ago=30), a_job(county, State.APPLIED, days_ago=30), a_job(county)
    told = {"ok": True, "counts": {"made": 1}, "steps": [{"name": "王强", "changes": {"phone": [None, "13800000001"]}}]}
    with county.sessions.begin() as session:
        session.execute(update(ImportJob).values(result=told))
    tick = make_tick(
        county.sessions,
        lambda: county.office,
        lambda: None,
        chores=lambda now: jobs.clean(county.settings, county.sessions, now),
    )
    tick()
    with county.sessions.read() as session:
        assert set(session.scalars(select(ImportJob.id))) == {done, new}
        kept = {job: session.get_one(ImportJob, job).result for job in (done, new)}
    assert kept == {done: {"ok": True, "counts": {"made": 1}}, new: told}, "nobody's name or number stays"
    folders = [Folder.of(county.settings.home, job).path.exists() for job in (old, done, new)]
    assert folders == [False, False, True]


def test_chores_are_done_once_an_hour_and_their_failure_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[datetime] = []
    moments = [0.0, 0.0, 5.0, 3599.0, 3601.0, 3601.0, 3606.0]
    monkeypatch.setattr(scheduler, "monotonic", lambda: 1e6 + moments.pop(0))

    def chores(now: datetime) -> None:
        done.append(now)
        raise OSError

    turn = scheduler.hourly(chores)
    while moments:
        turn(datetime.now(UTC))
    assert len(done) == 2


@on_one_engine
def test_a_job_is_held_until_its_files_are_gone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []
    monkeypatch.setattr(Folder, "remove", lambda folder: held.append(folder.is_worked_on()))
    assert office.delete(f"imports/{a_job(office.county)}").status_code == 204
    a_job(office.county, days_ago=30)
    assert jobs.clean(office.county.settings, office.county.sessions, datetime.now(UTC)) == 1
    assert held == [True, True]


def a_job(county: County, state: State = State.FAILED, *, days_ago: int = 0) -> str:
    """A job that was taken in and never run."""
    job = jobs.take_in(
        county.settings.home,
        io.BytesIO(b"x"),
        kind=Kind.WORKERS,
        name="a.csv",
        parameters={},
        by_id=county.user("admin").id,
        now=datetime.now(UTC) - timedelta(days=days_ago),
    )
    job.state = str(state)
    with county.sessions.begin() as session:
        session.add(job)
    return job.id


def test_the_reader_knows_nothing_of_the_database_or_the_keys(tmp_path: Path) -> None:
    """It opens strange files, so it is given nothing that would be worth taking."""
    script = "import command_center.imports.map_reader, sys; print([m for m in sys.modules if m.startswith('psycopg')])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env={})
    assert told.stdout.strip() == "[]"


def test_an_import_is_the_first_to_end_when_memory_runs_short() -> None:
    """Tried in a process of its own: what it gives away does not come back."""
    script = (
        "import resource; from command_center.imports.manners import give_way; give_way(); "
        "print(open('/proc/self/oom_score_adj').read(), *resource.getrlimit(resource.RLIMIT_AS))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    score, *limits = map(int, told.stdout.split())
    half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    assert score == 1000 and set(limits) == {min(12 * 1024**3, half)}


# The door


@on_one_engine
def test_only_administrators_import(office: Office) -> None:
    for account, status in (("county", 403), ("leader", 403), ("grid", 403), (None, 401)):
        somebody = Office(office.county, account)
        assert somebody.hand_in(b"x").status_code == status, account
        for path in ("imports", "imports/x", "imports/x/faults", "imports/x/faults.xlsx", "imports/template.xlsx"):
            assert somebody.get(path).status_code == status, (account, path)
        assert somebody.post("imports/x/apply").status_code == status
        assert somebody.delete("imports/x").status_code == status


@on_one_engine
def test_what_is_asked_wrongly_is_told(office: Office) -> None:
    def told(answer: Any) -> tuple[int, str]:
        return answer.status_code, answer.json["type"].split("/")[-1]

    assert told(office.hand_in(b"x", "people")) == (422, "invalid")
    assert told(office.hand_in(b"x", choices="{")) == (400, "malformed-json")
    assert told(office.hand_in(b"x", choices='{"crs": "EPSG:4528; DROP"}')) == (422, "invalid")
    assert told(office._call("POST", "imports", data={"kind": "grids"})) == (422, "import-file-missing")
    job = a_job(office.county)
    path, seen = f"imports/{job}/apply", {"turn": 0}
    assert told(office.post(path, seen, Idempotency_Key="1")) == (400, "idempotency-key-invalid")
    assert told(office.post(path, seen | {"effective": "1800-01-01"})) == (422, "invalid")
    assert told(office.post(path, {})) == (422, "invalid")
    assert told(office.post(path, seen)) == (409, "import-not-ready")
    assert told(office.get(f"imports/{job}/faults", cursor="x")) == (422, "bad-cursor")


def test_what_is_no_id_of_an_import_is_not_found_and_no_database_is_asked_for_it(office: Office) -> None:
    key = {"Idempotency_Key": str(uuid.uuid4())}
    for id in ("nothing", "..", "a" * 22, "%00", "a" * 21 + "%00", "%ED%A0%80", "seat-0"):
        answers = [office.get(f"imports/{id}{rest}") for rest in ("", "/faults", "/faults/0.svg", "/preview.geojson")]
        answers += [office.post(f"imports/{id}/apply", {"turn": 1}, **key), office.post(f"imports/{id}/choices")]
        answers += [office.delete(f"imports/{id}")]
        assert {answer.status_code for answer in answers} == {404}, id


@on_one_engine
def test_a_page_sends_more_than_other_routes_take_but_not_without_its_token(office: Office) -> None:
    client = office.county.app.test_client()
    user = office.county.user("admin")
    with client.session_transaction() as session:
        session["user_id"], session["token_generation"] = user.id, user.token_generation
    content = b"x" * (2 * 1024 * 1024)
    form = {"kind": "workers", "file": (io.BytesIO(content), "a.csv")}
    refused = client.post("/api/v1/imports", data=form, content_type="multipart/form-data")
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/csrf-failed")  # type: ignore[index]
    taken = office.hand_in(content, "workers")
    job = office.awaited(taken)
    assert (job["size"], job["failure"]["code"]) == (len(content), "file-unreadable")


@on_one_engine
def test_the_file_is_for_our_own_eyes_only(office: Office) -> None:
    folder = Folder.of(office.county.settings.home, a_job(office.county))
    assert folder.path.stat().st_mode & 0o077 == 0 and folder.source.stat().st_mode & 0o077 == 0
    assert folder.path.parent.stat().st_mode & 0o077 == 0


@on_one_engine
def test_a_job_that_ends_while_somebody_looks_is_not_told_as_failed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = office.county
    job_id = a_job(county, State.RUNNING)

    def ends_now(folder: Folder) -> bool:
        with county.sessions.begin() as session:
            session.execute(update(ImportJob).values(state=str(State.READY)))
        return False

    monkeypatch.setattr(Folder, "is_worked_on", ends_now)
    with county.sessions.read() as session:
        assert jobs.find(session, county.settings.home, job_id).state == "ready"
