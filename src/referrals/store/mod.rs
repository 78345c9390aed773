//! The SQL of referrals.

mod pages;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::FamilyAgreement;
use super::model::{AgreementPurpose, ReferralStatus, Urgency};
use crate::auth::ServiceScope;
use crate::cases::model::Subject;
use crate::db::schema::{referral_agreements, referral_events, referral_needs, referrals};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, row_writes};
use crate::nomenclatures::codes::{
    ChildcareType, DisabilityFamily, NeedDomain, ParticipantType, RecognitionStatus, ReferralChannel, ReferralNeed,
    ReferralOrigin, ReferralReason,
};
use crate::territories::CommuneCode;

pub(super) use pages::{events, list, waiting_list};

/// A row of `referrals`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
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
}

crate::versioned!(ReferralRow);

impl ReferralRow {
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

row_writes!(referrals: ReferralRow => pub(super) insert, pub(super) update);
row_writes!(referral_events: EventRow => pub(super) insert as insert_event);

pub(super) fn insert_needs(conn: &mut AnyConn, referral: Id, needs: &[ReferralNeed]) -> QueryResult<()> {
    for (position, need) in (0..).zip(needs) {
        diesel::insert_into(referral_needs::table)
            .values((
                referral_needs::referral_id.eq(referral),
                referral_needs::need.eq(need),
                referral_needs::position.eq::<i32>(position),
            ))
            .execute(conn)?;
    }
    Ok(())
}

pub(super) fn replace_needs(conn: &mut AnyConn, referral: Id, needs: &[ReferralNeed]) -> QueryResult<()> {
    diesel::delete(referral_needs::table.filter(referral_needs::referral_id.eq(referral))).execute(conn)?;
    insert_needs(conn, referral, needs)
}

/// Records an agreement, replacing an earlier one for the same purpose.
pub(super) fn replace_agreement(conn: &mut AnyConn, referral: Id, agreement: &FamilyAgreement) -> QueryResult<()> {
    let same = referral_agreements::referral_id.eq(referral).and(referral_agreements::purpose.eq(agreement.purpose));
    diesel::delete(referral_agreements::table.filter(same)).execute(conn)?;
    diesel::insert_into(referral_agreements::table)
        .values((
            referral_agreements::referral_id.eq(referral),
            referral_agreements::purpose.eq(agreement.purpose),
            referral_agreements::given_by.eq(&agreement.given_by),
            referral_agreements::given_on.eq(agreement.given_on),
        ))
        .execute(conn)
        .map(drop)
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

/// The needs of several referrals, in their order.
pub(super) fn needs_of(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<HashMap<Id, Vec<ReferralNeed>>> {
    let rows: Vec<(Id, ReferralNeed)> = referral_needs::table
        .filter(referral_needs::referral_id.among(ids))
        .order((referral_needs::referral_id, referral_needs::position))
        .select((referral_needs::referral_id, referral_needs::need))
        .load(conn)?;
    let mut needs: HashMap<Id, Vec<ReferralNeed>> = HashMap::new();
    for (id, need) in rows {
        needs.entry(id).or_default().push(need);
    }
    Ok(needs)
}

/// The agreements of the family for several referrals.
pub(super) fn agreements_of(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<HashMap<Id, Vec<FamilyAgreement>>> {
    let rows: Vec<(Id, AgreementPurpose, ParticipantType, NaiveDate)> = referral_agreements::table
        .filter(referral_agreements::referral_id.among(ids))
        .order((referral_agreements::referral_id, referral_agreements::purpose))
        .load(conn)?;
    let mut agreements: HashMap<Id, Vec<FamilyAgreement>> = HashMap::new();
    for (id, purpose, given_by, given_on) in rows {
        agreements.entry(id).or_default().push(FamilyAgreement { purpose, given_by, given_on });
    }
    Ok(agreements)
}

/// The referrals about some children or about a structure, newest first, except one.
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
                .and(referrals::id.ne(except)),
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
