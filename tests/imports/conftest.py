"""A small county to bring files into, and the administrator who does."""

import io
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from command_center.regions import editions
from tests.county import County
from tests.gis.importing.small_county import a_county

PATIENCE_S = 120.0


@dataclass
class Office:
    """An administrator at the import's door."""

    county: County
    account: str | None = "admin"

    def _call(self, method: str, path: str, **options: Any) -> TestResponse:
        phone = self.county.phone(self.account)
        headers = phone.headers | options.pop("headers", {})
        return self.county.app.test_client().open(f"/api/v1/{path}", method=method, headers=headers, **options)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self._call("GET", path, query_string=query)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self._call("POST", path, json=body or {}, headers=headers)

    def delete(self, path: str) -> TestResponse:
        return self._call("DELETE", path)

    def hand_in(self, file: Path | bytes, kind: str = "grids", name: str | None = None, **form: str) -> TestResponse:
        content = file if isinstance(file, bytes) else file.read_bytes()
        called = name or (file.name if isinstance(file, Path) else "file.csv")
        data = {"kind": kind, "file": (io.BytesIO(content), called), **form}
        return self._call("POST", "imports", data=data, content_type="multipart/form-data")

    def awaited(self, answer: TestResponse) -> dict[str, Any]:
        """The job once its process has ended."""
        assert answer.status_code in (200, 201), answer.text
        last = time.monotonic() + PATIENCE_S
        while time.monotonic() < last:
            job: dict[str, Any] = self.get(f"imports/{answer.json['id']}").json  # type: ignore[index]
            if job["state"] not in ("running", "applying"):
                return job
            time.sleep(0.05)
        raise TimeoutError(job)

    def checked(self, file: Path | bytes, kind: str = "grids", **more: str) -> dict[str, Any]:
        return self.awaited(self.hand_in(file, kind, **more))

    def applied(self, job: dict[str, Any], key: str | None = None, **about: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.awaited(self.post(f"imports/{job['id']}/apply", {"turn": job["turn"]} | about, **headers))


@pytest.fixture
def office(county: County) -> Office:
    """In the county as shipped."""
    return Office(county)


@pytest.fixture
def small_office(county: County) -> Office:
    """In a county of four villages."""
    with county.sessions.begin() as session:
        editions.store(session, a_county(), editions.About(name="small"), datetime.now(UTC))
    return Office(county)
