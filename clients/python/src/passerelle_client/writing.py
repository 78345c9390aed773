"""Changes of objects that others change too."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from .generated.models import Problem
from .problems import ConflictError, take

T = TypeVar("T")
R = TypeVar("R")
T_co = TypeVar("T_co", covariant=True)


class Answer(Protocol[T_co]):
    """What `sync_detailed` returns."""

    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def parsed(self) -> T_co | None: ...


class NotApplicable(Exception):
    """The change makes no sense for the object as it is now."""


def if_match(answer: Answer[Any]) -> str:
    """The value of `If-Match` for an object that was read."""
    tag = answer.headers.get("etag")
    return tag if tag else f'"{take(answer.parsed).version}"'


def update(read: Callable[[], Answer[T | Problem]], change: Callable[[T, str], Answer[R | Problem] | None]) -> R:
    """Reads an object and changes it. If it changed in between (412), reads it again and tries once more.

    `read` and `change` call `sync_detailed`. `change` gets the object and the value of `If-Match`, and returns None if
    its change does not apply (any more)."""
    again = False
    while True:
        answer = read()
        try:
            changed = change(take(answer.parsed), if_match(answer))
        except ConflictError as error:
            if again or error.status != 412:
                raise
            again = True
            continue
        if changed is None:
            raise NotApplicable("the change does not apply to the object as it is")
        return take(changed.parsed)
