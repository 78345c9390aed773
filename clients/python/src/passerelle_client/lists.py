"""Lists and the change feed as iterators."""

import json
import os
import pathlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ParamSpec, Protocol, Sequence, TypeVar

from .generated.api.changes import list_changes
from .generated.client import AuthenticatedClient
from .generated.models import ChangeEvent, ChangePage, Problem
from .problems import ProblemError, take

P = ParamSpec("P")
Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)


class PageOf(Protocol[Row_co]):
    """A page of a list."""

    @property
    def data(self) -> Sequence[Row_co]: ...


def pages(call: Callable[P, PageOf[Row] | Problem | Any | None], *args: P.args, **kwargs: P.kwargs) -> Iterator[PageOf[Row]]:
    """The pages of a list: `pages(list_kits.sync, client=api)`, from the first one or from `cursor`."""
    while True:
        page = take(call(*args, **kwargs))
        yield page
        cursor = page.page.next_cursor
        if not cursor:
            return
        kwargs["cursor"] = cursor


def rows(call: Callable[P, PageOf[Row] | Problem | Any | None], *args: P.args, **kwargs: P.kwargs) -> Iterator[Row]:
    """The rows of a list, page after page. A page is requested when its first row is needed."""
    for page in pages(call, *args, **kwargs):
        yield from page.data


class Place(Protocol):
    """Where a follower keeps its place in the feed."""

    def load(self) -> str | None: ...
    def save(self, cursor: str) -> None: ...


class FilePlace:
    """A place in a file."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = pathlib.Path(path)

    def load(self) -> str | None:
        try:
            return str(json.loads(self._path.read_text(encoding="utf-8"))["cursor"])
        except FileNotFoundError:
            return None

    def save(self, cursor: str) -> None:
        # A crash leaves the old file or the new one.
        part = self._path.with_name(self._path.name + ".part")
        part.write_text(json.dumps({"cursor": cursor}), encoding="utf-8")
        part.replace(self._path)


@dataclass(frozen=True)
class Batch:
    """Some changes. `restored_at`: the database was restored to before the place of this follower, and objects created
    since the backup are gone."""

    changes: list[ChangeEvent] = field(default_factory=list)
    restored_at: str | None = None


def follow(client: AuthenticatedClient, place: Place, *, every: float | None = None, **filters: Any) -> Iterator[Batch]:
    """The changes since the last time. The place is saved when the next batch is requested, so a batch whose work failed
    comes again. `every`: seconds between two questions at the end of the feed; without it, the iterator ends there."""
    cursor = place.load()
    while True:
        more = True
        try:
            asked = filters | ({"cursor": cursor} if cursor else {})
            page: ChangePage = take(list_changes.sync(client=client, **asked))
        except ProblemError as error:
            if error.code != "feed_restored":
                raise
            yield Batch(restored_at=str(error.member("restored_at")))
            cursor = str(error.member("next_cursor"))
        else:
            if page.data:
                yield Batch(page.data)
            cursor, more = page.page.next_cursor, page.page.has_more
        place.save(cursor)
        if more:
            continue
        if every is None:
            return
        time.sleep(every)
