"""Refusals of the API as exceptions."""

import json
from http import HTTPStatus
from typing import Any, TypeVar

import httpx

from .generated.models import Problem, ProblemFault

T = TypeVar("T")


class ProblemError(Exception):
    """The API refused a request. Programs test `code`; people read the text."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail or problem.title)
        self.problem = problem

    @property
    def status(self) -> int:
        return self.problem.status

    @property
    def code(self) -> str:
        return self.problem.code

    @property
    def errors(self) -> list[ProblemFault]:
        return self.problem.errors

    @property
    def request_id(self) -> str:
        return self.problem.request_id

    def member(self, name: str) -> Any:
        """A member that only some codes have: `next_cursor`, `next_free`, `required_permission`."""
        return self.problem.additional_properties.get(name)


class ConflictError(ProblemError):
    """409 and 412: the state or the version of the object, or another object, is in the way."""


class SignInNeeded(Exception):
    """The session of a user is over: their password is needed again."""


def take(answer: T | Problem | None) -> T:
    """The object that an operation returned. Refusals were raised before."""
    if answer is None or isinstance(answer, Problem):
        raise TypeError("the operation returned no object")
    return answer


def problem_error(response: httpx.Response) -> ProblemError:
    """The exception for a response that was read."""
    try:
        problem = Problem.from_dict(json.loads(response.content))
    except (ValueError, KeyError, TypeError, AttributeError):
        # Not from the API: a proxy, or a response without a body.
        try:
            title = HTTPStatus(response.status_code).phrase
        except ValueError:
            title = ""
        problem = Problem(
            code="unexpected_response", detail=f"HTTP {response.status_code}", errors=[], instance="", status=response.status_code,
            title=title, type_="about:blank", request_id=response.headers.get("X-Request-Id", ""),
        )
    return ConflictError(problem) if problem.status in (409, 412) else ProblemError(problem)


def raise_problem(response: httpx.Response) -> None:
    """Raises a refusal (an event hook of httpx)."""
    if response.status_code >= 400:
        response.read()
        raise problem_error(response)
