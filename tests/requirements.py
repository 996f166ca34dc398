"""What some tests need beside Python, and what to say when it is not there.

With COMMAND_CENTER_TEST_REQUIRE=all a missing part is a failure; otherwise the test is skipped and says how to get it.
"""

import os
import shutil
from typing import NoReturn

import pytest

ALL = os.environ.get("COMMAND_CENTER_TEST_REQUIRE") == "all"


def missing(what: str, remedy: str) -> NoReturn:
    """End a test for lack of something."""
    text = f"{what} is missing: {remedy}"
    if ALL:
        pytest.fail(text)
    pytest.skip(text)


def require_chromium() -> str:
    """Find Chromium's executable."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    missing("Chromium", "apt-get install chromium fonts-noto-cjk")
