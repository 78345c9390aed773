"""The main job with the generated Python client: token, referral, acceptance, interview, figures, a kit, and an error."""

import datetime
import json
import sys
import uuid

from passerelle_client import AuthenticatedClient, Client
from passerelle_client.api.accounts import create_token
from passerelle_client.api.activity import get_activity
from passerelle_client.api.cases import create_intervention
from passerelle_client.api.kits import create_kit, create_kit_copy, list_kits
from passerelle_client.api.referrals import accept_referral, create_referral, list_referrals
from passerelle_client.api.reservations import check_reservation
from passerelle_client.models import (
    Acceptance, Activity, FreeLoan, Intervention, Kit, KitCopy, KitPage, InterventionInput, KitInput, KitCopyInput, ReferralInput,
    ReservationInput, Problem, RecordedReferral, Referral, ReservationAssessment, Token, TokenRequest,
)

demo = json.load(sys.stdin)
script, service = demo["clients"][-1], uuid.UUID(demo["services"][0]["id"])
today = datetime.date.today()
# The next Monday: kits are lent on working days.
open_day = today + datetime.timedelta(days=7 - today.weekday())

anonymous = Client(base_url=demo["url"])
credentials = TokenRequest(
    grant_type="client_credentials", client_id=script["client_id"], client_secret=script["client_secret"]
)
token = create_token.sync(client=anonymous, body=credentials)
assert isinstance(token, Token), token
api = AuthenticatedClient(base_url=demo["url"], token=token.access_token)

new = ReferralInput.from_dict({
    "service_id": str(service), "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
    "child": {
        "identity": {
            "given_name": "Zoé", "family_name": "Python",
            "birth_date": (today - datetime.timedelta(days=900)).isoformat(),
        },
        "contacts": [{"relation": "parent", "name": "Camille Python", "phone": "06 39 98 00 03"}],
    },
    "needs": ["find_childcare"],
    "family_agreements": [{"purpose": "support", "given_by": "parent", "given_on": today.isoformat()}],
})
recorded = create_referral.sync(client=api, body=new)
assert isinstance(recorded, RecordedReferral), recorded
referral = recorded.referral

accepted = accept_referral.sync(referral.id, client=api, body=Acceptance(), if_match=f'"{referral.version}"')
assert isinstance(accepted, Referral), accepted
assert isinstance(accepted.case_id, uuid.UUID), accepted

work = InterventionInput.from_dict({
    "type": "family_interview", "held_on": today.isoformat(), "minutes": 60, "travel_minutes": 40, "place": "family_home",
    "participants": [{"kind": "parent", "number": 2}],
})
interview = create_intervention.sync(accepted.case_id, client=api, body=work)
assert isinstance(interview, Intervention), interview
assert interview.case_id == accepted.case_id

figures = get_activity.sync(service, client=api, from_=today, to=today)
assert isinstance(figures, Activity), figures
assert figures.interventions.number >= 1, figures

shelved = KitInput.from_dict({
    "service_id": str(service), "title_fr": "Sensorielle", "themes": ["senses"],
    "audiences": ["family", "early_childhood_professional"],
})
kit = create_kit.sync(client=api, body=shelved)
assert isinstance(kit, Kit), kit
copy = create_kit_copy.sync(kit.id, client=api, body=KitCopyInput(label="1", condition="new", home_site="Issoire"))
assert isinstance(copy, KitCopy), copy
kits = list_kits.sync(client=api, service_id=service)
assert isinstance(kits, KitPage) and any(one.copies == [copy] for one in kits.data), kits
wanted = ReservationInput.from_dict({
    "service_id": str(service), "kit_id": str(kit.id), "starts_on": open_day.isoformat(),
    "borrower": {"kind": "professional", "name": "Dominique Python", "commune_code": "63300"},
})
assessment = check_reservation.sync(client=api, body=wanted)
assert isinstance(assessment, ReservationAssessment) and assessment.possible, assessment
assert isinstance(assessment.loan, FreeLoan) and assessment.loan.copy_id == copy.id, assessment

refused = list_referrals.sync(client=api, limit=100_000)
assert isinstance(refused, Problem) and refused.status == 400 and refused.errors, refused
print(f"openapi-python-client: main job done, {figures.interventions.number} intervention(s) today; an error is {refused.code}")
