"""The whole rule of placing in SQL, over the same outlines with GiST indexes: a peer for the benchmark."""

import uuid
from contextlib import suppress
from time import perf_counter
from typing import Any, Self

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from psycopg import sql

from gis.boundaries import Boundary
from gis.bulk import DRIFT_M
from gis.errors import OutsideCounty
from gis.grid_index import GridIndex
from tests.requirements import POSTGRESQL

FLAT = 4528  # CGCS2000 in the county's zone of three degrees: metres, for what is nearest
# Special grids first, then by code: the second row of a special grid is the one beneath it.
HOLDING = """
    SELECT code, CASE WHEN ST_Contains(geom, p.g) THEN 'inside' ELSE 'border' END
    FROM grids WHERE ST_Intersects(geom, p.g) ORDER BY special DESC, code LIMIT 2
"""
# Asked only when no grid holds the point.
NEAREST = f"""
    SELECT code, ST_Distance(flat, ST_Transform(p.g, {FLAT})) AS away
    FROM grids WHERE ST_DWithin(flat, ST_Transform(p.g, {FLAT}), {DRIFT_M})
    ORDER BY away, special DESC, code LIMIT 1
"""
POINT = "WITH p AS (SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4326) AS g) SELECT hit.* FROM p, LATERAL"
# Inside the server nothing is sent to and fro, and PL/pgSQL keeps its plans: the fairest way to ask for one point.
LOOP = f"""
CREATE FUNCTION time_each() RETURNS SETOF double precision LANGUAGE plpgsql AS $$
DECLARE
    p record; started timestamptz; hit record;
BEGIN
    FOR p IN SELECT g FROM points ORDER BY n LOOP
        started := clock_timestamp();
        FOR hit IN {HOLDING} LOOP END LOOP;
        IF NOT FOUND THEN
            FOR hit IN {NEAREST} LOOP END LOOP;
        END IF;
        RETURN NEXT extract(epoch FROM clock_timestamp() - started) * 1e6;
    END LOOP;
END $$
"""
BULK = """
    SELECT count(found.code) FROM points p LEFT JOIN LATERAL (
        SELECT code FROM grids WHERE ST_Intersects(geom, p.g) ORDER BY special DESC, code LIMIT 1
    ) AS found ON true
"""


class PostGISMissing(Exception):
    """No server with PostGIS; the text says what to do."""


class PostGIS:
    """A database of its own with the county's grids, dropped at the end."""

    def __init__(self, boundaries: list[Boundary]) -> None:
        self._rows = [
            (b.code, b.kind != "urban_rural", shapely.to_wkb(b.geometry)) for b in boundaries if b.level == "grid"
        ]
        self._name = f"cc_bench_{uuid.uuid4().hex[:12]}"

    def __enter__(self) -> Self:
        """Raises: PostGISMissing."""
        try:
            with psycopg.connect(POSTGRESQL, autocommit=True) as server:
                server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(self._name)))
            self._at: Any = psycopg.connect(POSTGRESQL, dbname=self._name, autocommit=True)
            self._at.execute("CREATE EXTENSION postgis")
        except psycopg.Error as away:
            self._drop()
            raise PostGISMissing(
                f"apt-get install postgresql-15-postgis-3, and a server at {POSTGRESQL} ({str(away).splitlines()[0]})"
            ) from away
        self._at.execute("CREATE TABLE grids (code text PRIMARY KEY, special boolean, geom geometry, flat geometry)")
        with self._at.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO grids VALUES (%s, %s, ST_GeomFromWKB(%s, 4326), "
                f"ST_Transform(ST_GeomFromWKB(%s, 4326), {FLAT}))",
                [(code, special, wkb, wkb) for code, special, wkb in self._rows],
            )
        for column in ("geom", "flat"):
            self._at.execute(f"CREATE INDEX ON grids USING gist ({column})")
        self._at.execute("CREATE TABLE points (n int, g geometry(Point, 4326))")
        self._at.execute(LOOP)
        self._at.execute("VACUUM ANALYZE grids")
        # One point must not pay for planning parallel work and compiling.
        self._at.execute("SET jit = off")
        return self

    def __exit__(self, *error: object) -> None:
        self._at.close()
        self._drop()

    def _drop(self) -> None:
        with suppress(psycopg.OperationalError), psycopg.connect(POSTGRESQL, autocommit=True) as server:
            gone = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self._name))
            server.execute(gone)

    def agrees(self, grids: GridIndex, xy: NDArray[np.float64]) -> int:
        """How many of the points go to the same grid by both."""
        same = 0
        for lon, lat in xy.tolist():
            try:
                ours = grids.place(lon, lat).grid
            except OutsideCounty:
                ours = None
            rows = self._ask(lon, lat)
            same += ours == (rows[0][0] if rows else None)
        return same

    def one_by_one(self, xy: NDArray[np.float64]) -> tuple[float, float]:
        """Median microseconds for one point: inside the server, and as Python waits for it over a local socket."""
        self._load(xy)
        inside = [row[0] for row in self._at.execute("SELECT * FROM time_each()")]
        asked = []
        for lon, lat in xy[:5_000].tolist():
            started = perf_counter()
            self._ask(lon, lat)
            asked.append(perf_counter() - started)
        return float(np.median(inside)), float(np.median(asked) * 1e6)

    def _ask(self, lon: float, lat: float) -> list[Any]:
        rows = self._at.execute(f"{POINT} ({HOLDING}) AS hit", (lon, lat), prepare=True).fetchall()
        return rows or self._at.execute(f"{POINT} ({NEAREST}) AS hit", (lon, lat), prepare=True).fetchall()

    def in_bulk(self, xy: NDArray[np.float64]) -> float:
        """Seconds to join all points, with the rule for borders and special grids and without the nearest."""
        self._load(xy)
        started = perf_counter()
        self._at.execute(BULK).fetchone()
        return perf_counter() - started

    def _load(self, xy: NDArray[np.float64]) -> None:
        self._at.execute("TRUNCATE points")
        with self._at.cursor() as cursor, cursor.copy("COPY points (n, g) FROM STDIN") as copy:
            for n, wkb in enumerate(
                shapely.to_wkb(shapely.set_srid(shapely.points(xy), 4326), hex=True, include_srid=True)
            ):
                copy.write_row((n, wkb))
        self._at.execute("VACUUM ANALYZE points")
