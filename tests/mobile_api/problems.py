"""What every refusal at the door has in common."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.test import TestResponse

from tests.county import County


def problem(answer: TestResponse, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    """Check a problem document: its own type, both languages, the field at fault, nothing of our insides."""
    assert answer.content_type == "application/problem+json", (answer.status, answer.data[:300])
    body: dict[str, Any] = json.loads(answer.data)
    assert (answer.status_code, body["status"], body["type"]) == (status, status, f"/problems/{code}"), body
    assert any("\u4e00" <= sign <= "\u9fff" for sign in body["title"]), body
    assert re.search("[A-Za-z]{2}.*[.:]", body["title_en"]) and body["title_en"] != body["title"], body
    assert "Traceback" not in answer.text and "sqlalchemy" not in answer.text.lower()
    assert len(answer.data) < 4000
    if field is not None:
        assert body.get("field") == field, body
    return body


@contextmanager
def nothing_changes(county: County) -> Iterator[None]:
    """Hold that no row of any table is added, changed or removed meanwhile."""
    before = county.contents()
    yield
    assert county.contents() == before
