"""Layers as files: what is in them, what they are called, and that they are made once."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest
from werkzeug.test import TestResponse

from command_center.layer_files import Wanted, place_of
from command_center.regions import editions
from gis import boundaries
from gis.export import FIELDS, SYNTHETIC
from tests.county import County

DATA = Path(__file__).resolve().parents[2] / "data"
COUNTS = {"county": 1, "towns": 17, "villages": 283, "grids": 1_798}


@pytest.fixture
def engine_kind() -> str:
    """The files are made outside the database: one engine will do."""
    return "sqlite"


def get(county: County, file: str, **query: Any) -> TestResponse:
    return county.phone("village").get(f"downloads/{file}", **query)


def kept(answer: TestResponse, folder: Path) -> str:
    """Save a download, unpacked; returns where it lies."""
    assert answer.status_code == 200, answer.text
    path = folder / answer.headers["Content-Disposition"].partition("filename=")[2]
    path.write_bytes(answer.data)
    if path.suffix != ".zip":
        return str(path)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return str(next(folder.glob("*.shp")))


@pytest.mark.parametrize("form", ["gpkg", "shp.zip", "geojson"])
def test_a_file_holds_every_grid_and_says_that_it_is_synthetic(county: County, tmp_path: Path, form: str) -> None:
    path = kept(get(county, f"grids.{form}"), tmp_path)
    found = geopandas.read_file(path)
    assert len(found) == COUNTS["grids"] and found.crs.to_epsg() == 4326 and found.is_valid.all()
    assert "210882_grids_edition_1_synthetic" in path
    assert found.synthetic.all() and (found.note == SYNTHETIC).all() and (found.edition == 1).all()
    assert found.code.str.len().eq(16).all() and "铁西社区第1网格" in set(found.name)
    if form == "shp.zip":
        assert max(map(len, found.columns)) <= 10 and {"parent", "src_code"} < set(found.columns)
    else:
        assert set(FIELDS) < set(found.columns)
        assert "synthetic" in pyogrio.read_info(path)["layer_metadata"]["DESCRIPTION"]


def test_what_is_surveyed_is_not_called_synthetic(county: County, tmp_path: Path) -> None:
    path = kept(get(county, "county.geojson"), tmp_path)
    found = geopandas.read_file(path)
    assert "synthetic" not in Path(path).name and not found.synthetic.any() and found.note.isna().all()


@pytest.mark.parametrize(("asked", "told"), [({}, b"UTF-8"), ({"encoding": "gbk"}, b"GBK")])
def test_a_shapefile_tells_its_encoding_and_is_read_in_it(
    county: County, tmp_path: Path, asked: dict[str, str], told: bytes
) -> None:
    answer = get(county, "towns.shp.zip", **asked)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = {Path(name).suffix: name for name in archive.namelist()}
        assert {".shp", ".shx", ".dbf", ".prj", ".cpg", ".txt"} == set(names)
        assert archive.read(names[".cpg"]) == told
        assert "parent_code" in archive.read(names[".txt"]).decode("utf-8-sig")
        assert "钢都街道".encode("gbk" if asked else "utf-8") in archive.read(names[".dbf"])
    assert "钢都街道" in set(geopandas.read_file(kept(answer, tmp_path)).name)


def test_cgcs2000_is_the_same_place_under_its_own_name(county: County, tmp_path: Path) -> None:
    found = geopandas.read_file(kept(get(county, "villages.gpkg", crs="4490"), tmp_path))
    assert len(found) == COUNTS["villages"] and found.crs.to_epsg() == 4490
    assert 122 < found.total_bounds[0] < 123.5


def test_an_edition_has_its_own_file_and_it_is_made_once(county: County, tmp_path: Path) -> None:
    own = next(b for b in boundaries.load(DATA) if b.level == "town")
    with county.sessions.begin() as session:
        about = editions.About(name="更名", source="test")
        editions.store(session, [replace(own, name="新名镇")], about, datetime.now(UTC), whole=False)
    newest = geopandas.read_file(kept(get(county, "towns.gpkg"), tmp_path))
    first = geopandas.read_file(kept(get(county, "towns.gpkg", edition=1), tmp_path))
    assert "新名镇" in set(newest.name) and "新名镇" not in set(first.name)
    files = sorted((county.settings.home / "downloads").rglob("*.gpkg"))
    made = [path.stat().st_mtime_ns for path in files]
    assert get(county, "towns.gpkg").status_code == get(county, "towns.gpkg", edition=2).status_code == 200
    assert [path.stat().st_mtime_ns for path in files] == made and len(files) == 2


def test_a_withdrawn_edition_is_no_map_although_a_later_one_is_in_force(county: County) -> None:
    own = next(b for b in boundaries.load(DATA) if b.level == "town")
    now = datetime.now(UTC)
    with county.sessions.begin() as session:
        changed = [replace(own, name="新名镇")]
        editions.store(session, changed, editions.About(effective_at=now + timedelta(days=9)), now, whole=False)
        editions.withdraw(session, 2, now)
        editions.store(session, changed, editions.About(), now, whole=False)
    assert [get(county, "towns.gpkg", edition=n).status_code for n in (1, 2, 3)] == [200, 404, 200]


def test_the_pages_say_an_edition_s_number_once(county: County) -> None:
    own = next(b for b in boundaries.load(DATA) if b.level == "town")
    with county.sessions.begin() as session:
        editions.store(session, [replace(own, name="新名镇")], editions.About(), datetime.now(UTC), whole=False)
    client = county.app.test_client()
    with client.session_transaction() as cookie:
        user = county.user("village")
        cookie["user_id"], cookie["token_generation"] = user.id, user.token_generation
    for address in ("/downloads", "/maps"):
        page = client.get(address).get_data(as_text=True)
        assert "第 2 版" in page and "· 第 2 版" not in page


def test_a_number_that_means_another_edition_has_another_file(county: County) -> None:
    wanted = Wanted("towns", "gpkg")
    with county.sessions.begin() as session:
        first = place_of(session, Path(), wanted, 1)
        editions.edition(session, 1).created_at = datetime(2020, 1, 1, tzinfo=UTC)
        assert place_of(session, Path(), wanted, 1) != first


def test_a_file_that_was_not_changed_is_not_sent_again(county: County) -> None:
    first = get(county, "county.gpkg")
    headers = county.phone("village").headers | {"If-None-Match": first.headers["ETag"]}
    assert county.app.test_client().get("/api/v1/downloads/county.gpkg", headers=headers).status_code == 304


@pytest.mark.parametrize(
    ("file", "query", "status", "code"),
    [
        ("planets.gpkg", {}, 404, "nothing-here"),
        ("grids.kml", {}, 404, "nothing-here"),
        ("grids", {}, 404, "nothing-here"),
        ("..%2fsecret.key", {}, 404, "nothing-here"),
        ("grids.gpkg", {"edition": "99"}, 404, "edition-not-found"),
        ("grids.gpkg", {"edition": "-1"}, 422, "invalid"),
        ("grids.gpkg", {"edition": "x"}, 422, "invalid"),
        ("grids.gpkg", {"crs": "3857"}, 422, "invalid"),
        ("grids.shp.zip", {"encoding": "ebcdic"}, 422, "invalid"),
    ],
)
def test_what_is_not_there_is_refused(county: County, file: str, query: dict[str, str], status: int, code: str) -> None:
    answer = get(county, file, **query)
    assert (answer.status_code, answer.json["type"]) == (status, f"/problems/{code}")


def test_downloads_are_for_those_who_are_signed_in(county: County) -> None:
    assert county.phone(None).get("downloads/grids.gpkg").status_code == 401


def test_the_command_writes_a_layer(county: County, tmp_path: Path) -> None:
    run = county.app.test_cli_runner()
    out = tmp_path / "towns.gpkg"
    done = run.invoke(args=["export-layer", "towns", "--out", str(out), "--crs", "4490", "--edition", "1"])
    assert done.exit_code == 0 and "17 towns of edition 1, synthetic" in done.output
    assert geopandas.read_file(out).crs.to_epsg() == 4490


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--out", "grids.kml"], "must end in"),
        (["--out", "grids.gpkg", "--edition", "7"], "no edition 7"),
        (["--out", "/no/such/folder/grids.gpkg"], "No such file"),
    ],
)
def test_the_command_says_why_not(county: County, arguments: list[str], told: str) -> None:
    done = county.app.test_cli_runner().invoke(args=["export-layer", "grids", *arguments])
    assert done.exit_code == 1 and told in done.output
