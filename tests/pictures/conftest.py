"""How the tests get a picture: composed as the door does it, without drawing."""

from collections.abc import Callable
from datetime import datetime

import pytest

from app import TEXTS
from command_center.people.models import User
from command_center.pictures.compose import compose
from command_center.pictures.order import ordered
from command_center.texts import Texts
from gis.picture import Picture
from tests.builders import NOW
from tests.county import County

Composed = Callable[..., Picture]


@pytest.fixture
def composed(county: County) -> Composed:
    """Compose a picture for an account, for the operator when none is named; `first` is `from`."""
    texts = Texts(TEXTS)

    def one(kind: str, who: str | None = None, *, now: datetime = NOW, language: str = "zh", **given: str) -> Picture:
        words = {"from" if name == "first" else name: value for name, value in given.items()}
        user: User | None = county.user(who) if who else None
        with county.sessions.read() as session:
            order = ordered(session, kind, words, user, now.astimezone(county.settings.zone).date())
            return compose(
                session,
                order,
                user,
                zone=county.settings.zone,
                now=now,
                language="en" if language == "en" else "zh",
                text=lambda key: texts.get(key, language),
            )

    return one
