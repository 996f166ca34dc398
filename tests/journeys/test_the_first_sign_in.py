"""The phone's own sign-in, without the page at the entrance."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import PATIENCE_MS
from tests.served import Served

pytestmark = pytest.mark.chromium


def test_a_worker_signs_in_out_and_in_again_on_the_phone_itself(calm_county: Served, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN", viewport={"width": 360, "height": 740})
    phone = context.new_page()
    phone.set_default_timeout(PATIENCE_MS)

    def sign_in() -> None:
        phone.fill("[name=username]", "grid")
        phone.fill("[name=password]", "demo")
        phone.locator("[data-testid=sign-in]").click()
        expect(phone.locator("[data-testid=send]")).to_be_visible()

    phone.goto(f"{calm_county.url}/m/")
    sign_in()
    phone.locator("[data-tab=me]").click()
    phone.locator("[data-testid=sign-out]").click()
    sign_in()
    context.close()
