//! Recording a referral. It is recorded even if it breaks the eligibility rules.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;

use super::dto::new::{ReferralInput, ReferredChild};
use super::dto::{FamilyAgreement, PossibleDuplicate, RecordedReferral};
use super::model::ReferralStatus;
use super::ops::{self, KnownChild, Related, Viewer};
use super::store::{self, EventRow, NewRows, ReferralRow};
use crate::accounts::names;
use crate::auth::ServiceScope;
use crate::cases::model::Subject;
use crate::data_keys::{data_key, new_data_key};
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Faults, Text};
use crate::households::absorbed::ops::naming_survivor;
use crate::households::model::Birth;
use crate::households::resemblance;
use crate::organisations::store::OrganisationRow;
use crate::services::public::model::agreement;
use crate::territories::CommuneCode;
use crate::trail::Resource;
use crate::work::Work;
use crate::{households, organisations, services};

/// How many likely duplicates the response to a creation proposes, and how many referrals of each.
const PROPOSED: usize = 10;

/// Records a referral, with its child and household if they are new, and returns the most likely duplicates.
pub fn create(work: &mut Work<'_>, viewer: &Viewer, new: ReferralInput) -> Result<RecordedReferral, ApiError> {
    let service = services::ops::require(work, &viewer.scope, new.service_id, "/service_id")?;
    let today = service.date_of(work.now);
    let received_on = new.received_on.unwrap_or(today);
    let mut faults = Faults::default();
    faults.add(date_faults(&new, received_on, today));
    faults.add(agreement_faults(&new));
    let named = [
        ("/origin_organisation_id", new.origin_organisation_id),
        ("/organisation_id", new.organisation_id),
        ("/current_childcare_organisation_id", new.current_childcare_organisation_id),
    ];
    let ids: Vec<Id> = named.iter().filter_map(|(_, id)| *id).collect();
    let author = work.author();
    let author = names::ops::of_authors(work, [author.as_str()]);
    let (organisations, staff) = store::named(work.conn, new.service_id, &ids, &author)?;
    faults.add(organisations::ops::missing(&named, &organisations));
    let structure = new.organisation_id.and_then(|structure| organisations.get(&structure));
    let about = resolve_subject(work, &new, structure, today, &mut faults)?;
    let known = about.as_ref().and_then(|about| about.known.as_ref());
    faults.add(known.and_then(|known| {
        let birth = Birth::of(&known.child.identity())?;
        birth.request_fault("/received_on", received_on)
    }));
    faults.finish()?;
    // Without a fault, there is a subject.
    let about = about.ok_or_else(|| ApiError::new(Code::InvalidBody))?;
    check_external_id(work, &new)?;
    let known = about.known;
    let rows = rows(work, new, received_on, about.home, about.commune, about.family)?;
    store::insert(work.conn, &rows)?;
    work.created(Resource::Referral, rows.row.service_id, rows.row.id);
    let (possible_duplicates, more_duplicates) = propose_duplicates(work, viewer, &rows.row, known.as_ref())?;
    let NewRows { row, needs, agreements, .. } = rows;
    let mut related = Related::default();
    related.needs.insert(row.id, needs);
    related.agreements.insert(row.id, agreements);
    related.children.extend(known.map(|known| (known.child.id, known.child)));
    related.kinds.extend(organisations.iter().map(|(id, organisation)| (*id, organisation.kind.clone())));
    if viewer.directory.contains(row.service_id) {
        related.organisations =
            organisations.into_values().map(|organisation| (organisation.id, organisation.name)).collect();
    }
    related.names = staff;
    let referral = ops::show_one(work, viewer, row, related)?;
    Ok(RecordedReferral { referral, possible_duplicates, more_duplicates })
}

/// The most likely duplicates of a new referral, and whether there are more. The response is also stored, so what is not
/// in it must not make it larger: neither the others nor the layers of their keys.
fn propose_duplicates(
    work: &mut Work<'_>,
    viewer: &Viewer,
    row: &ReferralRow,
    known: Option<&KnownChild>,
) -> Result<(Vec<PossibleDuplicate>, bool), ApiError> {
    let before: HashSet<Id> = work.trail.returned().collect();
    let mut proposed = ops::duplicates_of(work, viewer, row, known)?;
    let others = proposed.split_off(proposed.len().min(PROPOSED));
    let mut more = !others.is_empty();
    for one in &mut proposed {
        more |= one.referral_ids.len() > PROPOSED;
        one.referral_ids.truncate(PROPOSED);
    }
    let household = |one: &PossibleDuplicate| one.candidate.as_ref().map(|candidate| candidate.child.household_id);
    let kept: HashSet<Id> = proposed.iter().filter_map(household).collect();
    for owner in others.iter().filter_map(household).filter(|owner| !kept.contains(owner) && !before.contains(owner)) {
        work.trail.leave_out(owner);
    }
    Ok((proposed, more))
}

fn date_faults(new: &ReferralInput, received_on: NaiveDate, today: NaiveDate) -> Vec<Fault> {
    let agreements = new.family_agreements.iter().enumerate().filter_map(|(index, agreement)| {
        dates::not_in_the_future(format!("/family_agreements/{index}/given_on"), agreement.given_on, today)
    });
    dates::not_in_the_future("/received_on", received_on, today).into_iter().chain(agreements).collect()
}

/// The faults of agreements given by somebody who cannot give one.
fn agreement_faults(new: &ReferralInput) -> Vec<Fault> {
    let fault = |(index, one): (usize, &FamilyAgreement)| {
        agreement::giver_fault(&one.given_by, format!("/family_agreements/{index}/given_by"))
    };
    new.family_agreements.iter().enumerate().filter_map(fault).collect()
}

/// An external identifier is unique per author: a second creation gets a 409 that names the first, and waits for it if it
/// is concurrent.
fn check_external_id(work: &mut Work<'_>, new: &ReferralInput) -> Result<(), ApiError> {
    let Some(external_id) = &new.external_id else { return Ok(()) };
    let author = work.author();
    work.conn.lock_text(Lock::ExternalId, &format!("{author} {external_id}"))?;
    match store::by_external_id(work.conn, &author, external_id)? {
        None => Ok(()),
        Some(existing) => Err(ApiError::new(Code::Conflict)
            .detail(
                "Une demande porte déjà cet identifiant externe (voir `existing_id`).",
                "A referral already has this `external_id`: see `existing_id`.",
            )
            .with("existing_id", existing.as_str())),
    }
}

/// The household and the child of the referral; none for a structure.
type Home = Option<(Id, Id)>;

/// Whom a referral is about.
struct About {
    home: Home,
    commune: CommuneCode,
    known: Option<KnownChild>,
    /// What is not recorded yet.
    family: households::ops::NewRows,
}

/// Finds the child of the referral, or prepares its rows if it is new. Returns it with the commune of the referral; none
/// if the request names nobody that exists.
fn resolve_subject(
    work: &mut Work<'_>,
    new: &ReferralInput,
    structure: Option<&OrganisationRow>,
    today: NaiveDate,
    faults: &mut Faults,
) -> Result<Option<About>, ApiError> {
    match (&new.subject, &new.child, new.child_id, structure) {
        (Subject::Child, Some(child), _, _) => new_child(work, new, child, today, faults),
        (Subject::Child, None, Some(child), _) => {
            let family = resemblance::ops::family_of_child(work, new.service_id, child)?;
            let Some((child, family)) = family.and_then(|mut family| Some((family.child.take()?, family))) else {
                let message = Text::new(
                    format!("L'enfant {child} n'est pas dans le service : corriger `child_id`, ou donner `child`."),
                    format!("The child {child} is not in the service: correct `child_id`, or give `child`."),
                );
                let fault = Fault::new("/child_id", "unknown_child", message);
                faults.add([naming_survivor(work, &ServiceScope::one(new.service_id), child, fault)?]);
                return Ok(None);
            };
            Ok(Some(About {
                home: Some((family.household, child.id)),
                commune: new.commune_code.clone().unwrap_or(family.commune),
                known: Some(KnownChild { child, of_contacts: family.tokens }),
                family: households::ops::NewRows::default(),
            }))
        }
        (_, _, _, Some(structure)) => Ok(Some(About {
            home: None,
            commune: new.commune_code.clone().unwrap_or_else(|| structure.commune_code.clone()),
            known: None,
            family: households::ops::NewRows::default(),
        })),
        // The structure is unknown, or the validation of the request has rejected it.
        _ => Ok(None),
    }
}

fn new_child(
    work: &mut Work<'_>,
    new: &ReferralInput,
    child: &ReferredChild,
    today: NaiveDate,
    faults: &mut Faults,
) -> Result<Option<About>, ApiError> {
    faults.add(households::ops::birth_faults(&child.identity, today, "/child/identity"));
    let mut rows = households::ops::NewRows::default();
    let mut of_contacts = resemblance::ops::tokens_of_contacts(work, new.service_id, &child.contacts);
    let (household, commune) = if let Some(household) = child.household_id {
        let Some(family) = resemblance::ops::family_of_household(work, new.service_id, household)? else {
            let message = Text::new(
                format!(
                    "Le foyer {household} n'est pas dans le service : corriger l'identifiant, ou donner `commune_code` pour un nouveau foyer."
                ),
                format!(
                    "The household {household} is not in the service: correct the identifier, or give `commune_code` for a new household."
                ),
            );
            let fault = Fault::new("/child/household_id", "unknown_household", message);
            faults.add([naming_survivor(work, &ServiceScope::one(new.service_id), household, fault)?]);
            return Ok(None);
        };
        of_contacts.extend(family.tokens);
        (household, new.commune_code.clone().unwrap_or(family.commune))
    } else {
        let Some(commune) = new.commune_code.clone() else {
            let message = Text::new("Indiquer la commune du nouveau foyer.", "Give the commune of a new household.");
            faults.add([Fault::new("/commune_code", "commune_required", message)]);
            return Ok(None);
        };
        let household =
            households::ops::new_household(work, &mut rows, new.service_id, &commune, child.address.as_ref())?;
        (household, commune)
    };
    let recorded = households::ops::new_child(work, &mut rows, new.service_id, household, &child.identity)?;
    for contact in &child.contacts {
        households::ops::new_contact(work, &mut rows, new.service_id, household, contact)?;
    }
    let home = Some((household, recorded.id));
    Ok(Some(About { home, commune, known: Some(KnownChild { child: recorded, of_contacts }), family: rows }))
}

/// The rows of a new referral.
fn rows(
    work: &mut Work<'_>,
    new: ReferralInput,
    received_on: NaiveDate,
    home: Home,
    commune_code: CommuneCode,
    mut family: households::ops::NewRows,
) -> Result<NewRows, ApiError> {
    let id = Id::at(work.now);
    let key = if let Some((household, _)) = home {
        data_key(work, household)?
    } else {
        let (key, row) = new_data_key(work, new.service_id, id)?;
        family.keys.push(row);
        key
    };
    let description = new.description.as_ref().map(crate::privacy::Secret::reveal);
    let row = ReferralRow {
        id,
        service_id: new.service_id,
        status: ReferralStatus::Received,
        subject: new.subject,
        origin: new.origin,
        origin_organisation_id: new.origin_organisation_id,
        channel: new.channel,
        received_on,
        urgency: new.urgency,
        household_id: home.map(|(household, _)| household),
        child_id: home.map(|(_, child)| child),
        organisation_id: new.organisation_id,
        commune_code,
        current_childcare: new.current_childcare,
        current_childcare_organisation_id: new.current_childcare_organisation_id,
        recognition_status: new.recognition_status,
        need_domain: new.need_domain,
        disability_family: new.disability_family,
        concerns_school_time: new.concerns_school_time,
        description: key.seal_some(ops::description_at(&id), description)?,
        external_id: new.external_id,
        author: work.author(),
        waiting_since: None,
        decided_on: None,
        reason: None,
        redirected_to_id: None,
        case_id: None,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
        annulled_on: None,
        former_external_id: None,
    };
    let recorded = EventRow {
        id: Id::at(work.now),
        service_id: row.service_id,
        referral_id: id,
        version: 1,
        action: "record".into(),
        from_status: None,
        to_status: ReferralStatus::Received,
        reason: None,
        overridden_rules: String::new(),
        note: None,
        author: work.author(),
        happened_on: received_on,
        created_at: work.now,
    };
    // The last of several agreements for one purpose counts.
    let agreements: BTreeMap<&str, FamilyAgreement> =
        new.family_agreements.iter().map(|one| (one.purpose.as_str(), one.clone())).collect();
    let agreements = agreements.into_values().collect();
    Ok(NewRows { family, row, needs: new.needs, agreements, event: recorded })
}
