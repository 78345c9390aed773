//! The SQL of referrals.

mod pages;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::dto::FamilyAgreement;
use super::model::{AgreementPurpose, ReferralStatus, Urgency};
use crate::accounts::names::model::{Accounts, Names};
use crate::auth::ServiceScope;
use crate::cases::model::Subject;
use crate::cases::model::viewer::Viewer;
use crate::data_keys::WrappedKey;
use crate::db::schema::households as families;
use crate::db::schema::{
    blind_tokens, children, clients, contacts, data_keys, organisations, referral_agreements, referral_events,
    referral_needs, referrals, users,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, each, insert_together, together, write_together};
use crate::households;
use crate::households::ops::ChildRow;
use crate::nomenclatures::codes::{
    ChildcareType, DisabilityFamily, NeedDomain, OrganisationKind, ParticipantType, RecognitionStatus, ReferralChannel,
    ReferralNeed, ReferralOrigin, ReferralReason,
};
use crate::organisations::store::OrganisationRow;
use crate::territories::CommuneCode;
use crate::wrapped_keys;

pub(super) use pages::{WaitingPlace, events, list, waiting_list, waiting_order};

/// A row of `referrals`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = referrals, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReferralRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) status: ReferralStatus,
    pub(super) subject: Subject,
    pub(super) origin: ReferralOrigin,
    pub(super) origin_organisation_id: Option<Id>,
    pub(super) channel: ReferralChannel,
    pub(super) received_on: NaiveDate,
    pub(super) urgency: Urgency,
    pub(super) household_id: Option<Id>,
    pub(super) child_id: Option<Id>,
    pub(super) organisation_id: Option<Id>,
    pub(super) commune_code: CommuneCode,
    pub(super) current_childcare: Option<ChildcareType>,
    pub(super) current_childcare_organisation_id: Option<Id>,
    pub(super) recognition_status: Option<RecognitionStatus>,
    pub(super) need_domain: Option<NeedDomain>,
    pub(super) disability_family: Option<DisabilityFamily>,
    pub(super) concerns_school_time: bool,
    pub(super) description: Option<Vec<u8>>,
    pub(super) external_id: Option<String>,
    pub(super) author: String,
    pub(super) waiting_since: Option<NaiveDate>,
    pub(super) decided_on: Option<NaiveDate>,
    pub(super) reason: Option<ReferralReason>,
    pub(super) redirected_to_id: Option<Id>,
    pub(super) case_id: Option<Id>,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
    pub(super) annulled_on: Option<NaiveDate>,
    pub(super) former_external_id: Option<String>,
}

crate::versioned!(ReferralRow);

impl ReferralRow {
    /// Its state. The column `status` cannot say that it is annulled: see the migration `correct_entries`.
    pub(super) fn state(&self) -> ReferralStatus {
        if self.annulled_on.is_some() { ReferralStatus::Annulled } else { self.status }
    }

    /// The owner of the data key that seals its texts: the household, or the referral itself when it is about a structure.
    pub(super) fn key_owner(&self) -> Id {
        self.household_id.unwrap_or(self.id)
    }
}

/// A row of `referral_events`.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = referral_events, treat_none_as_default_value = false)]
pub(super) struct EventRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) referral_id: Id,
    pub(super) version: i32,
    pub(super) action: String,
    pub(super) from_status: Option<ReferralStatus>,
    pub(super) to_status: ReferralStatus,
    pub(super) reason: Option<ReferralReason>,
    pub(super) overridden_rules: String,
    pub(super) note: Option<Vec<u8>>,
    pub(super) author: String,
    pub(super) happened_on: NaiveDate,
    pub(super) created_at: UtcTs,
}

/// Replaces the version of a referral that was read, and adds an event to its history. Returns false if another writer was
/// first.
pub(super) fn update(conn: &mut AnyConn, row: &ReferralRow, new: &ReferralRow, event: &EventRow) -> QueryResult<bool> {
    let read = || referrals::id.eq(row.id).and(referrals::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(referral_events::table).values(event),
        diesel::update(referrals::table.filter(read())).set(new),
    );
    match written {
        // The other writer's event has the same number in the history.
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        written => Ok(written? == 1),
    }
}

/// A row of `referral_needs`.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = referral_needs, treat_none_as_default_value = false)]
struct NeedRow {
    referral_id: Id,
    need: ReferralNeed,
    position: i32,
}

/// A row of `referral_agreements`.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = referral_agreements, treat_none_as_default_value = false)]
struct AgreementRow {
    referral_id: Id,
    purpose: AgreementPurpose,
    given_by: ParticipantType,
    given_on: NaiveDate,
}

fn need_rows(referral: Id, needs: &[ReferralNeed]) -> Vec<NeedRow> {
    let row = |(position, need): (i32, &ReferralNeed)| NeedRow { referral_id: referral, need: need.clone(), position };
    (0..).zip(needs).map(row).collect()
}

fn agreement_row(referral: Id, agreement: &FamilyAgreement) -> AgreementRow {
    let FamilyAgreement { purpose, given_by, given_on } = agreement.clone();
    AgreementRow { referral_id: referral, purpose, given_by, given_on }
}

/// A referral to be recorded.
pub(super) struct NewRows {
    /// The family, where it is new; the key of a referral about a structure.
    pub(super) family: households::ops::NewRows,
    /// The referral.
    pub(super) row: ReferralRow,
    /// The needs, in their order.
    pub(super) needs: Vec<ReferralNeed>,
    /// The agreements, one per purpose.
    pub(super) agreements: Vec<FamilyAgreement>,
    /// The first event of its history.
    pub(super) event: EventRow,
}

/// Records a referral with everything that belongs to it.
pub(super) fn insert(conn: &mut AnyConn, new: &NewRows) -> QueryResult<()> {
    let needs = need_rows(new.row.id, &new.needs);
    let agreements: Vec<AgreementRow> = new.agreements.iter().map(|one| agreement_row(new.row.id, one)).collect();
    insert_together!(
        conn,
        families => &new.family.households,
        data_keys => &new.family.keys,
        children => &new.family.children,
        contacts => &new.family.contacts,
        blind_tokens => &new.family.tokens,
        referrals => std::slice::from_ref(&new.row),
        referral_needs => &needs,
        referral_agreements => &agreements,
        referral_events => std::slice::from_ref(&new.event),
    )
}

pub(super) fn replace_needs(conn: &mut AnyConn, referral: Id, needs: &[ReferralNeed]) -> QueryResult<()> {
    diesel::delete(referral_needs::table.filter(referral_needs::referral_id.eq(referral))).execute(conn)?;
    let needs = need_rows(referral, needs);
    insert_together!(conn, referral_needs => &needs)
}

/// Records an agreement, replacing an earlier one for the same purpose.
pub(super) fn replace_agreement(conn: &mut AnyConn, referral: Id, agreement: &FamilyAgreement) -> QueryResult<()> {
    let row = agreement_row(referral, agreement);
    each!(conn, c => diesel::insert_into(referral_agreements::table)
        .values(&row)
        .on_conflict((referral_agreements::referral_id, referral_agreements::purpose))
        .do_update()
        .set((
            referral_agreements::given_by.eq(&row.given_by),
            referral_agreements::given_on.eq(row.given_on),
        ))
        .execute(c)
        .map(drop))
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ReferralRow> {
    referrals::table
        .filter(referrals::id.eq(id).and(referrals::service_id.among(scope.ids())))
        .select(ReferralRow::as_select())
        .get_result(conn)
}

/// The referral that an author has already recorded with an external identifier.
pub(super) fn by_external_id(conn: &mut AnyConn, author: &str, external_id: &str) -> QueryResult<Option<Id>> {
    referrals::table
        .filter(referrals::author.eq(author).and(referrals::external_id.eq(external_id)))
        .select(referrals::id)
        .get_result(conn)
        .optional()
}

/// The date of the first decision on a referral: the first event that changed its state.
pub(super) fn first_decision_on(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<NaiveDate>> {
    referral_events::table
        .filter(referral_events::referral_id.eq(id).and(referral_events::service_id.among(scope.ids())))
        .filter(referral_events::from_status.ne(referral_events::to_status.nullable()))
        .order(referral_events::version)
        .select(referral_events::happened_on)
        .first(conn)
        .optional()
}

/// What several referrals have in other tables.
pub(super) struct RelatedRows {
    /// The needs, in their order.
    pub(super) needs: HashMap<Id, Vec<ReferralNeed>>,
    /// The agreements of the family, in the order of their purposes.
    pub(super) agreements: HashMap<Id, Vec<FamilyAgreement>>,
    /// The children in scope.
    pub(super) children: Vec<ChildRow>,
    /// The kinds of the organisations that the rules of the public look at.
    pub(super) kinds: HashMap<Id, OrganisationKind>,
    /// The data keys.
    pub(super) keys: Vec<WrappedKey>,
    /// The names of organisations that the caller sees.
    pub(super) organisations: HashMap<Id, String>,
    /// The names of users and of API clients.
    pub(super) names: Names,
}

/// What several referrals have in other tables. The caller has read the referrals in their scope.
pub(super) fn related(
    conn: &mut AnyConn,
    viewer: &Viewer,
    authors: &Accounts,
    rows: &[ReferralRow],
) -> QueryResult<RelatedRows> {
    let scope = &viewer.scope;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let owners: Vec<Id> = rows.iter().map(ReferralRow::key_owner).collect();
    let of: Vec<Id> = rows.iter().filter_map(|row| row.child_id).collect();
    let named = |row: &ReferralRow| {
        let of_row = [
            row.organisation_id,
            row.origin_organisation_id,
            row.current_childcare_organisation_id,
            row.redirected_to_id,
        ];
        of_row.into_iter().flatten()
    };
    let named: Vec<Id> = rows.iter().flat_map(named).collect();
    let (needs, agreements, children, keys, organisations, of_users, of_clients) = together!(
        conn,
        referral_needs::table
            .filter(referral_needs::referral_id.among(&ids))
            .order((referral_needs::referral_id, referral_needs::position))
            .select(columns::<NeedRow>())
            => NeedRow,
        referral_agreements::table
            .filter(referral_agreements::referral_id.among(&ids))
            .order((referral_agreements::referral_id, referral_agreements::purpose))
            .select(columns::<AgreementRow>())
            => AgreementRow,
        children::table
            .filter(children::id.among(&of).and(children::service_id.among(scope.ids())))
            .select(columns::<ChildRow>())
            => ChildRow,
        wrapped_keys!().filter(data_keys::holder_id.among(&owners)) => WrappedKey,
        organisations::table
            .filter(organisations::id.among(&named).and(organisations::service_id.among(scope.ids())))
            .select((organisations::id, organisations::service_id, organisations::kind, organisations::name))
            => (Id, Id, OrganisationKind, String),
        users::table.filter(users::id.among(&authors.users)).select((users::id, users::display_name)) => (Id, String),
        clients::table.filter(clients::id.among(&authors.clients)).select((clients::id, clients::name)) => (Id, String),
    )?;
    let seen = |service: &Id| viewer.directory.contains(*service);
    let mut related = RelatedRows {
        needs: HashMap::new(),
        agreements: HashMap::new(),
        children,
        kinds: organisations.iter().map(|(id, _, kind, _)| (*id, kind.clone())).collect(),
        keys,
        organisations: organisations
            .into_iter()
            .filter(|(_, service, ..)| seen(service))
            .map(|(id, .., name)| (id, name))
            .collect(),
        names: Names::new(of_users, of_clients),
    };
    for row in needs {
        related.needs.entry(row.referral_id).or_default().push(row.need);
    }
    for row in agreements {
        let AgreementRow { referral_id, purpose, given_by, given_on } = row;
        related.agreements.entry(referral_id).or_default().push(FamilyAgreement { purpose, given_by, given_on });
    }
    Ok(related)
}

/// The organisations of a service that a new referral names, and the name of its author, in one round trip.
pub(super) fn named(
    conn: &mut AnyConn,
    service: Id,
    ids: &[Id],
    author: &Accounts,
) -> QueryResult<(HashMap<Id, OrganisationRow>, Names)> {
    let (rows, of_users, of_clients) = together!(
        conn,
        organisations::table
            .filter(organisations::id.among(ids).and(organisations::service_id.eq(service)))
            .select(columns::<OrganisationRow>())
            => OrganisationRow,
        users::table.filter(users::id.among(&author.users)).select((users::id, users::display_name)) => (Id, String),
        clients::table.filter(clients::id.among(&author.clients)).select((clients::id, clients::name)) => (Id, String),
    )?;
    Ok((rows.into_iter().map(|row| (row.id, row)).collect(), Names::new(of_users, of_clients)))
}

/// The referrals about some children or about a structure, newest first, except one and those that are annulled.
pub(super) fn others_about(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    service: Id,
    children: &[Id],
    organisation: Option<Id>,
    except: Id,
) -> QueryResult<Vec<(Option<Id>, Id)>> {
    let mut query = referrals::table
        .filter(
            referrals::service_id
                .eq(service)
                .and(referrals::service_id.among(scope.ids()))
                .and(referrals::id.ne(except))
                .and(referrals::annulled_on.is_null()),
        )
        .into_boxed();
    query = match organisation {
        Some(organisation) => {
            query.filter(referrals::organisation_id.eq(organisation).and(referrals::subject.eq(Subject::Structure)))
        }
        None => query.filter(referrals::child_id.eq_any(children)),
    };
    query
        .order((referrals::received_on.desc(), referrals::id.desc()))
        .limit(200)
        .select((referrals::child_id, referrals::id))
        .load(conn)
}
