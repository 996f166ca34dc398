"""The optional base map through the door: who may have it, by ranges, and what the pages may load."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from command_center.doctoring import examine
from command_center.settings import Settings
from command_center.web import POLICY, policy
from tests.conftest import Counties
from tests.gis import tiles

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def engine_kind() -> str:
    """The database is not asked: one engine is enough."""
    return "sqlite"


def layers(county: Any, account: str = "county") -> Any:
    phone = county.phone(account)
    return phone.app.test_client().get("/base-map/layers.json", headers=phone.headers).json["items"]


def doctor(county: Any) -> str | None:
    return {check.name: check.fault for check in examine(county.center)}["base map"]


def test_without_settings_there_is_no_base_map_and_no_other_host(open_county: Counties) -> None:
    county = open_county()
    client, headers = county.app.test_client(), county.phone("county").headers
    assert layers(county) == [] and doctor(county) is None
    assert client.get("/base-map/file.pmtiles", headers=headers).status_code == 404
    assert client.get("/").headers["Content-Security-Policy"] == POLICY


def test_only_signed_in_people_get_the_list_and_the_file(open_county: Counties, tmp_path: Path) -> None:
    county = open_county(base_map=tiles.pictures(tmp_path / "a.pmtiles", 3), tianditu_key=KEY)
    for path in ("/base-map/layers.json", "/base-map/file.pmtiles"):
        answer = county.app.test_client().get(path)
        assert answer.status_code == 401 and answer.content_type == "application/problem+json"
        assert KEY not in answer.text
    assert {item["id"] for item in layers(county, "grid")} == {"file", "tianditu_vector", "tianditu_imagery"}


def test_the_file_comes_by_ranges_of_bytes(open_county: Counties, tmp_path: Path) -> None:
    path = tiles.pictures(tmp_path / "a.pmtiles", 3)
    county = open_county(base_map=path)
    client, headers = county.app.test_client(), county.phone("grid").headers
    part = client.get("/base-map/file.pmtiles", headers=headers | {"Range": "bytes=0-126"})
    assert (part.status_code, part.data) == (206, path.read_bytes()[:127])
    assert part.headers["Content-Range"] == f"bytes 0-126/{path.stat().st_size}"
    assert "private" in part.headers["Cache-Control"]
    beyond = client.get("/base-map/file.pmtiles", headers=headers | {"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    tag = part.headers["ETag"]
    assert client.get("/base-map/file.pmtiles", headers=headers | {"If-None-Match": tag}).status_code == 304


def test_the_files_address_changes_with_the_file(open_county: Counties, tmp_path: Path) -> None:
    path = tiles.pictures(tmp_path / "a.pmtiles", 3)
    county = open_county(base_map=path)
    first = layers(county)[0]
    tiles.vectors(path, 4)
    second = layers(county)[0]
    assert (first["kind"], second["kind"], second["schema"]) == ("raster", "vector", "protomaps")
    assert first["url"] != second["url"] and first["url"].startswith("/base-map/file.pmtiles?")


def test_a_broken_file_is_left_out_and_the_doctor_says_why(open_county: Counties, tmp_path: Path) -> None:
    path = tmp_path / "a.pmtiles"
    path.write_bytes(b"no tiles")
    county = open_county(base_map=path)
    assert layers(county) == [] and "is no PMTiles archive" in (doctor(county) or "")
    path.unlink()
    assert layers(county) == [] and "cannot be read" in (doctor(county) or "")


def test_the_doctor_notices_a_map_of_another_place(
    open_county: Counties, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tiles.pictures(tmp_path / "here.pmtiles", 1)
    assert doctor(open_county(base_map=here)) is None
    monkeypatch.setattr(tiles, "WEST", 100.0)
    monkeypatch.setattr(tiles, "EAST", 101.0)
    assert "shows another place" in (doctor(open_county(base_map=tiles.pictures(tmp_path / "b.pmtiles", 1))) or "")


def test_with_a_key_pages_may_load_pictures_from_tianditu_and_nothing_else(tmp_path: Path) -> None:
    given = policy(Settings(home=tmp_path, tianditu_key=KEY, _env_file=None))
    changed = set(given.split("; ")) ^ set(POLICY.split("; "))
    assert {part.split()[0] for part in changed} == {"img-src"}
    hosts = [word for part in given.split("; ") for word in part.split() if "//" in word]
    assert hosts == [f"https://t{n}.tianditu.gov.cn" for n in range(8)]


def test_tianditus_addresses_carry_the_key_and_leaflets_places(open_county: Counties) -> None:
    vector, imagery = layers(open_county(tianditu_key=KEY))
    assert [len(vector["tiles"]), len(imagery["tiles"])] == [2, 2]
    for address in vector["tiles"] + imagery["tiles"]:
        assert address.startswith("https://t{s}.tianditu.gov.cn/") and address.endswith(f"tk={KEY}")
        assert all(place in address for place in ("{z}", "{x}", "{y}"))


@pytest.mark.parametrize("key", ["short", "a&b=c0123456789", "key with spaces", "x" * 65])
def test_a_key_that_could_mean_something_in_an_address_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="COMMAND_CENTER_TIANDITU_KEY"):
        Settings(tianditu_key=key, _env_file=None)


def test_empty_settings_are_none_and_the_key_is_never_shown() -> None:
    empty = Settings(base_map="", tianditu_key="", _env_file=None)
    assert (empty.base_map, empty.tianditu_key) == (None, None)
    assert KEY not in repr(Settings(tianditu_key=KEY, _env_file=None))


def test_a_phone_learns_of_tianditu_with_a_new_worker(open_county: Counties) -> None:
    without, with_key = (
        open_county(**more).app.test_client().get("/m/sw.js").text.splitlines()[0]
        for more in ({}, {"tianditu_key": KEY})
    )
    assert without != with_key and "/static/shared/base_map.js" in without
