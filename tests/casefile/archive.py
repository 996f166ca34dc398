"""Tickets with a whole life for the case file, written by hand, and a way to read the PDF back."""

import io
import re
import secrets
from datetime import timedelta
from typing import Any

from PIL import Image
from pypdfium2 import PdfDocument
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE as PICTURE

from command_center.attachments import storage
from command_center.attachments.models import Attachment
from command_center.attachments.photos import read_photo
from command_center.tickets.models import Ticket
from tests.builders import NOW, a_ticket
from tests.county import County
from tests.events.stories import tell

REPORTER = {"name": "王秀兰", "phone": "13942512345"}
DESCRIPTION = "富丽社区三号楼东侧电线杆上的电缆外皮破损，铜芯裸露，离地约 1.6 米，旁边是幼儿园放学的必经之路。"
# Every action of a long life, with the details that the actions record.
WHOLE_LIFE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("accept", {"actor_name": "李建国", "actor_role": "village_officer", "to_node": "claim"}),
    ("claim", {"from_node": "claim", "to_node": "dispatch", "from_tier": "village", "to_tier": "village"}),
    ("escalate", {"from_tier": "village", "to_tier": "county", "to_node": "claim", "note": "本级无权处置供电设施"}),
    ("dispatch", {"to_node": "handle", "details": {"department": "power"}}),
    ("return", {"note": "不属于我单位", "details": {"refused_by": "power", "disputed": True}}),
    (
        "assist",
        {"details": {"department": "housing", "n": 1, "task": "封闭通道", "due_at": "2026-11-20T04:00:00+00:00"}},
    ),
    ("resolve", {"note": "已拉警戒线", "details": {"assist": 1, "answer": "通道已封闭，设专人看守"}}),
    ("request_extension", {"note": "备件须从沈阳调运", "details": {"step": 1}}),
    ("decide_extension", {"details": {"passed": True, "step": 2, "granted": "2 urgent_hour"}}),
    ("suspend", {"details": {"until": "2026-12-01T00:00:00+00:00"}}),
    ("resume", {"actor_id": None, "actor_username": "", "actor_name": "系统", "actor_role": "system"}),
    ("supervise", {"details": {"supervision": {"colour": "red", "report_back_at": "2026-11-21T01:00:00+00:00"}}}),
    ("remind", {"note": "请尽快"}),
    ("resolve", {"note": "破损电缆已更换", "to_node": "close"}),
    (
        "verify",
        {"note": "现场无异常", "to_node": "closed", "details": {"passed": True, "distance_m": 12.5, "away": False}},
    ),
    ("callback", {"details": {"reached": True, "satisfied": False, "words": "来得太慢"}}),
    ("follow_up", {"details": {"outcome": "corrected", "source": "callback"}}),
    ("rate", {"actor_id": None, "actor_role": "citizen", "actor_name": "王秀兰", "details": {"score": 4}}),
    ("some_new_action", {"details": {"brand_new_detail": {"inner": [1, "二"]}}}),
)


def a_life(county: County, **draft: Any) -> int:
    """A ticket of a citizen's, with every kind of event. Returns its id."""
    given = {"description": DESCRIPTION, "reporter": REPORTER, "source": "hotline"} | draft
    hand = a_ticket(county, by="hotline", **given)
    tell(county, hand.id, *WHOLE_LIFE)
    return hand.id


def number_of(county: County, ticket_id: int) -> str:
    with county.sessions.read() as session:
        return session.get_one(Ticket, ticket_id).number


def a_jpeg(n: int, size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A photo that differs from all others."""
    picture = Image.effect_noise((size[0] // 8, size[1] // 8), 40).resize(size)
    out = io.BytesIO()
    Image.merge("RGB", (picture, picture.rotate(90).resize(size), Image.new("L", size, n * 37 % 255))).save(out, "JPEG")
    return out.getvalue()


def add_photos(county: County, ticket_id: int, count: int, event_n: int = 1) -> list[str]:
    """Store photos with a ticket's event. Returns their SHA-256."""
    folder, digests = county.settings.home / "attachments", []
    user = county.user("hotline")
    with county.sessions.begin() as session:
        for n in range(count):
            photo = read_photo(a_jpeg(n, (1600, 1200) if n % 3 else (1200, 1600)))
            digests.append(storage.save(folder, photo))
            row = Attachment(
                id=secrets.token_urlsafe(16),
                sha256=photo.sha256,
                width=photo.width,
                height=photo.height,
                byte_size=len(photo.jpeg),
                uploaded_by_id=user.id,
                created_at=NOW + timedelta(seconds=n),
                ticket_id=ticket_id,
                event_n=event_n,
            )
            session.add(row)
    return digests


def read(pdf: bytes) -> list[str]:
    """Each page's text, without the spaces and line ends that setting it put in."""
    document = PdfDocument(pdf)
    try:
        return [re.sub(r"\s+", "", page.get_textpage().get_text_bounded()) for page in document]
    finally:
        document.close()


def pictures(pdf: bytes) -> int:
    """How many pictures stand on the pages."""
    document = PdfDocument(pdf)
    try:
        return sum(1 for page in document for _ in page.get_objects(filter=[PICTURE]))
    finally:
        document.close()


def all_text(pdf: bytes) -> str:
    return "".join(read(pdf))
