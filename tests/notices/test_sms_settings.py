"""The gateway's settings: what is refused, and how its form is filled."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from command_center.settings import Settings, SmsGateway


def settings(**more: object) -> Settings:
    return Settings(_env_file=None, home=Path("nowhere"), **more)


@pytest.mark.parametrize("form", ["no json", '{"phone": "{phone}"}', '{"text": "{text}"}', "{}", ""])
def test_a_form_without_phone_or_text_is_refused(form: str) -> None:
    with pytest.raises(ValidationError):
        settings(sms_template=form)


@pytest.mark.parametrize("given", [{}, {"sms_url": "https://x/"}, {"sms_token": "t"}, {"sms_url": "", "sms_token": ""}])
def test_without_address_and_token_there_is_no_gateway(given: dict[str, str]) -> None:
    assert settings(**given).sms is None


def test_the_token_is_never_shown() -> None:
    assert "hidden" not in repr(settings(sms_url="https://x/", sms_token="hidden"))


def test_a_form_is_filled_wherever_its_places_stand() -> None:
    gateway = SmsGateway("https://x/", "t", {"to": ["+86{phone}"], "m": {"text": "{text}。"}, "n": 1, "f": None})
    assert json.loads(gateway.body("1380", 'a"{phone}\n')) == {
        "to": ["+861380"],
        "m": {"text": 'a"{phone}\n。'},
        "n": 1,
        "f": None,
    }
