"""Hands at the desk: steps that are not the point go through the REST interface, the others through the screen."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.served import Served

WITHIN_MS = 15_000
RECORD = "0108"  # settled by the village within 5 working days
PARCEL = "010202"  # one urgent hour: a minute in the fast county


class Life:
    """One ticket and everybody who has something to do with it."""

    def __init__(self, server: Served, desk: Callable[[str], Page], number: str) -> None:
        self.server, self.desk, self.number = server, desk, number

    def get(self, account: str, path: str = "") -> Any:
        answer = httpx.get(
            f"{self.server.url}/api/v1/tickets/{self.number}{path}", headers=self.server.headers(account), timeout=30
        )
        answer.raise_for_status()
        return answer.json()

    def act(self, account: str, action: str, **form: Any) -> Any:
        """Take an action without the screen."""
        headers = self.server.headers(account) | {"If-Match": f'"{self.get(account)["version"]}"'}
        address = f"{self.server.url}/api/v1/tickets/{self.number}/actions/{action}"
        answer = httpx.post(address, headers=headers, json=form, timeout=30)
        assert answer.status_code == 200, (account, action, answer.text)
        return answer.json()

    def walk(self, *steps: tuple[str, str] | tuple[str, str, dict[str, Any]]) -> None:
        for account, action, *form in steps:
            self.act(account, action, **(form[0] if form else {}))

    def with_power(self) -> "Life":
        """Accept, claim and dispatch it to the power company."""
        self.walk(("village", "accept"), ("village", "claim"), ("village", "dispatch", {"department": "power"}))
        return self

    def told(self) -> list[str]:
        return [event["what"] for event in self.get("county", "/timeline")["items"]]

    def open(self, account: str) -> Page:
        """Open it at somebody's desk."""
        page = self.desk(account)
        page.goto(f"{self.server.url}/desk?ticket={self.number}")
        expect(page.locator("[data-testid=number]")).to_have_text(self.number, timeout=WITHIN_MS)
        return page

    def begin(self, account: str, action: str) -> Page:
        """Open it and press the button of an action, wherever the bar keeps it."""
        page = self.open(account)
        press(page, action)
        expect(page.locator(f"form[data-form={action}]")).to_be_visible()
        return page

    def done(self, page: Page, action: str, *, asked: bool = False) -> None:
        """Send the form, agree when asked, and wait until the timeline tells of it."""
        page.locator("[data-testid=submit-action]").click()
        if asked:
            page.locator("[data-testid=confirm]").click()
        self.expect_last(page, action)

    def expect_last(self, page: Page, action: str) -> None:
        deadline = time.monotonic() + WITHIN_MS / 1000
        while time.monotonic() < deadline:
            if (told := self.told())[-1] == action:
                return
            page.wait_for_timeout(100)
        raise AssertionError(f"{action} is not the last of {told}")


def press(page: Page, action: str) -> None:
    """Press an action's button: in the bar, or in the menu of the others."""
    expect(page.locator("[data-testid=actions]")).to_be_visible()
    button = page.locator(f"[data-testid=actions] [data-action={action}]")
    if not button.count():
        page.locator("[data-testid=more-actions]").click()
        button = page.locator(f".menu [data-action={action}]")
    button.click()


def reported(server: Served, words: str, category: str = RECORD, *, east: float = 0.0, **further: Any) -> str:
    """Report something in the demo worker's grid, `east` degrees aside. Returns the number."""
    headers = server.headers("grid")
    home = httpx.get(f"{server.url}/api/v1/me", headers=headers, timeout=30).json()["region"]["code"]
    grid = httpx.get(f"{server.url}/api/v1/regions/{home}", headers=headers, timeout=30).json()
    body = {"category": category, "description": words, "lon": grid["lon"] + east, "lat": grid["lat"], "datum": "wgs84"}
    answer = httpx.post(
        f"{server.url}/api/v1/reports",
        headers=headers | {"Idempotency-Key": str(uuid.uuid4())},
        json=body | further,
        timeout=30,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])
