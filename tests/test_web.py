"""What both doors share: errors told in the caller's own form, whatever raised them."""

import gc

import pytest
from werkzeug.exceptions import BadGateway, BadRequest, HTTPException, MethodNotAllowed, NotFound, UnsupportedMediaType

from command_center.errors import CommandCenterError
from command_center.problems import from_http
from mobile_api.openapi import every_error
from tests.county import County

pytestmark = pytest.mark.parametrize("engine_kind", ["sqlite"])


def test_a_page_that_tells_an_error_survives_a_token_that_is_not_valid(county: County) -> None:
    answer = county.app.test_client().get("/nowhere", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize(
    ("raised", "status"),
    [(BadRequest(), 400), (NotFound(), 404), (MethodNotAllowed(), 405), (UnsupportedMediaType(), 415)],
    ids=lambda value: str(value),
)
def test_what_the_framework_refuses_keeps_its_status_and_has_a_type_that_lasts(
    county: County, raised: HTTPException, status: int
) -> None:
    error = from_http(raised)
    assert error.status == status
    assert "?" not in error.text_zh + error.text_en
    code = error.code
    del error
    gc.collect()
    assert county.app.test_client().get(f"/problems/{code}").status_code == 200


def test_a_fault_of_ours_is_told_without_its_inside(county: County) -> None:
    error = from_http(BadGateway("secret path /var/x"))
    assert (error.status, "secret" in error.text_en) == (500, False)


@pytest.mark.parametrize("code", sorted({error.code for error in every_error()}))
def test_every_problem_type_has_an_address_that_explains_it(county: County, code: str) -> None:
    answer = county.app.test_client().get(f"/problems/{code}")
    assert answer.status_code == 200
    assert code in answer.text


def test_every_error_has_a_name_and_texts_of_its_own(county: County) -> None:
    kinds = [kind for kind in every_error() if kind.__module__.startswith(("command_center", "mobile_api"))]
    assert all(kind.zh and kind.en and 400 <= kind.status <= 599 for kind in kinds)
    codes = [kind.code for kind in kinds]
    doubled = {code for code in codes if codes.count(code) > 1}
    assert doubled == {"outside-county"}  # a question gets 404, a report 422, and both are the same fact
    assert CommandCenterError in kinds
