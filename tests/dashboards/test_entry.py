"""Signing in leads home or back, and never to another site."""

import pytest

from command_center.people.models import Role
from dashboards.entry import HOMES, local_path


@pytest.mark.parametrize("address", ["/desk", "/desk?ticket=1&open=true", "/dashboards?region=210882000000", "/m/"])
def test_an_address_on_this_site_is_followed(address: str) -> None:
    assert local_path(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "/",  # the sign-in page itself would go round in circles
        "desk",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/desk\\..\\evil",
        "https://evil.example/desk",
        "javascript:alert(1)",
        "/desk\r\nSet-Cookie: a=b",
        "/\t/evil.example",
    ],
)
def test_any_other_address_is_not(address: str | None) -> None:
    assert local_path(address) is None


def test_every_role_has_a_home_on_this_site() -> None:
    assert set(HOMES) == set(Role)
    assert all(local_path(home) for home in HOMES.values())
