"""Cutting a page out of an ordered list by the key it begins after, or ends before: stable, whatever is added."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mobile_api.ogc.query import Query

Key = TypeVar("Key", bound=tuple[Any, ...])


def cut(keys: Sequence[Key], query: Query, read: Callable[[str], Key]) -> tuple[Sequence[Key], Key | None, Key | None]:
    """keys: in order; read: how a key is spelt in a link.

    Returns the page's keys, the one that the next page begins after, and the one that the page before ends before.
    """
    if query.before is not None:
        end = bisect_left(keys, read(query.before))
        start = max(0, end - query.limit)
    else:
        start = (bisect_right(keys, read(query.after)) if query.after is not None else 0) + query.offset
        end = start + query.limit
    page = keys[start:end]
    return page, page[-1] if page and end < len(keys) else None, page[0] if page and start > 0 else None
