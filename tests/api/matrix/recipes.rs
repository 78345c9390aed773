//! A valid call for each operation, on a fixture.

use passerelle::nomenclatures;
use serde_json::{Value, json};

use super::fixture::{Fixture, LendingFixture};
use super::{courses, figures, network, treaties};
use crate::harness::PASSWORD;
use crate::harness::contract::Operation;

/// The response to a manager of another service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// A 404, as for an object that does not exist.
    Hidden,
    /// A 422: the body names a service that does not exist for the caller.
    UnknownService,
    /// A 200 in which every item is refused.
    AllRefused,
    /// A 200 without data of the other service.
    Nothing,
    /// A 403: the operation is for administrators.
    Forbidden,
}

/// A valid call.
pub struct Recipe {
    /// The identifier in the path.
    pub id: Option<String>,
    /// The query string, with its `?`.
    pub query: String,
    pub body: Option<Value>,
    /// Whether the body is a form.
    pub is_form: bool,
    /// The status of success.
    pub status: u16,
    pub by_administrator: bool,
    pub elsewhere: Elsewhere,
}

impl Recipe {
    /// The path of the call, with this identifier.
    pub fn path(&self, operation: &Operation, id: Option<&str>) -> String {
        let path = operation.path.replace("{id}", id.unwrap_or_default()).replace("{token}", id.unwrap_or_default());
        let path = path.replace("{secret}", id.unwrap_or_default());
        let path = path.replace("{list}", nomenclatures::lists::NEED_DOMAIN).replace("{operation}", "createReferral");
        let path =
            if path.contains("{kind}") { path.replace("{kind}", "commune").replace("{code}", "63300") } else { path };
        let code = match path.as_str() {
            path if path.contains("statistics-specs") => "small",
            path if path.contains("/indicators/") => "referrals_received",
            _ => "not_found",
        };
        path.replace("{code}", code).replace("{table}", "children").replace("{section}", "cases.json") + &self.query
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// A read, of an object or of a list.
pub(super) fn read(id: Option<&str>) -> Recipe {
    let elsewhere = if id.is_some() { Elsewhere::Hidden } else { Elsewhere::Nothing };
    Recipe {
        id: id.map(str::to_owned),
        query: String::new(),
        body: None,
        is_form: false,
        status: 200,
        by_administrator: false,
        elsewhere,
    }
}

/// An action on an object, or a correction.
pub(super) fn act(id: &str, body: Value) -> Recipe {
    read(Some(id)).with(|recipe| recipe.body = Some(body))
}

/// A creation under an object.
pub(super) fn under(id: &str, body: Value) -> Recipe {
    act(id, body).with(|recipe| recipe.status = 201)
}

/// A creation in a service that the body names.
pub(super) fn create(body: Value) -> Recipe {
    let elsewhere = Elsewhere::UnknownService;
    Recipe { status: 201, body: Some(body), elsewhere, ..read(None) }
}

/// An operation on the caller's own account.
fn mine(body: Value, status: u16) -> Recipe {
    Recipe { status, body: Some(body), ..read(None) }
}

pub(super) fn delete(id: &str) -> Recipe {
    read(Some(id)).with(|recipe| {
        recipe.query = "?reason=entered_by_mistake".into();
        recipe.status = 204;
    })
}

/// The removal of a record of a case.
fn remove(id: &str) -> Recipe {
    delete(id).with(|recipe| recipe.status = 200)
}

/// The recipe of an operation.
pub fn recipe(operation: &str, e: &Fixture) -> Option<Recipe> {
    let slices = [accounts, services, organisations, households, referrals, cases, appointments, courses::recipe];
    slices
        .iter()
        .find_map(|slice| slice(operation, e))
        .or_else(|| lending(operation, e, e.lending.as_ref()?))
        .or_else(|| e.actions.as_ref()?.recipe(operation, e.service))
        .or_else(|| network::recipe(operation, e, e.referents.as_ref()?))
        .or_else(|| treaties::recipe(operation, e, e.conventions.as_ref()?))
        .or_else(|| figures::recipe(operation, e, e.statistics.as_ref()?))
}

fn accounts(operation: &str, e: &Fixture) -> Option<Recipe> {
    let service = e.service.to_string();
    Some(match operation {
        "describeService"
        | "listPublicKeys"
        | "listStatisticsKeys"
        | "describeAuthorizationServer"
        | "checkLiveness"
        | "checkReadiness"
        | "readMetrics"
        | "getContract"
        | "getContractSection"
        | "explainProblem"
        | "listNomenclatures"
        | "getNomenclature"
        | "getForm"
        | "listTerritories"
        | "getTerritory"
        | "listIndicators"
        | "getIndicator"
        | "getMe"
        | "listServices"
        | "listOrganisations"
        | "listReferrals"
        | "listCases"
        | "listChildMerges"
        | "listClients"
        | "listUsers"
        | "listInvitations"
        | "listNotices"
        | "listSessions"
        | "listChanges"
        | "listAuditEvents"
        | "listKits"
        | "listKitDefects"
        | "listReservations"
        | "listAppointments"
        | "listAbsences"
        | "listWork"
        | "listPlacementReviews"
        | "listAgenda"
        | "listAgendaCalendars"
        | "listActions" => read(None),
        "createToken" => read(None).with(|recipe| {
            recipe.is_form = true;
            recipe.body = Some(json!({"grant_type": "password", "username": e.manager.email, "password": PASSWORD}));
        }),
        "revokeToken" => read(None).with(|recipe| {
            recipe.is_form = true;
            recipe.body = Some(json!({"token": "ref_of_nobody"}));
        }),
        "changePassword" => {
            mine(json!({"current_password": PASSWORD, "new_password": "une autre phrase assez longue"}), 204)
        }
        "beginSecondFactor" => mine(json!({"password": PASSWORD}), 200),
        "confirmSecondFactor" => mine(json!({"otp": e.otp}), 200),
        "removeSecondFactor" => mine(json!({"password": PASSWORD}), 204),
        "createAgendaCalendar" => mine(json!({"name": "Téléphone"}), 201),
        "deleteAgendaCalendar" => read(Some(&e.agenda_calendar)).with(|recipe| recipe.status = 204),
        "readAgendaCalendar" => read(Some(&e.agenda_secret)),
        "endOtherSessions" => read(None).with(|recipe| recipe.status = 204),
        "endSession" => read(Some(&e.session)).with(|recipe| recipe.status = 204),
        "confirmClient" => read(Some(&e.pending_client)),
        "getUser" | "disableUser" | "enableUser" | "createPasswordReset" | "resetSecondFactor" => {
            read(Some(&e.colleague))
        }
        "updateUser" => act(&e.colleague, json!({"display_name": "Une collègue"})),
        "setUserRole" => act(&e.colleague, json!({"service_id": service, "role": "coordinator"})),
        "resetPassword" => mine(json!({"token": e.reset, "password": "une autre phrase assez longue"}), 204),
        "getClient" | "disableClient" | "enableClient" => read(Some(&e.client)),
        "updateClient" => act(&e.client, json!({"name": "Un autre nom"})),
        "createClientSecret" => act(&e.client, json!({"overlap_hours": 24})),
        "deleteInvitation" => delete(&e.open_invitation),
        "acceptInvitation" => create(json!({
            "token": e.invitation, "email": format!("{}@example.org", uuid::Uuid::now_v7().simple()),
            "display_name": "Une personne", "password": PASSWORD
        })),
        "createInvitation" => create(json!({"service_id": service, "role": "professional"})),
        "createClient" => {
            create(json!({"name": "Script", "service_ids": [service], "permissions": ["referrals:write"]}))
        }
        _ => return None,
    })
}

fn services(operation: &str, e: &Fixture) -> Option<Recipe> {
    let service = e.service.to_string();
    Some(match operation {
        "createService" => Recipe {
            by_administrator: true,
            elsewhere: Elsewhere::Forbidden,
            ..create(json!({
                "name": "Autre pôle", "time_zone": "Europe/Paris", "departements": ["03"], "age_lower_birthday": 0,
                "age_upper_birthday": 7, "childcare_groups": ["eaje"], "opened_on": "2021-01-04"
            }))
        },
        "getService"
        | "getWorkload"
        | "listPositions"
        | "listWaitingList"
        | "listIndicatorValues"
        | "listIndicatorTargets" => read(Some(&service)),
        "getActivity" => read(Some(&service)).with(|recipe| recipe.query = "?from=2026-01-01&to=2026-12-31".into()),
        "updateService" => act(&service, json!({"name": "Un autre nom"})),
        "createPosition" => under(
            &service,
            json!({"title": "Éducatrice", "fte_percent": 50, "starts_on": "2026-03-01", "counted": true}),
        ),
        "getPosition" => read(Some(&e.position)),
        "updatePosition" => act(&e.position, json!({"fte_percent": 60})),
        "deletePosition" => delete(&e.position),
        "createIndicatorTarget" => under(
            &service,
            json!({"indicator": "kit_loans", "year": 2026, "value": 60, "note": "Une de plus par mois"}),
        ),
        "getIndicatorTarget" => read(Some(&e.target)),
        "updateIndicatorTarget" => act(&e.target, json!({"value": 42})),
        "deleteIndicatorTarget" => delete(&e.target),
        _ => return None,
    })
}

fn organisations(operation: &str, e: &Fixture) -> Option<Recipe> {
    let organisation =
        |name: &str| json!({"service_id": e.service, "kind": "eaje", "name": name, "commune_code": "63032"});
    Some(match operation {
        "createOrganisation" => create(organisation("Les Elfes")),
        "createOrganisations" => Recipe {
            status: 200,
            elsewhere: Elsewhere::AllRefused,
            ..create(json!({"items": [organisation("Les Elfes")]}))
        },
        "getOrganisation" => read(Some(&e.organisation)),
        "updateOrganisation" => act(&e.organisation, json!({"phone": "04 73 00 00 01"})),
        "deleteOrganisation" => delete(&e.free_organisation),
        _ => return None,
    })
}

fn households(operation: &str, e: &Fixture) -> Option<Recipe> {
    let service = e.service.to_string();
    Some(match operation {
        "createHousehold" => create(json!({"service_id": service, "commune_code": "63300"})),
        "lookUpChildren" => Recipe {
            status: 200,
            ..create(json!({"service_id": service, "family_name": "Exemple", "birth_date": "2023-04-05"}))
        },
        "getHousehold" => read(Some(&e.household)),
        "getChild" => read(Some(&e.child)),
        "getContact" => read(Some(&e.contact)),
        "createChild" => {
            under(&e.household, json!({"given_name": "Lou", "family_name": "Exemple", "birth_date": "2024-04-05"}))
        }
        "createContact" => under(&e.household, json!({"relation": "parent", "name": "Dominique Exemple"})),
        "updateHousehold" => act(&e.household, json!({"commune_code": "63032"})),
        "updateChild" => act(&e.child, json!({"given_name": "Zoë"})),
        "updateContact" => act(&e.contact, json!({"phone": null})),
        "deleteContact" => delete(&e.contact),
        "mergeChild" => act(&e.twins[0], json!({"absorbed_id": e.twins[1]})),
        "getChildMerge" | "undoChildMerge" => read(Some(&e.merge)),
        _ => return None,
    })
}

fn referrals(operation: &str, e: &Fixture) -> Option<Recipe> {
    Some(match operation {
        "createReferral" => create(Fixture::referral(e.service, "Lou")),
        "createReferrals" => Recipe {
            status: 200,
            elsewhere: Elsewhere::AllRefused,
            ..create(json!({"items": [Fixture::referral(e.service, "Lou")]}))
        },
        "getReferral" | "listReferralHistory" | "listReferralDuplicates" => read(Some(&e.referral)),
        "updateReferral" => act(&e.referral, json!({"urgency": "urgent"})),
        "recordFamilyAgreement" => {
            act(&e.referral, json!({"purpose": "support", "given_by": "parent", "given_on": "2026-03-02"}))
        }
        "qualifyReferral" | "acceptReferral" | "putReferralOnWaitingList" => act(&e.referral, json!({})),
        "declineReferral" => act(&e.referral, json!({"reason": "school_time_not_covered"})),
        "redirectReferral" => act(&e.referral, json!({"organisation_id": e.organisation})),
        "withdrawReferral" => act(&e.referral, json!({"reason": "withdrawn_by_family"})),
        "reopenReferral" => act(&e.declined, json!({})),
        "annulReferral" => act(&e.referral, json!({"reason": "entered_by_mistake"})),
        _ => return None,
    })
}

/// Work about no case.
fn work_of(e: &Fixture) -> Value {
    json!({"service_id": e.service, "type": "network", "held_on": "2026-03-02", "minutes": 30, "place": "video"})
}

fn cases(operation: &str, e: &Fixture) -> Option<Recipe> {
    Some(match operation {
        "getCase" | "listCaseHistory" | "listInterventions" | "listPlacements" | "listCaseSteps" | "listGoals" => {
            read(Some(&e.case))
        }
        "getCaseMember" | "listCaseMemberHistory" => read(Some(&e.member)),
        "updateCaseMember" => act(&e.member, json!({"starts_on": "2026-03-02"})),
        "deleteCaseMember" => delete(&e.member),
        "endCaseMember" => act(&e.member, json!({})),
        "addCaseMember" => under(&e.case, json!({"user_id": e.colleague})),
        "handOverCases" => read(None).with(|recipe| {
            recipe.body = Some(json!({"case_ids": [e.case], "referent_id": e.colleague}));
            recipe.elsewhere = Elsewhere::AllRefused;
        }),
        "listCaseTeam" => read(Some(&e.case)),
        "planFollowUp" => act(&e.case, json!({"next_follow_up_on": "2026-04-15"})),
        "closeCase" => act(&e.case, json!({"outcome": "need_met"})),
        "reopenCase" => read(Some(&e.closed)),
        "createCaseStep" => under(&e.case, json!({"step": "childcare_search", "reached_on": "2026-03-02"})),
        "createIntervention" => under(
            &e.case,
            json!({
                "type": "family_interview", "held_on": "2026-03-02", "minutes": 60, "travel_minutes": 0, "place": "family_home"
            }),
        ),
        "recordWork" => create(work_of(e)),
        "recordWeek" => {
            Recipe { status: 200, elsewhere: Elsewhere::AllRefused, ..create(json!({"items": [work_of(e)]})) }
        }
        "createPlacement" => under(
            &e.case,
            json!({
                "organisation_id": e.free_organisation, "childcare_type": "creche", "starts_on": "2026-03-02"
            }),
        ),
        "updateCase" => act(&e.case, json!({"commune_code": "63032"})),
        "getPlacement" | "listPlacementHistory" | "listReviewsOfPlacement" => read(Some(&e.placement)),
        "updatePlacement" => act(&e.placement, json!({"childcare_type": "micro_creche"})),
        "deletePlacement" => remove(&e.placement),
        "getIntervention" | "listInterventionHistory" => read(Some(&e.intervention)),
        "updateIntervention" => act(&e.intervention, json!({"minutes": 75})),
        "deleteIntervention" => remove(&e.intervention),
        "getCaseStep" | "listCaseStepHistory" => read(Some(&e.step)),
        "updateCaseStep" => act(&e.step, json!({"note": "Deux multi-accueils contactés."})),
        "deleteCaseStep" => remove(&e.step),
        "confirmPlacement" => act(&e.planned_placement, json!({"starts_on": "2026-03-02"})),
        "cancelPlacement" => act(&e.planned_placement, json!({"reason": "setting_withdrew"})),
        "createPlacementReview" => under(
            &e.placement,
            json!({"months": 1, "answer": "left", "informed_by": "parent", "ends_on": "2026-03-02"}),
        ),
        "getPlacementReview" | "listPlacementReviewHistory" => read(Some(&e.placement_review)),
        "updatePlacementReview" => act(&e.placement_review, json!({"informed_by": "childcare_professional"})),
        "deletePlacementReview" => remove(&e.placement_review),
        "endPlacement" => act(&e.placement, json!({"ends_on": "2026-08-28"})),
        "createGoal" => under(&e.case, json!({"title": "Une matinée seul", "set_on": "2026-03-02"})),
        "getGoal" | "listGoalHistory" => read(Some(&e.goal)),
        "updateGoal" => act(&e.goal, json!({"target_on": "2026-06-30"})),
        "deleteGoal" => delete(&e.fresh_goal),
        "createGoalReview" => under(&e.fresh_goal, json!({"reviewed_on": "2026-03-02", "attainment": 1})),
        "getGoalReview" | "listGoalReviewHistory" => read(Some(&e.goal_review)),
        "updateGoalReview" => act(&e.goal_review, json!({"attainment": 3})),
        "deleteGoalReview" => delete(&e.goal_review),
        _ => return None,
    })
}

fn appointments(operation: &str, e: &Fixture) -> Option<Recipe> {
    Some(match operation {
        "createAppointment" => create(Fixture::appointment(e.service, &e.case)),
        "getAppointment" | "confirmAppointment" => read(Some(&e.appointment)),
        "updateAppointment" => act(&e.appointment, json!({"place": "pole_office"})),
        "deleteAppointment" => delete(&e.appointment),
        "holdAppointment" => act(&e.appointment, json!({"travel_minutes": 30})),
        "cancelAppointment" => act(&e.appointment, json!({"cancelled_by": "family"})),
        "missAppointment" => act(&e.appointment, json!({"excused": true})),
        "moveAppointment" => act(&e.appointment, json!({"planned_on": "2026-03-12", "starts_at": "14:00"})),
        "reopenAppointment" => read(Some(&e.cancelled_appointment)),
        "declareAbsence" => {
            create(json!({"service_id": e.service, "starts_on": "2026-04-13", "ends_on": "2026-04-24"}))
        }
        "getAbsence" => read(Some(&e.absence)),
        "updateAbsence" => act(&e.absence, json!({"ends_on": "2026-05-05"})),
        "deleteAbsence" => delete(&e.absence),
        "getDashboard" => {
            Recipe { query: format!("?service_id={}", e.service), elsewhere: Elsewhere::UnknownService, ..read(None) }
        }
        _ => return None,
    })
}

fn lending(operation: &str, e: &Fixture, l: &LendingFixture) -> Option<Recipe> {
    kits(operation, e, l).or_else(|| reservations(operation, e, l))
}

fn kits(operation: &str, e: &Fixture, l: &LendingFixture) -> Option<Recipe> {
    let service = e.service.to_string();
    Some(match operation {
        "createKit" => create(json!({
            "service_id": service, "title_fr": "Famille", "themes": ["family_life"], "audiences": ["family"]
        })),
        "getKit" | "listKitQueue" => read(Some(&l.kit)),
        "updateKit" => act(&l.kit, json!({"title_en": "Sensory"})),
        "deleteKit" => delete(&l.free_kit),
        "createKitItem" => under(&l.kit, json!({"category": "book", "label_fr": "Un livre", "quantity": 1})),
        "getKitItem" => read(Some(&l.item)),
        "updateKitItem" => act(&l.item, json!({"quantity": 3})),
        "deleteKitItem" => delete(&l.free_item),
        "createKitCopy" => under(&l.kit, json!({"label": "6", "condition": "new", "home_site": "Issoire"})),
        "getKitCopy" | "listKitChecks" => read(Some(&l.copy)),
        "updateKitCopy" => act(&l.copy, json!({"home_site": "Issoire"})),
        "withdrawKitCopy" => act(&l.copy, json!({"reason": "En réparation"})),
        "putBackKitCopy" => act(&l.withdrawn_copy, json!({"condition": "good"})),
        "inspectKitCopy" => act(&l.copy, l.complete()),
        "getKitDefect" => read(Some(&l.defect)),
        "settleKitDefect" => act(&l.defect, json!({"status": "replaced"})),
        "getKitSettings" | "listKitCalendars" => read(Some(&service)),
        "updateKitSettings" => act(&service, json!({"buffer_days": 2})),
        "getPublicHolidays" => read(Some(&service)).with(|recipe| recipe.query = "?year=2026".into()),
        "getKitAvailability" => {
            read(Some(&l.kit)).with(|recipe| recipe.query = "?from=2026-03-01&to=2026-03-31".into())
        }
        "createKitCalendar" => under(&service, json!({"name": "Un autre agenda"})),
        "deleteKitCalendar" => delete(&l.calendar),
        "readKitCalendar" => read(Some(&l.token)),
        _ => return None,
    })
}

fn reservations(operation: &str, e: &Fixture, l: &LendingFixture) -> Option<Recipe> {
    let service = e.service.to_string();
    Some(match operation {
        "checkReservation" => Recipe { status: 200, ..create(l.request(e.service, &e.household)) },
        "createReservation" => create(l.request(e.service, &e.household)),
        "getReservation" | "getReservationReceipt" => read(Some(&l.on_loan)),
        "updateReservation" => act(&l.requested, json!({"note": "Passera le matin."})),
        "confirmReservation" => read(Some(&l.requested)),
        "declineReservation" => act(&l.requested, json!({"reason": "not_suitable"})),
        "cancelReservation" | "moveReservation" | "handOutReservation" => act(&l.confirmed, json!({})),
        "extendReservation" => act(&l.on_loan, json!({})),
        "returnReservation" => act(&l.on_loan, json!({"check": l.complete()})),
        "markReservationNotCollected" => read(Some(&l.confirmed)),
        "listLoansDueSoon" | "listOverdueLoans" | "listKitTimetable" => read(Some(&service)),
        "getKitFigures" => read(Some(&service)).with(|recipe| recipe.query = "?from=2026-01-01&to=2026-12-31".into()),
        _ => return None,
    })
}
