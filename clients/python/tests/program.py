"""The helpers against the real program. Standard input: the JSON that `passerelle demo --json` prints."""

import datetime
import json
import pathlib
import sys
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx

from passerelle_client import (
    VERSION, ClientCredentials, ConflictError, FilePlace, NotApplicable, ProblemError, SignInNeeded, UserCredentials, connect, follow,
    rows, take, update,
)
from passerelle_client.generated.api.accounts import get_me
from passerelle_client.generated.api.referrals import accept_referral, create_referral, get_referral, list_referrals, update_referral
from passerelle_client.generated.api.services import list_services
from passerelle_client.generated.models import (
    Acceptance, Problem, RecordedReferral, Referral, ReferralInput, ReferralPatch, ReferralStatus, Urgency,
)
from passerelle_client.generated.models.resource import Resource
from passerelle_client.generated.types import Response

demo = json.load(sys.stdin)
script = demo["clients"][-1]


class Counting(httpx.HTTPTransport):
    sent, tokens = 0, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        Counting.sent += 1
        Counting.tokens += request.url.path == "/oauth/token"
        return super().handle_request(request)


def main() -> None:
    credentials = ClientCredentials(script["client_id"], script["client_secret"])
    with connect(demo["url"], credentials, transport=Counting()) as api, ThreadPoolExecutor(50) as threads:
        # Tokens: fifty calls at once.
        list(threads.map(lambda _: list_services.sync(client=api), range(50)))
        assert (Counting.sent, Counting.tokens) == (51, 1)

        # The change feed, to its end.
        kinds = [Resource.REFERRAL, Resource.CASE]
        place = FilePlace(pathlib.Path(tempfile.mkdtemp()) / "place")
        assert all(batch.changes for batch in follow(api, place, resource=kinds))

        # A list: the pages together are the whole list.
        wanted = [ReferralStatus.ACCEPTED, ReferralStatus.REDIRECTED]
        whole = list(rows(list_referrals.sync, client=api, limit=500))
        some = list(rows(list_referrals.sync, client=api, limit=3, status=wanted))
        ids = {row.id for row in some}
        assert len(ids) == len(some) > 3 and ids == {row.id for row in whole if row.status in wanted}

        # A conflict: somebody else changes the referral after it was read.
        today = datetime.date.today()
        new = ReferralInput.from_dict({
            "service_id": demo["services"][0]["id"], "subject": "child", "origin": "pmi", "channel": "phone",
            "commune_code": "63300", "needs": ["find_childcare"],
            "child": {"identity": {
                "given_name": "Zoé", "family_name": "Roue", "birth_date": (today - datetime.timedelta(days=900)).isoformat(),
            }},
            "family_agreements": [{"purpose": "support", "given_by": "parent", "given_on": today.isoformat()}],
        })
        key = str(uuid.uuid4())
        first, second = (create_referral.sync_detailed(client=api, body=new, idempotency_key=key) for _ in range(2))
        recorded: RecordedReferral = take(first.parsed)
        assert recorded == second.parsed and second.headers["Idempotency-Replayed"] == "true"
        its = recorded.referral.id
        attempts = 0

        def patch(match: str, urgency: Urgency) -> Response[Referral | Problem]:
            return update_referral.sync_detailed(its, client=api, body=ReferralPatch(urgency=urgency), if_match=match)

        def read() -> Response[Referral | Problem]:
            return get_referral.sync_detailed(its, client=api)

        def change(referral: Referral, match: str) -> Response[Referral | Problem]:
            nonlocal attempts
            attempts += 1
            if attempts == 1:
                patch(f'"{referral.version}"', Urgency.PRIORITY)
            return patch(match, Urgency.URGENT)

        assert update(read, change).urgency == Urgency.URGENT and attempts == 2
        try:
            patch('"1"', Urgency.PRIORITY)
        except ConflictError as error:
            assert error.status == 412
        else:
            raise AssertionError("an old version was accepted")

        def accept(referral: Referral, match: str) -> Response[Referral | Problem] | None:
            if "accept" not in referral.available_actions:
                return None
            return accept_referral.sync_detailed(its, client=api, body=Acceptance(), if_match=match)

        assert update(read, accept).case_id
        try:
            update(read, accept)
        except NotApplicable:
            pass
        else:
            raise AssertionError("a referral was accepted twice")

        # The change is in the feed, after the place that was kept.
        assert its in [one.object_id for batch in follow(api, place, resource=kinds) for one in batch.changes]

        # A problem has all its faults.
        new.needs, new.commune_code = [], "nowhere"
        try:
            create_referral.sync(client=api, body=new)
        except ProblemError as error:
            assert (error.code, len(error.errors), len(error.request_id)) == ("invalid_body", 2, 36), error.problem
        else:
            raise AssertionError("a wrong referral was accepted")

    # A user: password, renewal, sign-out.
    user = demo["users"][0]
    with connect(demo["url"], UserCredentials(user["email"], user["password"]), language="en") as api:
        take(get_me.sync(client=api))
        assert api.tokens is not None
        before = api.tokens.get()
        assert api.tokens.renew(before) != before
        take(get_me.sync(client=api))
        api.tokens.sign_out()
        try:
            get_me.sync(client=api)
        except SignInNeeded:
            pass
        else:
            raise AssertionError("the session goes on")
    print(f"passerelle-client {VERSION}: {Counting.sent} calls of a script, and a session")


main()
