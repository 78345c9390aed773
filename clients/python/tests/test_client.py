"""The helpers against a server that answers as a test says."""

import json
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from passerelle_client import (
    Batch, ClientCredentials, ConflictError, NotApplicable, Passerelle, ProblemError, Retries, SignInNeeded, UserCredentials,
    connect, follow, rows, take, update,
)
from passerelle_client.generated.api.changes import list_changes
from passerelle_client.generated.models.resource import Resource
from passerelle_client.sending import takes_key

from .stub import Received, Reply, granted, problem, refused, stub

SCRIPT = ClientCredentials("c", "s")
KEY = "idempotency-key"


def feed(objects: int, cursor: str, has_more: bool) -> Reply:
    """A page of the feed: the list whose rows are the smallest."""
    change = {
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c61", "kind": "created", "resource": "case",
        "object_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
        "parent_id": None, "merged_into": None, "deletion_reason": None, "happened_at": "2026-03-02T08:15:00.000000Z",
    }
    return Reply({"data": [change] * objects, "page": {"limit": 50, "next_cursor": cursor, "has_more": has_more}})


def write(api: Passerelle, path: str = "/v1/kits", **options: Any) -> httpx.Response:
    return api.get_httpx_client().post(path, json={"title_fr": "t"}, **options)


class TokensTest(unittest.TestCase):
    def test_fifty_calls_at_once_ask_for_one_token(self) -> None:
        with stub(lambda *_: feed(0, "1", False), lambda number: Reply(granted(number), after=0.05)) as server:
            with connect(server.url, SCRIPT) as api, ThreadPoolExecutor(50) as threads:
                list(threads.map(lambda _: list_changes.sync(client=api), range(50)))
            self.assertEqual(len(server.tokens()), 1)
            self.assertEqual(len(server.calls()), 50)
            self.assertEqual({one.headers["authorization"] for one in server.calls()}, {"Bearer token-1"})
            self.assertEqual(
                server.tokens()[0].form(), {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"}
            )

    def test_a_token_is_renewed_before_it_expires(self) -> None:
        with stub(lambda *_: feed(0, "1", False), lambda number: Reply(granted(number, 0 if number == 1 else 600))) as server:
            with connect(server.url, SCRIPT) as api:
                for _ in range(3):
                    list_changes.sync(client=api)
            self.assertEqual([one.headers["authorization"][-1] for one in server.calls()], ["1", "2", "2"])

    def test_fifty_calls_refused_with_401_ask_for_one_new_token(self) -> None:
        def reply(request: Received, _: int) -> Reply:
            return refused(401, "invalid_token") if request.headers["authorization"].endswith("-1") else Reply({})

        with stub(reply) as server:
            with connect(server.url, SCRIPT) as api, ThreadPoolExecutor(50) as threads:
                list(threads.map(lambda _: write(api, "/v1/children/look-up"), range(50)))
            self.assertEqual(len(server.tokens()), 2)
            self.assertEqual({one.body for one in server.calls()}, {'{"title_fr":"t"}'})

    def test_a_second_401_is_the_answer(self) -> None:
        with stub(lambda *_: refused(401, "invalid_token")) as server, connect(server.url, SCRIPT) as api:
            with self.assertRaises(ProblemError) as caught:
                list_changes.sync(client=api)
            self.assertEqual(caught.exception.code, "invalid_token")
            self.assertEqual((len(server.calls()), len(server.tokens())), (2, 2))

    def test_wrong_credentials_are_a_problem(self) -> None:
        with stub(lambda *_: Reply(), lambda _: refused(401, "invalid_client")) as server, connect(server.url, SCRIPT) as api:
            with self.assertRaises(ProblemError) as caught:
                list_changes.sync(client=api)
            self.assertEqual(caught.exception.code, "invalid_client")
            self.assertEqual(len(server.tokens()), 1)

    def test_a_password_and_each_refresh_token_are_sent_once(self) -> None:
        def token(number: int) -> Reply:
            return Reply(granted(number, 0)) if number < 3 else refused(400, "invalid_grant")

        with stub(lambda *_: feed(0, "1", False), token) as server:
            with connect(server.url, UserCredentials("u", "p", otp="123456")) as api:
                list_changes.sync(client=api)
                list_changes.sync(client=api)
                for _ in range(2):
                    with self.assertRaises(SignInNeeded):
                        list_changes.sync(client=api)
            self.assertEqual([one.form() for one in server.tokens()], [
                {"grant_type": "password", "username": "u", "password": "p", "otp": "123456"},
                {"grant_type": "refresh_token", "refresh_token": "refresh-1"},
                {"grant_type": "refresh_token", "refresh_token": "refresh-2"},
            ])

    def test_a_sign_out_revokes_the_session(self) -> None:
        with stub(lambda *_: feed(0, "1", False)) as server, connect(server.url, UserCredentials("u", "p")) as api:
            list_changes.sync(client=api)
            assert api.tokens is not None
            api.tokens.sign_out()
            self.assertEqual(server.calls()[-1].form(), {"token": "refresh-1"})
            with self.assertRaises(SignInNeeded):
                list_changes.sync(client=api)

    def test_a_token_is_not_sent_to_another_server(self) -> None:
        with stub(lambda *_: Reply({})) as other, stub(lambda *_: Reply({})) as server, connect(server.url, SCRIPT) as api:
            api.get_httpx_client().get(other.url + "/v1/kits")
            self.assertNotIn("authorization", other.calls()[0].headers)

    def test_secrets_are_not_printed(self) -> None:
        self.assertNotIn("secret-1", repr(ClientCredentials("c", "secret-1")) + repr(UserCredentials("u", "secret-1")))


class SendingTest(unittest.TestCase):
    def test_a_429_is_waited_for_as_long_as_it_says(self) -> None:
        def reply(_: Received, number: int) -> Reply:
            return refused(429, "too_many_requests", 1) if number == 1 else feed(0, "1", False)

        begun = time.monotonic()
        with stub(reply) as server, connect(server.url) as api:
            list_changes.sync(client=api)
            self.assertEqual(len(server.calls()), 2)
        self.assertGreaterEqual(time.monotonic() - begun, 1)

    def test_a_retry_after_over_the_limit_is_not_waited_for(self) -> None:
        with stub(lambda *_: refused(429, "too_many_requests", 900)) as server, connect(server.url) as api:
            with self.assertRaises(ProblemError):
                list_changes.sync(client=api)
            self.assertEqual(len(server.calls()), 1)

    def test_a_read_is_tried_four_times_at_most(self) -> None:
        with stub(lambda *_: refused(503, "unavailable", 0)) as server, connect(server.url) as api:
            with self.assertRaises(ProblemError):
                list_changes.sync(client=api)
            self.assertEqual(len(server.calls()), 4)

    def test_a_write_keeps_its_key_and_its_body(self) -> None:
        replies = [refused(503, "outcome_unknown", 0), Reply(cut=True), refused(409, "request_in_progress", 0), Reply({}, 201)]
        with stub(lambda _, number: replies[number - 1]) as server, connect(server.url) as api:
            self.assertEqual(write(api).status_code, 201)
            self.assertEqual(len(server.calls()), 4)
            self.assertEqual(len({(one.headers[KEY], one.body) for one in server.calls()}), 1)

    def test_two_writes_have_two_keys_and_a_given_key_is_kept(self) -> None:
        with stub(lambda *_: Reply({}, 201)) as server, connect(server.url) as api:
            write(api)
            write(api)
            write(api, headers={KEY: "mine"})
            keys = [one.headers[KEY] for one in server.calls()]
            self.assertEqual(len(set(keys)), 3)
            self.assertEqual(keys[2], "mine")

    def test_a_write_that_takes_no_key_is_sent_once(self) -> None:
        with stub(lambda *_: Reply(cut=True)) as server, connect(server.url) as api:
            with self.assertRaises(httpx.TransportError):
                write(api, "/v1/children/look-up")
            self.assertEqual([KEY in one.headers for one in server.calls()], [False])

    def test_a_read_is_sent_again_after_a_broken_connection_and_no_answer_in_time(self) -> None:
        def reply(_: Received, number: int) -> Reply:
            page = feed(0, "1", False)
            page.cut, page.after = number == 1, 1 if number == 2 else 0
            return page

        with stub(reply) as server, connect(server.url, timeout=0.3, retries=Retries(longest_wait=0.1)) as api:
            list_changes.sync(client=api)
            self.assertEqual(len(server.calls()), 3)

    def test_several_values_of_a_filter_are_separated_by_commas(self) -> None:
        with stub(lambda *_: feed(0, "1", False)) as server, connect(server.url) as api:
            list_changes.sync(client=api, resource=[Resource.CASE, Resource.REFERRAL])
            self.assertEqual(server.calls()[0].query["resource"], "case,referral")

    def test_which_writes_take_a_key(self) -> None:
        self.assertTrue(takes_key("POST", "/v1/referrals"))
        self.assertTrue(takes_key("POST", "/v1/referrals/bulk"))
        self.assertTrue(takes_key("POST", "/v1/referrals/0197/accept"))
        self.assertFalse(takes_key("GET", "/v1/referrals"))
        self.assertFalse(takes_key("DELETE", "/v1/kits/0197"))
        self.assertFalse(takes_key("POST", "/v1/nothing"))


class ListsTest(unittest.TestCase):
    def test_the_rows_of_all_pages_with_the_same_filters(self) -> None:
        pages = [{"data": [1, 2], "page": {"next_cursor": "next"}}, {"data": [3], "page": {"next_cursor": None}}]
        asked: list[dict[str, Any]] = []

        def call(**options: Any) -> Any:
            asked.append(options)
            return Page(pages[len(asked) - 1])

        self.assertEqual(list(rows(call, status="received")), [1, 2, 3])
        self.assertEqual(asked, [{"status": "received"}, {"status": "received", "cursor": "next"}])

    def test_a_follower_saves_its_place_after_the_work(self) -> None:
        def reply(request: Received, _: int) -> Reply:
            return feed(0, "2", False) if request.query.get("cursor") == "2" else feed(1, "2", True)

        place = Kept(None)
        with stub(reply) as server, connect(server.url) as api:
            with self.assertRaises(ZeroDivisionError):
                for _ in follow(api, place):
                    raise ZeroDivisionError
            self.assertIsNone(place.cursor)
            self.assertEqual([len(batch.changes) for batch in follow(api, place)], [1])
            self.assertEqual(place.cursor, "2")
            self.assertEqual([one.query.get("cursor") for one in server.calls()], [None, None, "2"])

    def test_after_a_restore_a_follower_continues_at_the_end_of_the_backup(self) -> None:
        def reply(request: Received, _: int) -> Reply:
            if request.query.get("cursor") == "9":
                return refused(410, "feed_restored", next_cursor="5", restored_at="2026-01-01T00:00:00Z")
            return feed(1, "6", False)

        place = Kept("9")
        with stub(reply) as server, connect(server.url) as api:
            first, second = follow(api, place)
            self.assertEqual(first, Batch(restored_at="2026-01-01T00:00:00Z"))
            self.assertEqual(len(second.changes), 1)
            self.assertEqual(place.cursor, "6")
            self.assertEqual([one.query.get("cursor") for one in server.calls()], ["9", "5"])


class WritingTest(unittest.TestCase):
    def test_a_problem_has_its_code_its_faults_and_its_request(self) -> None:
        fault = {"pointer": "/needs", "code": "required", "message": "Ce champ est obligatoire."}
        with stub(lambda *_: refused(400, "invalid_body", errors=[fault], request_id="r-1")) as server, connect(server.url) as api:
            with self.assertRaises(ProblemError) as caught:
                write(api)
            it = caught.exception
            self.assertEqual((it.status, it.code, it.request_id), (400, "invalid_body", "r-1"))
            self.assertEqual([(one.pointer, one.code) for one in it.errors], [("/needs", "required")])
            self.assertNotIsInstance(it, ConflictError)

    def test_what_is_not_a_problem_document_is_an_error_too(self) -> None:
        with stub(lambda *_: Reply("<html>", 502)) as server, connect(server.url) as api:
            with self.assertRaises(ProblemError) as caught:
                write(api)
            self.assertEqual((caught.exception.code, caught.exception.status), ("unexpected_response", 502))

    def test_a_conflict_is_read_again_and_tried_once_more(self) -> None:
        self.assertEqual(changed([1, 2], 2, "t", "t"), "version 2")

    def test_a_second_conflict_is_the_answer(self) -> None:
        with self.assertRaises(ConflictError):
            changed([1, 2, 3], 3, "t", "t")

    def test_a_change_that_no_longer_applies_is_not_sent(self) -> None:
        with self.assertRaises(NotApplicable):
            changed([1, 2], 2, "t", None)


class Page:
    def __init__(self, page: dict[str, Any]) -> None:
        self.data = page["data"]
        self.page = type("Info", (), page["page"])


class Kept:
    def __init__(self, cursor: str | None) -> None:
        self.cursor = cursor

    def load(self) -> str | None:
        return self.cursor

    def save(self, cursor: str) -> None:
        self.cursor = cursor


class Parsed:
    def __init__(self, response: httpx.Response) -> None:
        self.headers = response.headers
        self.parsed: dict[str, Any] | None = json.loads(response.content)


def changed(versions: list[int], accepted: int, *changes: str | None) -> str:
    """Changes a kit whose version is `versions[n]` at the n-th read, and that a change of `accepted` changes."""
    reads = iter(versions)
    asked = iter(changes)

    def reply(request: Received, _: int) -> Reply:
        if request.method == "GET":
            version = next(reads)
            return Reply({"version": version}, headers={"ETag": f'"{version}-d"'})
        if request.headers["if-match"] != f'"{accepted}-d"':
            return refused(412, "version_mismatch")
        return Reply({"title": f"version {accepted}"})

    with stub(reply) as server, connect(server.url) as api:
        http = api.get_httpx_client()

        def change(_: dict[str, Any], match: str) -> Parsed | None:
            title = next(asked)
            return None if title is None else Parsed(http.patch("/v1/kits/k", json={"title_fr": title}, headers={"If-Match": match}))

        return str(take(update(lambda: Parsed(http.get("/v1/kits/k")), change))["title"])


if __name__ == "__main__":
    unittest.main()
