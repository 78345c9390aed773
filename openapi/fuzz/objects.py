"""Objects for the requests that are meant to be valid, created through the API from the examples of the contract.

A generated identifier does not exist, and an action can only be done once on an object. So a request that changes or
deletes an object gets a new one in the right state; a request that only reads gets a shared one.
"""

import base64
import copy
import datetime
import hmac
import itertools
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any

import server

Json = dict[str, Any]
# A borrower given by name.
PROFESSIONAL: Json = {"kind": "professional", "name": "Dominique Exemple", "commune_code": "63300"}


class Objects:
    """Creates objects in a running service."""

    def __init__(self, setting: Json, document: Json) -> None:
        self.setting = setting
        self.document = document
        self.turn = itertools.count(1)
        self.kept: dict[str, Json] = {}
        self.lends = False
        # The organisation of the referents, once a convention opens the network to it.
        self.networked = ""
        self.pacts = itertools.count()
        self.movers = itertools.count()
        self.lines = itertools.count()
        self.aims = itertools.count()
        self.communes: list[Json] = []
        self.tokens: dict[str, tuple[str, float]] = {}
        self.operations = {
            said["operationId"]: (method.upper(), path, said)
            for path, item in document["paths"].items()
            for method, said in item.items()
            if isinstance(said, dict) and "operationId" in said
        }

    @property
    def service(self) -> str:
        """The service in use."""
        return str(self.setting["services"][0])

    def token(self, who: str) -> str:
        """Returns the access token of a principal, renewed well before it expires after ten minutes."""
        token, since = self.tokens.get(who, ("", 0.0))
        if not token or time.monotonic() - since > 240:
            token, since = server.token(self.setting["url"], **self.setting["grants"][who]), time.monotonic()
            self.tokens[who] = token, since
        return token

    def valid(self) -> set[str]:
        """The access tokens in use."""
        return {token for token, _ in self.tokens.values()}

    def spare_service(self) -> str:
        """Returns a service that may be changed."""
        spare = self.setting["services"][1:]
        return str(spare[next(self.turn) % len(spare)])

    def call(self, name: str, of: str = "", who: str = "manager", bearer: str = "", query: str = "", **changes: Any) -> Json:
        """Calls an operation with the example of the contract and some changes, as a principal or with a given token."""
        method, path, said = self.operations[name]
        content = said.get("requestBody", {}).get("content", {})
        body: Json | None = None
        for media in content.values():
            schema = media["schema"]
            named = self.document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
            body = copy.deepcopy(media.get("example") or named["examples"][0]) | changes
            body = {field: value for field, value in body.items() if value is not ...}
        if body and "service_id" in body:
            body["service_id"] = self.service
        headers = {"Authorization": f"Bearer {bearer or self.token(who)}", "If-Match": "*"}
        headers |= {"Content-Type": media_type for media_type in content}
        url = self.setting["url"] + path.replace("{id}", of) + query
        request = urllib.request.Request(url, json.dumps(body).encode() if content else None, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{name}, with the contract's example: {error.read().decode()}") from error

    def make(self, kind: str) -> Json:
        """Creates an object of a collection."""
        return MAKERS[kind](self)

    def keep(self, kind: str) -> str | None:
        """Returns a shared object of a collection, or None if there is no maker for it."""
        if kind not in MAKERS:
            return None
        # A fuzzed request may have deleted it: replace it from time to time.
        if kind not in self.kept or next(self.turn) % 50 == 0:
            self.kept[kind] = self.make(kind)
        return str(self.kept[kind]["id"])

    def ready(self, operation: str, kind: str) -> str | None:
        """Returns an object on which an operation can succeed."""
        if self.operations[operation][0] == "GET":
            return self.keep(kind)
        if operation in READY:
            return READY[operation](self)
        return str(self.make(kind)["id"]) if kind in MAKERS else None


def referral(objects: Objects) -> Json:
    """A referral that can be decided and, with the family's agreement, redirected to a partner."""
    agreed = {"given_by": "parent", "given_on": "2026-03-02"}
    agreements = [agreed | {"purpose": purpose} for purpose in ("support", "partner_contact")]
    identity = {"birth_date": "2023-04-05", "family_name": f"Exemple {next(objects.turn)}", "given_name": "Zoé"}
    child = {"identity": identity, "contacts": [{"name": "Camille Exemple", "relation": "parent"}]}
    return dict(objects.call("createReferral", external_id=..., family_agreements=agreements, child=child)["referral"])


def case(objects: Objects) -> Json:
    """An open case."""
    return {"id": objects.call("acceptReferral", referral(objects)["id"])["case_id"]}


def appointment(objects: Objects) -> Json:
    """An appointment of today about an open case."""
    about = {"case_ids": [case(objects)["id"]], "participants": [], "professional_ids": ...}
    return objects.call("createAppointment", planned_on=day(), **about)


def note(objects: Objects) -> Json:
    """The summary of a case."""
    return objects.call("createCaseNote", case(objects)["id"], kind="summary", text="Deux matinées.")


def recommendation(objects: Objects) -> Json:
    """A recommendation of today."""
    return objects.call("createRecommendation", case(objects)["id"], made_on=day())


def absence(objects: Objects) -> Json:
    """An absence of a new colleague: two of one person do not overlap."""
    return objects.call("declareAbsence", user_id=objects.make("users")["id"], starts_on=day(), ends_on=day())


def member(objects: Objects) -> Json:
    """A colleague in the team of a case."""
    return objects.call("addCaseMember", case(objects)["id"], user_id=objects.keep("users"), starts_on=day())


def household(objects: Objects) -> Json:
    """A household with a child and a contact."""
    return objects.call("createHousehold")


def placement(objects: Objects) -> Json:
    """A current placement."""
    return objects.call("createPlacement", case(objects)["id"], organisation_id=objects.keep("organisations"))


def planned_placement(objects: Objects) -> Json:
    """A placement that starts in a month."""
    given = {"organisation_id": objects.keep("organisations"), "starts_on": day(30)}
    return objects.call("createPlacement", case(objects)["id"], **given)


def placement_review(objects: Objects) -> Json:
    """The answer to a review of a placement that ended today."""
    answer = {"answer": "left", "answered_on": ..., "ends_on": day(), "end_reason": ..., "note": ...}
    return objects.call("createPlacementReview", placement(objects)["id"], **answer)


def goal(objects: Objects) -> Json:
    """A goal without reviews, set today in a new case."""
    return objects.call("createGoal", case(objects)["id"], set_on=day(), target_on=...)


def goal_review(objects: Objects) -> Json:
    """The only review of a goal."""
    return objects.call("createGoalReview", goal(objects)["id"], reviewed_on=day())


def procedure(objects: Objects) -> Json:
    """A procedure that is prepared, about the child of a new case."""
    return objects.call("createProcedure", case(objects)["id"], filed_on=..., next_on=...)


def paused(objects: Objects) -> Json:
    """A case that is suspended since today."""
    one = case(objects)
    objects.call("suspendCase", one["id"], starts_on=day())
    return one


def suspension(objects: Objects) -> Json:
    """The suspension of a case, which lasts."""
    return dict(objects.call("listCaseSuspensions", paused(objects)["id"])["data"][0])


def complex_situation(objects: Objects) -> Json:
    """A complex situation since today, without discussions."""
    return objects.call("flagComplexSituation", case(objects)["id"], flagged_on=day())


def discussion(objects: Objects) -> Json:
    """The only discussion of a complex situation."""
    return objects.call("createCaseDiscussion", complex_situation(objects)["id"], held_on=day())


def pursued(_: Objects, body: Json) -> Json:
    """A procedure whose days are in order: filed and decided today, with an outcome that grants something."""
    days = {"filed_on", "complete_on", "decided_on", "notified_on", "expires_on"}
    if not body.keys() & (days | {"waiting_since", "outcome", "next_on", "kind"}):
        return body
    today = {field: day() for field in days}
    waiting = {"waiting_since": day() if body.get("kind") == "esms_waiting_list" else None}
    return body | today | waiting | {"outcome": "granted", "next_on": day() if body.get("next_on") else None}


def intervention(objects: Objects) -> Json:
    """An intervention of an open case."""
    return objects.call("createIntervention", case(objects)["id"], organisation_id=...)


def step(objects: Objects) -> Json:
    """A step of an open case."""
    return objects.call("createCaseStep", case(objects)["id"])


def user(objects: Objects) -> Json:
    """A user who has accepted an invitation, with their password."""
    person = {"email": unique_address(), "password": "une phrase assez longue"}
    invited = objects.call("createInvitation", who="administrator")["token"]
    return objects.call("acceptInvitation", token=invited, **person) | person


def signed_in(objects: Objects, somebody: Json) -> Json:
    """Signs a user in and returns their tokens."""
    fields = {"grant_type": "password", "username": somebody["email"], "password": somebody["password"]}
    request = urllib.request.Request(objects.setting["url"] + "/oauth/token", urllib.parse.urlencode(fields).encode())
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))


def client(objects: Objects) -> Json:
    """An API client of the service, which waits to be confirmed."""
    return objects.call("createClient", who="administrator", service_ids=[objects.service])


def day(after: int = 0) -> str:
    """The date `after` days from today, in the time zone of the service."""
    return str(datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris")).date() + datetime.timedelta(after))


def kit(objects: Objects, copies: int = 1, items: int = 1) -> Json:
    """A kit with items and copies. The service lends on every day of the week."""
    if not objects.lends:
        objects.call("updateKitSettings", objects.service, closed_weekdays=[], closings=[])
        objects.lends = True
    made = objects.call("createKit")
    made["items"] = [objects.call("createKitItem", made["id"]) for _ in range(items)]
    made["copies"] = [objects.call("createKitCopy", made["id"], label=str(label)) for label in range(copies)]
    return made


def reservation(objects: Objects, copies: int = 1, borrower: Json | None = None) -> Json:
    """A reservation from today of a copy of a new kit; by a household by default."""
    by = borrower or {"kind": "household", "household_id": objects.keep("households")}
    return objects.call("createReservation", kit_id=kit(objects, copies)["id"], borrower=by, starts_on=day())


def loan(objects: Objects) -> Json:
    """A current loan."""
    return objects.call("handOutReservation", confirmed(objects), handed_out_on=day())


def defect(objects: Objects) -> Json:
    """A defect: parts that a content check found missing."""
    of = kit(objects)
    items = [{"item_id": item["id"], "present": 0} for item in of["items"]]
    copy_id = objects.call("inspectKitCopy", of["copies"][0]["id"], items=items)["id"]
    return dict(objects.call("listKitDefects", query=f"?copy_id={copy_id}")["data"][0])


def full_year(objects: Objects) -> Json:
    """The service, of which a full year is published. No other maker uses this year."""
    of_year = f"?service_id={objects.service}&year=2000&limit=1"
    if not objects.call("listStatisticsReleases", query=of_year)["data"]:
        made = objects.call("createStatisticsBuild", objects.service, year=2000, quarter=4)
        objects.call("publishStatisticsBuild", finished(objects, made)["id"])
    return {"id": objects.service}


def build(objects: Objects) -> Json:
    """A build of a past year that is ready to publish. A year that is already published gets a replacement."""
    made = None
    # If a build of the year is running, or a later quarter is already published, try the next year.
    for year in (2001 + next(objects.turn) % 24 for _ in range(24)):
        for reason in (..., "Un fait de plus"):
            try:
                made = objects.call("createStatisticsBuild", objects.service, year=year, quarter=1, reason=reason)
                break
            except RuntimeError:
                continue
        if made:
            break
    if not made:
        raise RuntimeError("no year is left to publish or replace")
    return finished(objects, made)


def finished(objects: Objects, made: Json) -> Json:
    """A build that is no longer running. One whose worker lost the database is taken again after two minutes."""
    for _ in range(3000):
        made = objects.call("getStatisticsBuild", made["id"])
        if made["status"] not in ("queued", "running"):
            return made
        time.sleep(0.1)
    raise RuntimeError("a build did not finish")


def release(objects: Objects) -> Json:
    """A release for partners."""
    return released(objects, "partner")


def open_release(objects: Objects) -> Json:
    """An open release."""
    return released(objects, "open")


def released(objects: Objects, tier: str) -> Json:
    """The newest release of a tier, after publishing a build."""
    # A year whose earlier release does not fit a specification that was made meanwhile is withheld: the next one.
    made = next(one for one in (build(objects) for _ in range(24)) if one["status"] == "ready")
    objects.call("publishStatisticsBuild", made["id"])
    return dict(objects.call("listStatisticsReleases", query=f"?tier={tier}&limit=1")["data"][0])


def communes(objects: Objects) -> list[Json]:
    """The communes of the Puy-de-Dôme that are in an EPCI."""
    if not objects.communes:
        found = objects.call("listTerritories", query="?kind=commune&parent=departement:63&limit=500")["data"]
        objects.communes = [one for one in found if one["ancestors"][0]["kind"] == "epci"]
    return objects.communes


def parties(objects: Objects) -> Json:
    """A commune and a year without a convention: first this year, then earlier years."""
    number, known = next(objects.pacts), communes(objects)
    year = datetime.date.fromisoformat(day()).year - number // len(known)
    party = f"commune:{known[number % len(known)]['code']}"
    return {"collectivity": party, "starts_on": f"{year}-01-01", "ends_on": f"{year}-12-31"}


def draft(objects: Objects) -> Json:
    """A draft convention."""
    return objects.call("createConvention", renews_id=..., **parties(objects))


def proposed(objects: Objects) -> Json:
    """A proposed convention."""
    return objects.call("proposeConvention", draft(objects)["id"])


def convention(objects: Objects) -> Json:
    """A signed convention."""
    return objects.call("signConvention", proposed(objects)["id"])


def in_year(of: Json, month_and_day: str) -> str:
    """A day in the year of a convention."""
    return f"{of['starts_on'][:4]}-{month_and_day}"


def suspended(objects: Objects) -> Json:
    """A suspended convention."""
    of = convention(objects)
    return objects.call("suspendConvention", of["id"], starts_on=in_year(of, "03-01"))


def contribution(objects: Objects, of: Json | None = None) -> Json:
    """The contribution of a convention; of a new draft by default."""
    of = of or draft(objects)
    flat = {"basis": "flat", "flat_cents": 100000, "population_kind": ..., "rate_cents": ...}
    return objects.call("createContribution", of["id"], year=int(of["starts_on"][:4]), instalments=..., **flat)


def instalment(objects: Objects) -> Json:
    """An instalment of a signed convention, not called yet."""
    return dict(contribution(objects, convention(objects))["instalments"][0])


def called(objects: Objects) -> Json:
    """A called instalment."""
    return objects.call("callInstalment", instalment(objects)["id"])


def funding(objects: Objects) -> Json:
    """A funding line of a year and funder that had none."""
    return objects.call("createFunding", **funded(objects, {}))


def boundary_change(objects: Objects) -> Json:
    """A commune that changes EPCI for the first time."""
    return objects.call("createBoundaryChange", **moving(objects, {}))


# A kind of action that requires no convention, and the kinds that require one.
OPEN_KIND = "parent_cafe"
RESERVED_KINDS = {
    "childminder_awareness_session",
    "pedagogical_day",
    "referent_follow_up_meeting",
    "referent_themed_day",
    "referent_training_day",
}


def action(objects: Objects, ahead: int = 30) -> Json:
    """A collective action that takes registrations, `ahead` days from today."""
    return objects.call("createAction", held_on=day(ahead), registration_closes_on=day(ahead - ahead // 3), places=100)


def registration(objects: Objects, ahead: int = 30) -> Json:
    """A registration for an action, `ahead` days from today."""
    return objects.call("createActionRegistration", action(objects, ahead)["id"], organisation_id=...)
def referent(objects: Objects) -> Json:
    """A referent of a structure, appointed long enough ago to attend and sign on any day of this year, in a commune to
    which a convention opens the network."""
    if not objects.networked:
        opened = {"collectivity": "epci:200070753", "services": [{"complementary_service": "referent_network_training"}]}
        made = objects.call("createConvention", **opened, starts_on="2020-01-01", ends_on="2029-12-31", renews_id=...)
        for step in ("proposeConvention", "signConvention"):
            objects.call(step, made["id"])
        objects.networked = objects.call("createOrganisation", commune_code="63300", siret=..., finess=...)["id"]
    return objects.call("createReferent", organisation_id=objects.networked, appointed_on="2020-01-06")


def survey(objects: Objects) -> Json:
    """A questionnaire that is open today."""
    return objects.call("createSurvey", opens_on=day(), closes_on=day(30))


def handed_out(objects: Objects) -> Json:
    """An unused token of a questionnaire."""
    return {"token": objects.call("issueSurveyTokens", survey(objects)["id"], count=1)["tokens"][0]}


def one_time_code(secret: str) -> str:
    """The current code of an authenticator application (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, int(time.time() // 30).to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


# How to create an object of each collection.
def child_merge(objects: Objects) -> Json:
    """The merge of two children of one household."""
    home = household(objects)
    twin = objects.call("createChild", home["id"])
    return objects.call("mergeChild", home["children"][0]["id"], absorbed_id=twin["id"])


MAKERS: dict[str, Callable[[Objects], Json]] = {
    "absences": absence,
    "case-notes": note,
    "recommendations": recommendation,
    "action-registrations": registration,
    "actions": action,
    "appointments": appointment,
    "case-steps": step,
    "case-members": member,
    "cases": case,
    "clients": client,
    "boundary-changes": boundary_change,
    "child-merges": child_merge,
    "children": lambda objects: household(objects)["children"][0],
    "contributions": contribution,
    "conventions": convention,
    "contacts": lambda objects: household(objects)["contacts"][0],
    "fundings": funding,
    "goal-reviews": goal_review,
    "goals": goal,
    "households": household,
    "instalments": instalment,
    "interventions": intervention,
    "invitations": lambda objects: objects.call("createInvitation", who="administrator"),
    "kit-calendars": lambda objects: objects.call("createKitCalendar", objects.service),
    "kit-copies": lambda objects: kit(objects)["copies"][0],
    "kit-defects": defect,
    "kit-items": lambda objects: kit(objects)["items"][0],
    "kits": lambda objects: kit(objects, items=2),
    "me/agenda-calendars": lambda objects: objects.call("createAgendaCalendar"),
    "organisations": lambda objects: objects.call("createOrganisation", siret=...),
    "resource-people": lambda objects: objects.call("createResourcePerson"),
    "payments": lambda objects: objects.call("createPayment", called(objects)["id"], amount_cents=...),
    "procedures": procedure,
    "case-suspensions": suspension,
    "case-discussions": discussion,
    "complex-situations": complex_situation,
    "placement-reviews": placement_review,
    "placements": placement,
    "indicator-targets": lambda objects: objects.call("createIndicatorTarget", objects.service, **aimed(objects, {})),
    "positions": lambda objects: objects.call("createPosition", objects.service),
    "referent-attendances": lambda objects: objects.call("createReferentAttendance", referent(objects)["id"], **attended(objects, {})),
    "referents": referent,
    "referrals": referral,
    "reservations": reservation,
    "services": lambda objects: {"id": objects.service},
    "statistics-builds": build,
    "statistics/releases": release,
    "statistics/services": full_year,
    "open-data/services": full_year,
    "open-data/releases": open_release,
    "statistics-facts": lambda objects: objects.call("createStatisticsFact", objects.service),
    "surveys": survey,
    "users": user,
}


def after(operation: str, kind: str) -> Callable[[Objects], str]:
    """Returns a maker: a new object, after one operation on it."""

    def made(objects: Objects) -> str:
        of = str(objects.make(kind)["id"])
        objects.call(operation, of)
        return of

    return made


confirmed = after("confirmReservation", "reservations")


def departed(objects: Objects) -> str:
    """A referent who has left the network."""
    of = str(referent(objects)["id"])
    objects.call("leaveReferentNetwork", of, left_on=day())
    return of


def recorded(objects: Objects) -> str:
    """A fact that another manager recorded: who records one does not confirm it."""
    person = {"email": unique_address(), "password": "une phrase assez longue"}
    invited = objects.call("createInvitation", who="administrator", role="manager")["token"]
    colleague = objects.call("acceptInvitation", token=invited, **person) | person
    bearer = str(signed_in(objects, colleague)["access_token"])
    return str(objects.call("createStatisticsFact", objects.service, bearer=bearer)["id"])


# The operations that need their object in another state than a new one.
READY: dict[str, Callable[[Objects], str]] = {
    "createContribution": lambda objects: str(draft(objects)["id"]),
    "resumeCase": lambda objects: str(paused(objects)["id"]),
    "createPayment": lambda objects: str(called(objects)["id"]),
    "cancelPlacement": lambda objects: str(planned_placement(objects)["id"]),
    "confirmStatisticsFact": recorded,
    "confirmPlacement": lambda objects: str(planned_placement(objects)["id"]),
    "createIndicatorTarget": lambda objects: objects.service,
    "createPosition": lambda objects: objects.service,
    "createStatisticsBuild": lambda objects: objects.service,
    "createStatisticsFact": lambda objects: objects.service,
    "createStatisticsSpec": lambda objects: objects.service,
    "createReferentAttendances": lambda objects: objects.service,
    "declineConvention": lambda objects: str(proposed(objects)["id"]),
    "deleteConvention": lambda objects: str(draft(objects)["id"]),
    "deleteKit": lambda objects: str(objects.call("createKit")["id"]),
    "enableClient": after("disableClient", "clients"),
    "enableUser": after("disableUser", "users"),
    "evaluateAction": lambda objects: str(objects.call("holdAction", action(objects, 0)["id"])["id"]),
    "extendReservation": lambda objects: str(loan(objects)["id"]),
    "handOutReservation": confirmed,
    "holdAction": lambda objects: str(action(objects, 0)["id"]),
    "markReservationNotCollected": confirmed,
    "moveReservation": lambda objects: str(reservation(objects, copies=2)["id"]),
    "noteActionAttendance": lambda objects: str(registration(objects, 0)["id"]),
    "proposeConvention": lambda objects: str(draft(objects)["id"]),
    "putBackKitCopy": after("withdrawKitCopy", "kit-copies"),
    "reopenAction": after("cancelAction", "actions"),
    "reopenAppointment": after("cancelAppointment", "appointments"),
    "reopenCase": after("closeCase", "cases"),
    "reopenReferral": after("declineReferral", "referrals"),
    "resumeConvention": lambda objects: str(suspended(objects)["id"]),
    "returnReservation": lambda objects: str(loan(objects)["id"]),
    "returnToReferentNetwork": departed,
    "signConvention": lambda objects: str(proposed(objects)["id"]),
    "updateConvention": lambda objects: str(draft(objects)["id"]),
    "updateKitSettings": Objects.spare_service,
    "updateReservation": lambda objects: str(reservation(objects, borrower=PROFESSIONAL)["id"]),
    "updateService": Objects.spare_service,
}


def invitation(objects: Objects) -> str:
    """The token of an unused invitation."""
    return str(objects.call("createInvitation", who="administrator")["token"])


def unique_address() -> str:
    """An e-mail address that no user has."""
    return f"{uuid.uuid4().hex}@example.org"


def siret(number: int) -> str:
    """A SIRET: 14 digits, the last of which is a check digit."""
    digits = f"{number:013}"
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def about_one(body: Json) -> Json:
    """A referral about exactly one of: a new child, a known child, a structure."""
    about = "organisation_id" if body["subject"] == "structure" else "child" if body.get("child") else "child_id"
    return {field: value for field, value in body.items() if field == about or field not in ABOUT}


ABOUT = {"child", "child_id", "organisation_id"}


def asked(objects: Objects, body: Json) -> Json:
    """A reservation on open days: of a new kit, or of a shared one that may already be taken."""
    ahead = next(objects.turn) % 300
    of = kit(objects, items=0) if ahead % 3 else objects.call("getKit", str(objects.keep("kits")))
    days = {"due_on": day(ahead + 1 + ahead % 42), "waits_until": day(ahead + ahead % 30)}
    right = days | {"copy_id": of["copies"][0]["id"]}
    right = {field: value for field, value in right.items() if body.get(field)}
    borrower = who_borrows(objects, body["borrower"])
    if borrower["kind"] == "household" and body.get("case_id"):
        # A case of the household that borrows.
        borrower["household_id"] = objects.call("getCase", body["case_id"])["household_id"]
    return body | right | {"kit_id": of["id"], "starts_on": day(ahead), "borrower": borrower}


def judged(objects: Objects, body: Json) -> Json:
    """A reservation to check, on any days: the response lists what prevents it."""
    days = {field: body[field] for field in ("starts_on", "due_on", "waits_until") if field in body}
    return asked(objects, body) | (days if next(objects.turn) % 2 else {})


def who_borrows(objects: Objects, said: Json) -> Json:
    """A borrower with exactly the fields of its kind."""
    kind = said["kind"]
    if kind == "professional":
        return PROFESSIONAL | {field: value for field, value in said.items() if field != "household_id" and value is not None}
    field = f"{kind}_id"
    return {"kind": kind, field: said.get(field) or objects.keep(f"{kind}s")}


def gathering(objects: Objects, body: Json) -> Json:
    """An action of a kind that requires no convention, on a future day, with registration if it has places."""
    ahead = 30 + next(objects.turn) % 300
    right: Json = {"held_on": day(ahead)} if body.get("held_on") else {}
    if body.get("kind") in RESERVED_KINDS:
        right["kind"] = OPEN_KIND
    if body.get("registration_closes_on"):
        right["registration_closes_on"] = day(ahead - 30)
    if "places" in body and body["places"] is None:
        right["registration_closes_on"] = None
    return body | right


def planned(objects: Objects, body: Json) -> Json:
    """A new action. Without places it takes no registrations."""
    return gathering(objects, body | {"places": body.get("places")})


def once(field: str, by: str) -> Callable[[Objects, Json], Json]:
    """Returns a function that makes the entries of a list unique by one of their fields."""

    def said(objects: Objects, body: Json) -> Json:
        return body | {field: list({one[by]: one for one in body[field]}.values())} if body.get(field) else body

    return said


def held(objects: Objects, body: Json) -> Json:
    """The participants of an action, because it has no registrations to derive them from."""
    came = {"participant_type": "parent", "number": 1}
    return once("participants", "participant_type")(objects, body | {"participants": body.get("participants") or [came]})


def agreed_upon(objects: Objects, body: Json) -> Json:
    """An appointment at the office: no schema can express which types, places and participants are in scope."""
    right: Json = {"type": "family_interview", "place": "pole_office", "on_school_time": False, "participants": []}
    right |= {"planned_on": day(next(objects.turn) % 300)}
    return {field: right.get(field, said) for field, said in body.items()}


def attended(objects: Objects, body: Json) -> Json:
    """An attendance outside any recorded action, on a day without another one."""
    held_on = str(datetime.date(2020, 2, 1) + datetime.timedelta(next(objects.turn) % 2000))
    return {field: said for field, said in body.items() if field != "action_id"} | {"held_on": held_on}


def came(objects: Objects, body: Json) -> Json:
    """Attendances of referents of the service on one day."""
    return attended(objects, body) | {"referent_ids": [referent(objects)["id"] for _ in body["referent_ids"][:3]]}


def signed(objects: Objects, body: Json) -> Json:
    """Signatures dated today; by default that of the service."""
    signatures = {field: day() for field, said in body.items() if field.startswith("signed_by") and said}
    return {"charter_version": body["charter_version"]} | (signatures or {"signed_by_service_on": day()})


def answered(objects: Objects, body: Json) -> Json:
    """One rating of the only question, with an unused token."""
    return handed_out(objects) | {"ratings": [{"position": 1, "rating": body["ratings"][0]["rating"]}]}


def opened(objects: Objects, body: Json) -> Json:
    """The days of a questionnaire that has not closed."""
    days = {"opens_on": day(), "closes_on": day(next(objects.turn) % 300)}
    return body | {field: said for field, said in days.items() if body.get(field)}


def funded(objects: Objects, body: Json) -> Json:
    """A year and funder without a line, as long as any are left."""
    number = next(objects.lines)
    return body | {"year": 2000 + number // len(FUNDERS) % 101, "funder": FUNDERS[number % len(FUNDERS)]}


def aimed(objects: Objects, body: Json) -> Json:
    """An indicator and a year without a target, as long as any are left."""
    number = next(objects.aims)
    return body | {"year": 2000 + number // len(INDICATORS) % 101, "indicator": INDICATORS[number % len(INDICATORS)]}


INDICATORS = ["children_accompanied", "kit_loans", "actions_held", "referrals_received", "placements_started", "appointments"]

FUNDERS = ["caf", "departmental_council", "msa", "cpam", "local_authorities", "other"]


def moving(objects: Objects, body: Json) -> Json:
    """A commune without an earlier change, from its current EPCI to another."""
    known = communes(objects)
    of = known[next(objects.movers) % len(known)]
    here = of["ancestors"][0]["code"]
    to = "246300701" if here != "246300701" else "200070753"
    return body | {"commune_code": of["code"], "from_epci": here, "to_epci": to}


def once_each(services: list[Json]) -> list[Json]:
    """The complementary services without duplicates."""
    return list({one["complementary_service"]: one for one in services}.values())


def written(objects: Objects, body: Json) -> Json:
    """A convention of a collectivity and year that had none, without `renews_id`."""
    right = {"services": once_each(body["services"])} | parties(objects)
    return {field: said for field, said in body.items() if field != "renews_id"} | right


def over(objects: Objects, body: Json) -> Json:
    """A past year that has not been published yet, as long as any are left."""
    return {"year": 2001 + next(objects.turn) % 24, "quarter": 1}


def told(objects: Objects, body: Json) -> Json:
    """A fact of a past year, without coordinates: no schema can express which values a dimension has."""
    return body | {"year": 2025, "period": "2025", "coordinates": [], "published_on": day()}


def specified(objects: Objects, body: Json) -> Json:
    """A specification of one table, with a unique code: no schema can express which dimensions can be combined."""
    table = body["tables"][0] | {"population": "children", "dimensions": ["age_band"], "frequency": "quarterly"}
    return body | {"code": f"mine_{next(objects.turn)}", "territory_levels": [], "groups": [], "tables": [table]}


def published(objects: Objects, body: Json) -> Json:
    """Settings with the built-in specification that is fastest to prove, and a partner threshold at most the open one."""
    right = {"spec_code": "small"} if body.get("spec_code") else {}
    return body | right | ({"open_threshold": 1000} if body.keys() & {"open_threshold", "partner_threshold"} else {})


def worked(objects: Objects, body: Json) -> Json:
    """Work of today, about a new case or about none."""
    kept = {name: body[name] for name in ("minutes", "travel_minutes", "mode") if name in body}
    of = {"service_id": objects.service, "held_on": day(), "minutes": 30} | kept
    if next(objects.turn) % 2:
        return of | {"type": "network", "place": "video"}
    return of | {"type": "family_interview", "place": "family_home", "case_ids": [case(objects)["id"]]}


# How to make the body of an operation valid, beyond what its schema expresses.
BODIES: dict[str, Callable[[Objects, Json], Json]] = {
    "createCaseNote": lambda objects, body: {name: body[name] for name in ("kind", "text") if name in body},
    "updateCaseNote": lambda objects, body: {name: value for name, value in body.items() if name == "text"},
    "createRecommendation": lambda objects, body: {name: value for name, value in body.items() if name not in ("adaptation", "intervention_id", "applied", "checked_on")} | {"made_on": day()},
    "updateRecommendation": lambda objects, body: {name: value for name, value in body.items() if name in ("text", "addressed_to")},
    "declareAbsence": lambda objects, body: body | {"user_id": objects.make("users")["id"], "starts_on": day(), "ends_on": day(next(objects.turn) % 300)},
    "updateAbsence": lambda objects, body: {name: day(300 if name == "ends_on" else 0) for name in body},
    "updateCaseMember": lambda objects, body: {name: day() for name in body if name == "starts_on"},
    "addCaseMember": lambda objects, body: on(body, "starts_on") | {"user_id": objects.make("users")["id"]},
    "acceptInvitation": lambda objects, body: body | {"token": invitation(objects), "email": unique_address()},
    "answerSurvey": answered,
    "callInstalment": lambda objects, body: on(body, "called_on"),
    "checkReservation": judged,
    "createAction": planned,
    "createAppointment": agreed_upon,
    "createBoundaryChange": moving,
    "createConvention": written,
    "createFunding": funded,
    "createIndicatorTarget": aimed,
    "createGoal": lambda objects, body: on(body | {"set_on": day()}, "target_on"),
    "createGoalReview": lambda objects, body: on(body, "reviewed_on"),
    "createPayment": lambda objects, body: on(body, "received_on") | ({"amount_cents": 1} if body.get("amount_cents") else {}),
    "createProcedure": pursued,
    "flagComplexSituation": lambda objects, body: on(body, "flagged_on"),
    "updateComplexSituation": lambda objects, body: on(on(body, "flagged_on"), "ended_on"),
    "createCaseDiscussion": lambda objects, body: on(body, "held_on"),
    "updateCaseDiscussion": lambda objects, body: on(body, "held_on"),
    "suspendCase": lambda objects, body: on(on(body, "starts_on"), "resumes_on"),
    "resumeCase": lambda objects, body: on(on(body, "resumed_on"), "next_follow_up_on"),
    "updateCaseSuspension": lambda objects, body: {name: value for name, value in on(on(body, "starts_on"), "resumes_on").items() if name != "resumed_on"},
    # The last day depends on the first one.
    "createPlacement": lambda objects, body: {name: said for name, said in body.items() if name not in ("ends_on", "end_reason")},
    "confirmPlacement": lambda objects, body: body | {"starts_on": day()},
    # A review is answered once, with a last day for a child who left only.
    "createPlacementReview": lambda objects, body: {
        name: said for name, said in body.items() if name in ("informed_by", "note")
    } | {"months": 1, "answer": "still_there", "answered_on": day()},
    "updatePlacementReview": lambda objects, body: {
        name: said for name, said in body.items() if name not in ("answer", "answered_on")
    },
    "createReferent": lambda objects, body: body | {"appointed_on": day(-(next(objects.turn) % 900))},
    "createReferentAttendance": attended,
    "createReferentAttendances": came,
    "createReferral": lambda objects, body: about_one(body),
    "createReferrals": lambda objects, body: {"items": [about_one(item) for item in body["items"]]},
    "createReservation": asked,
    "createStatisticsBuild": over,
    "createStatisticsFact": told,
    "createStatisticsSpec": specified,
    "createSurvey": opened,
    "createToken": lambda objects, body: dict(objects.setting["grants"]["script"]),
    "declineConvention": lambda objects, body: on(body, "declined_on"),
    "mergeChild": lambda objects, body: body | {"absorbed_id": objects.make("children")["id"]},
    "endCaseMember": lambda objects, body: on(body, "ends_on"),
    "evaluateAction": once("ratings", "rating"),
    "handOverCases": lambda objects, body: on(body, "starts_on") | {"case_ids": [case(objects)["id"] for _ in body["case_ids"][:3]]},
    "holdAction": held,
    # Who came, and the notes, depend on the cases.
    "holdAppointment": lambda objects, body: {name: body[name] for name in ("minutes", "travel_minutes") if name in body},
    "leaveReferentNetwork": lambda objects, body: body | {"left_on": day()},
    "moveAppointment": lambda objects, body: body | {"planned_on": day(1 + next(objects.turn) % 300)},
    "noteActionAttendance": lambda objects, body: {"attended": body["attended"] % 3},
    "proposeConvention": lambda objects, body: on(body, "proposed_on"),
    "readSurveyQuestions": lambda objects, body: handed_out(objects),
    "recordWeek": lambda objects, body: {"items": [worked(objects, item) for item in body["items"][:3]]},
    "recordWork": worked,
    "resetPassword": lambda objects, body: body | {"token": reset(objects)},
    "revokeToken": lambda objects, body: body | {"token": signed_in(objects, user(objects))["refresh_token"]},
    "settleKitDefect": lambda objects, body: on(body, "settled_on"),
    "signConvention": lambda objects, body: on(body, "signed_on"),
    "signReferentCharter": signed,
    # A planned action has no participants.
    "updateAction": lambda objects, body: gathering(objects, {name: body[name] for name in body if name != "participants"}),
    "updateAppointment": agreed_upon,
    "waiveInstalment": lambda objects, body: on(body, "waived_on"),
    "updateGoal": lambda objects, body: body | {field: day() for field in ("set_on", "target_on", "closed_on") if body.get(field)},
    "updateGoalReview": lambda objects, body: on(body, "reviewed_on"),
    "updateProcedure": pursued,
    "updateReferent": lambda objects, body: body | ({"appointed_on": "2020-01-06"} if body.get("appointed_on") else {}),
    "updateStatisticsSettings": published,
    "updateSurvey": opened,
}


def on(body: Json, field: str) -> Json:
    """Sets a date field to today, if the body has it."""
    return body | {field: day()} if body.get(field) else body


def counted(objects: Objects, kit_id: str, check: Json) -> Json:
    """A content check with every item of the kit once, with the generated numbers or else complete."""
    said = itertools.chain(check["items"], itertools.repeat({}))
    items = []
    for item, count in zip(objects.call("getKit", kit_id)["items"], said, strict=False):
        present = min(count.get("present", item["quantity"]), item["quantity"])
        items.append({"item_id": item["id"], "present": present, "damaged": min(count.get("damaged", 0), present)})
    return check | {"items": items}


def exchanged(objects: Objects, of: str, body: Json) -> Json:
    """A hand-out or return dated today, with a valid content check if the body has one."""
    for field in ("handed_out_on", "returned_on"):
        body = on(body, field)
    if not body.get("check"):
        return body
    return body | {"check": counted(objects, objects.call("getReservation", of)["kit_id"], body["check"])}


def moved(objects: Objects, of: str, body: Json) -> Json:
    """Another copy of the same kit, other days, or both."""
    ahead = next(objects.turn) % 300
    right = {"starts_on": day(ahead), "due_on": day(ahead + 1 + ahead % 42)}
    if body.get("copy_id"):
        right["copy_id"] = objects.call("getKit", objects.call("getReservation", of)["kit_id"])["copies"][-1]["id"]
    if body.get("due_on"):
        body["starts_on"] = day(ahead)
    return body | {field: value for field, value in right.items() if body.get(field)}


def extended(objects: Objects, of: str, body: Json) -> Json:
    """A later due day, within the maximum length of a loan."""
    if not body.get("due_on"):
        return body
    due_on = datetime.date.fromisoformat(objects.call("getReservation", of)["due_on"])
    return {"due_on": str(due_on + datetime.timedelta(1 + next(objects.turn) % 14))}


def amended(objects: Objects, of: str, body: Json) -> Json:
    """An amendment of the services from the middle of the year; the last day stays in the year."""
    own = objects.call("getConvention", of)
    right = {"effective_on": in_year(own, "07-01"), "signed_on": day(), "services": once_each(body.get("services") or [])}
    return body | right | ({"ends_on": in_year(own, "12-30")} if body.get("ends_on") else {})


def redrafted(objects: Objects, of: str, body: Json) -> Json:
    """Days in the year of the draft, and services without duplicates."""
    own = objects.call("getConvention", of)
    days = {"starts_on": in_year(own, "02-01"), "ends_on": in_year(own, "11-30")}
    right = {field: said for field, said in days.items() if body.get(field)}
    return body | right | ({"services": once_each(body["services"])} if body.get("services") else {})


def owed(objects: Objects, of: str, body: Json) -> Json:
    """A contribution for the year of the convention: a flat sum in equal instalments."""
    year = int(objects.call("getConvention", of)["starts_on"][:4])
    parts = [{"due_on": f"{year}-0{1 + at % 9}-15"} for at, _ in enumerate(body.get("instalments") or [])]
    flat = {"year": year, "basis": "flat", "flat_cents": body.get("flat_cents") or 100000}
    return flat | ({"instalments": parts} if parts else {})


def dated(field: str, month_and_day: str) -> Callable[[Objects, str, Json], Json]:
    """Returns a function that sets a field to a day in the year of the convention."""

    def said(objects: Objects, of: str, body: Json) -> Json:
        return body | {field: in_year(objects.call("getConvention", of), month_and_day)}

    return said


# How to make a body valid for the object that the request acts on.
OF: dict[str, Callable[[Objects, str, Json], Json]] = {
    "amendConvention": amended,
    "createContribution": owed,
    "extendReservation": extended,
    "handOutReservation": exchanged,
    "inspectKitCopy": lambda objects, of, body: counted(objects, objects.call("getKitCopy", of)["kit_id"], body),
    "moveReservation": moved,
    "resumeConvention": dated("resumes_on", "05-01"),
    "returnReservation": exchanged,
    "suspendConvention": dated("starts_on", "03-01"),
    "terminateConvention": dated("last_day", "06-30"),
    "updateConvention": redrafted,
}

# The path parameters that are not identifiers.
PLACES: dict[str, Callable[[Objects], str]] = {
    "operation": lambda objects: "createReferral",
    "section": lambda objects: "cases.json",
    "secret": lambda objects: str(objects.make("me/agenda-calendars")["url"]).rpartition("/")[2],
    "token": lambda objects: str(objects.make("kit-calendars")["url"]).rpartition("/")[2],
}


def own(objects: Objects, body: Json) -> tuple[str, Json]:
    """The token of a new user, and the body with their password."""
    somebody = user(objects)
    passwords = {field: somebody["password"] for field in ("password", "current_password") if field in body}
    return str(signed_in(objects, somebody)["access_token"]), body | passwords


def leaving(objects: Objects) -> tuple[str, str]:
    """The token of a new user, and the identifier of their only session."""
    token, _ = own(objects, {})
    return token, str(objects.call("listSessions", bearer=token)["data"][0]["id"])


# Operations that end sessions of the caller. Even a request that is meant to be invalid comes from a new user: it may name
# a session that an earlier response listed, and would sign the fuzzer out.
LEAVING = {"endOtherSessions", "endSession"}


def confirming(objects: Objects, body: Json) -> tuple[str, Json]:
    """A new user with a second factor to confirm, and the first code of their application."""
    token, _ = own(objects, {})
    return token, body | {"otp": one_time_code(objects.call("beginSecondFactor", bearer=token)["secret"])}


def removing(objects: Objects, body: Json) -> tuple[str, Json]:
    """A new user with a second factor, and a recovery code, because the code of the application was used up."""
    token, begun = confirming(objects, {})
    codes = objects.call("confirmSecondFactor", bearer=token, **begun)["codes"]
    return token, body | {"password": "une phrase assez longue", "otp": codes[0]}


def reset(objects: Objects) -> str:
    """A token to set a new password."""
    return str(objects.call("createPasswordReset", user(objects)["id"])["token"])


# Operations on the caller's own account: each request comes from a new user, and the body has their password.
OWN: dict[str, Callable[[Objects, Json], tuple[str, Json]]] = {
    "beginSecondFactor": own,
    "changePassword": own,
    "confirmSecondFactor": confirming,
    "removeSecondFactor": removing,
}

# Valid values of fields wherever they occur: an existing object, or a unique value.
FIELDS: dict[str, Callable[[Objects], Any]] = {
    "case_id": lambda objects: objects.keep("cases"),
    "case_ids": lambda objects: [objects.keep("cases")],
    "child_id": lambda objects: objects.keep("children"),
    "copy_id": lambda objects: objects.keep("kit-copies"),
    "current_childcare_organisation_id": lambda objects: objects.keep("organisations"),
    "external_id": lambda objects: uuid.uuid4().hex,
    "finess": lambda objects: f"63{next(objects.turn):07}",
    "household_id": lambda objects: objects.keep("households"),
    "item_id": lambda objects: objects.keep("kit-items"),
    "kit_id": lambda objects: objects.keep("kits"),
    "organisation_id": lambda objects: objects.keep("organisations"),
    "organiser_id": lambda objects: objects.keep("organisations"),
    "origin_organisation_id": lambda objects: objects.keep("organisations"),
    "professional_ids": lambda objects: [],
    "resource_person_id": lambda objects: objects.keep("resource-people"),
    "resource_person_ids": lambda objects: [objects.keep("resource-people")],
    "referent_id": lambda objects: objects.keep("users"),
    "service_id": lambda objects: objects.service,
    "service_ids": lambda objects: [objects.service],
    "time_zone": lambda objects: "Europe/Paris",
    "siret": lambda objects: siret(next(objects.turn)),
}

# The caller of each operation; the manager by default.
CALLERS = {
    "createClient": "administrator",
    "createInvitation": "administrator",
    "createService": "administrator",
    "updateKitSettings": "script",
    "updateService": "script",
    "updateUser": "administrator",
}
