//! Reading referrals: one, a page, the waiting list, the history, the likely duplicates.

use std::collections::HashMap;

use super::dto::expansion::ReferralExpand;
use super::dto::filter::{ReferralFilter, WaitingListFilter};
use super::dto::{
    FamilyAgreement, PossibleDuplicate, PossibleDuplicates, Referral, ReferralEvent, ReferralEventPage, ReferralPage,
    WaitingAhead, WaitingListPage, WaitingReferral,
};
use super::expand::expand;
use super::model::ReferralRule;
use super::note::Note;
use super::store::{self, EventRow, ReferralRow};
use crate::accounts::names;
use crate::accounts::names::model::Names;
use crate::auth::ServiceScope;
use crate::data_keys::{data_keys, unwrap_keys};
use crate::db::{Id, Lock};
use crate::error::ApiError;
use crate::households::absorbed::ops::refuse_merged;
use crate::households::{self, dto::Child, resemblance};
use crate::http::page::PageRequest;
use crate::nomenclatures::codes::{ChildcareType, OrganisationKind, ReferralNeed};
use crate::privacy::{DataKey, Place, Secret, Token, open_unless_erased};
use crate::services::public::model::{EligibilityFacts, breaches};
use crate::services::{self, model::Settings, model::age_on};
use crate::work::Work;

pub use crate::cases::model::viewer::Viewer;

/// The row of a referral in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ReferralRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// The row of a referral in scope, for its acceptance or annulment: the lock of the child comes before the case that it opens,
/// joins or leaves.
pub fn find_to_accept(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ReferralRow, ApiError> {
    let row = find(work, scope, id)?;
    if let Some(child) = row.child_id {
        work.lock_first(Lock::Child, child);
    }
    Ok(row)
}

/// One referral in scope.
pub fn get(work: &mut Work<'_>, viewer: &Viewer, id: Id) -> Result<Referral, ApiError> {
    let row = store::get(work.conn, &viewer.scope, id)?;
    to_referral(work, viewer, row)
}

/// One referral in scope, with what the caller asks for.
pub fn get_expanded(
    work: &mut Work<'_>,
    viewer: &Viewer,
    id: Id,
    asked: Option<&[ReferralExpand]>,
) -> Result<Referral, ApiError> {
    let referral = get(work, viewer, id)?;
    expand(work, viewer, vec![referral], asked)?.pop().ok_or_else(ApiError::not_found)
}

/// One referral from its row.
pub(super) fn to_referral(work: &mut Work<'_>, viewer: &Viewer, row: ReferralRow) -> Result<Referral, ApiError> {
    to_referrals(work, viewer, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the referrals in scope.
pub fn list(
    work: &mut Work<'_>,
    viewer: &Viewer,
    filter: &ReferralFilter,
    page: &PageRequest,
) -> Result<ReferralPage, ApiError> {
    let scope = viewer.scope.within(filter.service_id);
    let (rows, info) = store::list(work.conn, &scope, filter, page)?;
    let asked = [("child_id", filter.child_id), ("household_id", filter.household_id), ("case_id", filter.case_id)];
    refuse_merged(work, &scope, rows.len(), &asked)?;
    let data = to_referrals(work, viewer, rows)?;
    Ok(ReferralPage { data: expand(work, viewer, data, filter.expand.as_deref())?, page: info })
}

/// A page of the waiting list of a service, with the days waited so far and the place of each referral in the whole list,
/// whatever the filters.
pub fn waiting_list(
    work: &mut Work<'_>,
    viewer: &Viewer,
    service: Id,
    filter: &WaitingListFilter,
    page: &PageRequest,
) -> Result<WaitingListPage, ApiError> {
    let today = services::ops::settings(work, &viewer.scope, service)?.date_of(work.now);
    let (rows, info) = store::waiting_list(work.conn, &viewer.scope, service, filter, page)?;
    let places = places(&store::waiting_order(work.conn, &viewer.scope, service)?);
    let waiting = to_referrals(work, viewer, rows)?.into_iter().map(|referral| {
        let (position, more_urgent) = places.get(&referral.id).copied().unwrap_or_default();
        WaitingReferral {
            days_waited: referral.waiting_since.map_or(0, |since| (today - since).num_days()),
            position,
            ahead: WaitingAhead { more_urgent, waiting_longer: position.saturating_sub(1).saturating_sub(more_urgent) },
            referral,
        }
    });
    Ok(WaitingListPage { data: waiting.collect(), page: info })
}

/// The place of each referral of a waiting list, from 1, and the number of more urgent ones.
fn places(order: &[store::WaitingPlace]) -> HashMap<Id, (usize, usize)> {
    let mut places = HashMap::with_capacity(order.len());
    let (mut urgency, mut more_urgent) = (None, 0);
    for (rank, (id, its)) in order.iter().enumerate() {
        if urgency.is_some_and(|before| before != *its) {
            more_urgent = rank;
        }
        urgency = Some(*its);
        places.insert(*id, (rank + 1, more_urgent));
    }
    places
}

/// A page of the history of a referral, oldest first.
pub fn history(
    work: &mut Work<'_>,
    viewer: &Viewer,
    id: Id,
    page: &PageRequest,
) -> Result<ReferralEventPage, ApiError> {
    let referral = store::get(work.conn, &viewer.scope, id)?;
    let key = data_keys(work, &[referral.key_owner()])?.remove(&referral.key_owner());
    let (rows, info) = store::events(work.conn, &viewer.scope, id, page)?;
    let names = names::ops::read(work, rows.iter().map(|row| row.author.as_str()))?;
    let events = rows.into_iter().map(|row| event(key.as_ref(), &names, row)).collect::<Result<_, ApiError>>()?;
    Ok(ReferralEventPage { data: events, page: info })
}

/// The likely duplicates of a referral, most likely first.
pub fn duplicates(work: &mut Work<'_>, viewer: &Viewer, id: Id) -> Result<PossibleDuplicates, ApiError> {
    let row = store::get(work.conn, &viewer.scope, id)?;
    let mut known = None;
    if let Some(child) = row.child_id.filter(|_| viewer.identities.contains(row.service_id)) {
        let family = resemblance::ops::family_of_child(work, row.service_id, child)?;
        known = family.and_then(|family| Some(KnownChild { child: family.child?, of_contacts: family.tokens }));
        if known.is_none() {
            return Err(ApiError::not_found());
        }
    }
    Ok(PossibleDuplicates { data: duplicates_of(work, viewer, &row, known.as_ref())? })
}

/// The child of a referral, and the tokens of the contacts of its family.
#[derive(Debug)]
pub(super) struct KnownChild {
    pub(super) child: Child,
    pub(super) of_contacts: Vec<Token>,
}

/// For a child: its other referrals, then the children that resemble it with their referrals. For a structure: its other
/// referrals. Empty for a caller without access to identities: the existence of another family is personal data too.
pub(super) fn duplicates_of(
    work: &mut Work<'_>,
    viewer: &Viewer,
    row: &ReferralRow,
    known: Option<&KnownChild>,
) -> Result<Vec<PossibleDuplicate>, ApiError> {
    if row.child_id.is_none() {
        let others = store::others_about(work.conn, &viewer.scope, row.service_id, &[], row.organisation_id, row.id)?;
        let referral_ids: Vec<Id> = others.into_iter().map(|(_, id)| id).collect();
        let found = (!referral_ids.is_empty()).then_some(PossibleDuplicate { candidate: None, referral_ids });
        return Ok(found.into_iter().collect());
    }
    let Some(KnownChild { child, of_contacts }) = known.filter(|_| viewer.identities.contains(row.service_id)) else {
        return Ok(Vec::new());
    };
    let candidates = resemblance::ops::resembling_child(work, row.service_id, child, of_contacts)?;
    let child = child.id;
    let mut children: Vec<Id> = candidates.iter().map(|candidate| candidate.child.id).collect();
    children.push(child);
    let mut referrals: HashMap<Id, Vec<Id>> = HashMap::new();
    for (about, id) in store::others_about(work.conn, &viewer.scope, row.service_id, &children, None, row.id)? {
        referrals.entry(about.unwrap_or(child)).or_default().push(id);
    }
    let own = referrals.remove(&child).map(|referral_ids| PossibleDuplicate { candidate: None, referral_ids });
    let others = candidates.into_iter().map(|candidate| PossibleDuplicate {
        referral_ids: referrals.remove(&candidate.child.id).unwrap_or_default(),
        candidate: Some(candidate),
    });
    Ok(own.into_iter().chain(others).collect())
}

/// Referrals from their rows and the related tables, which are read together whatever the number of rows.
fn to_referrals(work: &mut Work<'_>, viewer: &Viewer, rows: Vec<ReferralRow>) -> Result<Vec<Referral>, ApiError> {
    let related = related(work, viewer, &rows)?;
    show(work, viewer, rows, related)
}

/// What referrals have in other tables, opened.
#[derive(Debug, Default)]
pub(super) struct Related {
    pub(super) needs: HashMap<Id, Vec<ReferralNeed>>,
    pub(super) agreements: HashMap<Id, Vec<FamilyAgreement>>,
    pub(super) children: HashMap<Id, Child>,
    /// The kinds of the organisations that the rules look at.
    pub(super) kinds: HashMap<Id, OrganisationKind>,
    pub(super) organisations: HashMap<Id, String>,
    pub(super) names: Names,
}

/// What referrals have in other tables.
pub(super) fn related(work: &mut Work<'_>, viewer: &Viewer, rows: &[ReferralRow]) -> Result<Related, ApiError> {
    let authors = names::ops::of_authors(work, rows.iter().map(|row| row.author.as_str()));
    let store::RelatedRows { needs, agreements, children, kinds, keys, organisations, names } =
        store::related(work.conn, viewer, &authors, rows)?;
    unwrap_keys(work, keys)?;
    let owners: Vec<Id> = rows.iter().map(ReferralRow::key_owner).collect();
    // Every caller gets the ages; only callers with access to identities get the identity itself.
    let children = households::ops::children(&data_keys(work, &owners)?, &children)?;
    Ok(Related { needs, agreements, children, kinds, organisations, names })
}

/// Referrals from their rows and what is related to them.
pub(super) fn show(
    work: &mut Work<'_>,
    viewer: &Viewer,
    rows: Vec<ReferralRow>,
    mut related: Related,
) -> Result<Vec<Referral>, ApiError> {
    let owners: Vec<Id> = rows.iter().map(ReferralRow::key_owner).collect();
    let keys = data_keys(work, &owners)?;
    let of: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let settings = services::ops::settings_of(work, &viewer.scope, &of)?;
    let referrals = rows.into_iter().map(|row| {
        let id = row.id;
        let parts = Parts {
            structure: row.organisation_id.and_then(|id| related.kinds.get(&id)).cloned(),
            author: row.origin_organisation_id.and_then(|id| related.kinds.get(&id)).cloned(),
            needs: related.needs.remove(&id).unwrap_or_default(),
            agreements: related.agreements.remove(&id).unwrap_or_default(),
            child: row.child_id.and_then(|child| related.children.get(&child)).cloned(),
            key: keys.get(&row.key_owner()),
            settings: settings.get(&row.service_id),
            shows_identity: viewer.identities.contains(row.service_id),
            organisations: &related.organisations,
            author_name: related.names.of(&row.author),
        };
        referral(row, parts)
    });
    referrals.collect()
}

/// [`show`] of one referral.
pub(super) fn show_one(
    work: &mut Work<'_>,
    viewer: &Viewer,
    row: ReferralRow,
    related: Related,
) -> Result<Referral, ApiError> {
    show(work, viewer, vec![row], related)?.pop().ok_or_else(ApiError::not_found)
}

/// What a referral is made of besides its row.
struct Parts<'a> {
    needs: Vec<ReferralNeed>,
    agreements: Vec<FamilyAgreement>,
    child: Option<Child>,
    /// The kind of the structure that it is about or names.
    structure: Option<OrganisationKind>,
    /// The kind of the organisation that made it.
    author: Option<OrganisationKind>,
    key: Option<&'a DataKey>,
    settings: Option<&'a Settings>,
    shows_identity: bool,
    organisations: &'a HashMap<Id, String>,
    author_name: Option<String>,
}

fn referral(row: ReferralRow, parts: Parts<'_>) -> Result<Referral, ApiError> {
    let description: Option<String> =
        open_unless_erased(parts.key, description_at(&row.id), row.description.as_deref())?;
    let born_on = parts.child.as_ref().and_then(|child| child.birth_date.or(child.expected_on));
    let kinds = [&parts.structure, &parts.author].map(|kind| kind.as_ref().map(OrganisationKind::as_str));
    let broken: Vec<ReferralRule> = parts
        .settings
        .map(|settings| breaches(settings, &facts(&row, &parts.needs, born_on, kinds)))
        .unwrap_or_default();
    let named = |organisation: Option<Id>| organisation.and_then(|id| parts.organisations.get(&id).cloned());
    let epci = row.commune_code.epci();
    Ok(Referral {
        organisation_name: named(row.organisation_id),
        origin_organisation_name: named(row.origin_organisation_id),
        current_childcare_organisation_name: named(row.current_childcare_organisation_id),
        redirected_to_name: named(row.redirected_to_id),
        commune_name: row.commune_code.name(),
        epci_code: epci.and_then(|epci| epci.code.parse().ok()),
        epci_name: epci.map(|epci| epci.name),
        author_name: parts.author_name,
        available_actions: row.state().available_actions(),
        breached_rules: broken,
        age_on_request: born_on.map(|born| age_on(born, row.received_on)),
        child: parts.child.filter(|_| parts.shows_identity),
        needs: parts.needs,
        family_agreements: parts.agreements,
        description: description.map(Secret::new),
        status: row.state(),
        id: row.id,
        service_id: row.service_id,
        subject: row.subject,
        origin: row.origin,
        origin_organisation_id: row.origin_organisation_id,
        channel: row.channel,
        received_on: row.received_on,
        urgency: row.urgency,
        household_id: row.household_id,
        child_id: row.child_id,
        organisation_id: row.organisation_id,
        commune_code: row.commune_code,
        need_domain: row.need_domain,
        disability_family: row.disability_family,
        recognition_status: row.recognition_status,
        current_childcare: row.current_childcare,
        current_childcare_organisation_id: row.current_childcare_organisation_id,
        concerns_school_time: row.concerns_school_time,
        external_id: row.external_id.or(row.former_external_id),
        waiting_since: row.waiting_since,
        decided_on: row.decided_on,
        reason: row.reason,
        redirected_to_id: row.redirected_to_id,
        case_id: row.case_id,
        author: row.author,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        counted_in: None,
        expanded: None,
    })
}

/// What the eligibility rules are checked against. `kinds` are those of the structure and of the organisation that made
/// the referral.
pub(super) fn facts<'a>(
    row: &'a ReferralRow,
    needs: &'a [ReferralNeed],
    born_on: Option<chrono::NaiveDate>,
    [structure, author]: [Option<&'a str>; 2],
) -> EligibilityFacts<'a> {
    EligibilityFacts {
        received_on: row.received_on,
        born_on,
        commune_code: row.commune_code.as_str(),
        origin: row.origin.as_str(),
        concerns_school_time: row.concerns_school_time,
        needs: needs.iter().map(ReferralNeed::as_str).collect(),
        current_childcare: row.current_childcare.as_ref().map(ChildcareType::as_str),
        structure,
        author,
    }
}

fn event(key: Option<&DataKey>, names: &Names, row: EventRow) -> Result<ReferralEvent, ApiError> {
    let note: Note = open_unless_erased(key, note_at(&row.id), row.note.as_deref())?.unwrap_or_default();
    Ok(ReferralEvent {
        version: row.version,
        action: row.action,
        from_status: row.from_status,
        to_status: row.to_status,
        reason: row.reason,
        overridden_rules: note.overrides,
        comment: note.comment,
        happened_on: row.happened_on,
        author_name: names.of(&row.author),
        author: row.author,
        created_at: row.created_at,
    })
}

pub(super) fn description_at(id: &Id) -> Place<'_> {
    Place { table: "referrals", column: "description", row: id.as_str() }
}

pub(super) fn note_at(id: &Id) -> Place<'_> {
    Place { table: "referral_events", column: "note", row: id.as_str() }
}
