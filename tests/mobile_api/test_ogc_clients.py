"""OGC API – Features read by those who will read it: GeoPandas and pyogrio, OWSLib, and GDAL's own ogrinfo."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from owslib.ogcapi.features import Features
from werkzeug.serving import make_server

from app import create_app
from tests.builders import a_ticket
from tests.county import County, SharedMap, Template, center_of, copied, settings_of
from tests.requirements import missing

# In a process of its own: GDAL may hold the interpreter's lock while it waits for the server in this one.
READ = """
import json, sys, geopandas, pyogrio
address, token = sys.argv[1:]
grids = geopandas.read_file(f"OAPIF:{address}", layer="grids")
turned = pyogrio.read_dataframe(f"OAPIF:{address}", layer="grids", CRS="EPSG:4490")
inside = geopandas.read_file(f"OAPIF:{address}", layer="villages", bbox=(122.45, 40.60, 122.55, 40.68))
schools = pyogrio.read_dataframe(f"OAPIF:{address}", layer="grids", where="kind = 'school'")
open_layers = pyogrio.list_layers(f"OAPIF:{address}")[:, 0].tolist()
pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token})
tickets = geopandas.read_file(f"OAPIF:{address}", layer="tickets")
print(json.dumps({
    "grids": len(grids), "codes": grids.code.nunique(), "valid": bool(grids.is_valid.all()),
    "crs": grids.crs.to_authority(), "bounds": grids.total_bounds.tolist(),
    "turned": [len(turned), turned.crs.to_epsg(), turned.total_bounds.tolist()],
    "inside": len(inside), "schools": len(schools), "open": open_layers,
    "tickets": tickets.number.tolist(), "columns": tickets.columns.tolist(),
}))
"""


@dataclass(frozen=True)
class Service:
    """A server for the tools. `token`: of a county officer."""

    address: str
    token: str
    number: str


@pytest.fixture(scope="module")
def service(
    sqlite_template: Template, shared_map: SharedMap, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A loaded county with one ticket, served over HTTP."""
    home = tmp_path_factory.mktemp("tools")
    with copied(sqlite_template, home) as url:
        app = create_app(settings_of(home, url))
        center_of(app).county = shared_map
        county = County("sqlite", app)
        number = a_ticket(county).look().number
        token = county.phone("county").headers["Authorization"].removeprefix("Bearer ")
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Service(f"http://127.0.0.1:{server.server_port}/ogc", token, number)
        server.shutdown()
        thread.join(10)
        server.server_close()
        county.sessions.engine.dispose()


@pytest.fixture(scope="module")
def read(service: Service) -> dict[str, Any]:
    """What GeoPandas and pyogrio found."""
    script = [sys.executable, "-c", READ, service.address, service.token]
    done = subprocess.run(script, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_geopandas_reads_all_grids_over_their_pages(read: dict[str, Any]) -> None:
    assert (read["grids"], read["codes"], read["valid"]) == (1_798, 1_798, True)
    assert read["crs"] == ["OGC", "CRS84"]


def test_pyogrio_reads_them_as_cgcs2000_in_the_same_place(read: dict[str, Any]) -> None:
    count, epsg, bounds = read["turned"]
    assert (count, epsg) == (1_798, 4490)
    assert bounds == pytest.approx(read["bounds"], abs=1e-9)
    assert 122 < bounds[0] < 123.5 and 40 < bounds[1] < 41.5


def test_boxes_and_properties_are_filtered_by_us(read: dict[str, Any]) -> None:
    assert 0 < read["inside"] < 283
    assert read["schools"] == 69


def test_tickets_appear_with_a_token_only(read: dict[str, Any], service: Service) -> None:
    assert read["open"] == ["counties", "towns", "villages", "grids", "zones"]
    assert read["tickets"] == [service.number]
    assert "description" not in read["columns"]


def test_owslib_finds_its_way_from_the_landing_page(service: Service) -> None:
    # A dictionary of its own: OWSLib adds what is given to the headers of all that follow.
    features = Features(service.address, headers={"Authorization": f"Bearer {service.token}"})
    try:
        assert features.feature_collections()[-1] == "tickets"
        assert len(features.conformance()["conformsTo"]) == 5
        assert "/collections/grids/items" in features.api()["paths"]
        assert features.collection("grids")["id"] == "grids"
        page = features.collection_items("grids", limit=1000)
        assert (page["numberMatched"], page["numberReturned"]) == (1_798, 1_000)
        inside = features.collection_items("towns", bbox=[122.45, 40.60, 122.55, 40.68], datetime_="../..")
        assert 0 < inside["numberMatched"] < 17
        assert features.collection_item("tickets", service.number)["id"] == service.number
    finally:
        features.headers.pop("Authorization", None)


def ogrinfo(service: Service, layer: str, *more: str) -> str:
    program = shutil.which("ogrinfo")
    if program is None:
        missing("ogrinfo", "apt-get install gdal-bin")
    done = subprocess.run(
        [program, "-ro", "-so", *more, f"OAPIF:{service.address}", layer],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ogrinfo_counts_the_grids_and_knows_their_fields(service: Service) -> None:
    told = ogrinfo(service, "grids")
    assert "Feature Count: 1798" in told and "Geometry: Polygon" in told
    for field in ("code", "name", "level", "kind", "parent_code", "synthetic", "valid_from"):
        assert f"\n{field}: " in told


def test_ogrinfo_reads_tickets_with_a_token_from_a_file(service: Service, tmp_path: Path) -> None:
    header = tmp_path / "header"
    header.write_text(f"Authorization: Bearer {service.token}\n", encoding="ascii")
    told = ogrinfo(service, "tickets", "--config", "GDAL_HTTP_HEADER_FILE", str(header))
    assert "Feature Count: 1\n" in told and "Geometry: Point" in told
