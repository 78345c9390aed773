//! The SQL of reservations.

pub mod days;
pub mod kit_state;
pub mod pages;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{BorrowerKind, ReservationStatus};
use crate::auth::ServiceScope;
use crate::data_keys::WrappedKey;
use crate::db::schema::{data_keys, kit_copies, kits, reservations};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, together};
use crate::lending::copies::store::CopyRow;
use crate::lending::occupancy::Span;
use crate::lending::settings::model::Today;
use crate::nomenclatures::codes::ReservationReason;
use crate::territories::CommuneCode;
use crate::wrapped_keys;

/// A row of `reservations`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reservations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReservationRow {
    /// Identifier.
    pub id: Id,
    /// The service that lends.
    pub service_id: Id,
    /// The kit.
    pub kit_id: Id,
    /// The copy that is or was held for it.
    pub copy_id: Option<Id>,
    /// Stored state. See [`ReservationRow::status_at`] for the current one.
    pub status: ReservationStatus,
    /// Kind of borrower.
    pub borrower_kind: BorrowerKind,
    /// The family.
    pub household_id: Option<Id>,
    /// The organisation, or the employer of a professional.
    pub organisation_id: Option<Id>,
    /// Name and contact details of a professional, sealed.
    pub identity: Option<Vec<u8>>,
    /// The case that it is for.
    pub case_id: Option<Id>,
    /// The commune of the borrower.
    pub commune_code: CommuneCode,
    /// The day of the hand-out; in the queue, the requested day.
    pub starts_on: NaiveDate,
    /// The day of the return.
    pub due_on: NaiveDate,
    /// The length that was asked for, in days; none if it was recorded before this was.
    pub asked_days: Option<i32>,
    /// Open days between this loan and the next, as set when it was booked.
    pub buffer_days: i32,
    /// The last day that it takes of the copy, buffer included.
    pub blocked_until: NaiveDate,
    /// Whether it started in the queue, in the state `waiting`.
    pub queued: bool,
    /// In the queue: the last day on which the loan may start.
    pub waits_until: Option<NaiveDate>,
    /// When the proposal expires.
    pub proposal_expires_at: Option<UtcTs>,
    /// Number of extensions.
    pub extensions: i32,
    /// When it was handed out.
    pub handed_out_on: Option<NaiveDate>,
    /// When it was returned.
    pub returned_on: Option<NaiveDate>,
    /// Why it ended without a loan.
    pub reason: Option<ReservationReason>,
    /// When its state last changed.
    pub decided_on: Option<NaiveDate>,
    /// The author's note, sealed.
    pub note: Option<Vec<u8>>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(ReservationRow);

impl ReservationRow {
    /// The state now, and the day since which the reservation has it: a proposal that was not accepted in time and a wait
    /// that was too long have ended, even if the job has not run yet.
    pub fn state_at(&self, now: UtcTs, day: &Today) -> (ReservationStatus, Option<NaiveDate>) {
        match (self.status, self.proposal_expires_at, self.waits_until) {
            (ReservationStatus::Proposed, Some(end), _) if end <= now => {
                (ReservationStatus::Expired, Some(day.date_of(end)))
            }
            (ReservationStatus::Waiting, _, Some(last)) if last < day.today => (ReservationStatus::Expired, Some(last)),
            (status, ..) => (status, self.decided_on),
        }
    }

    /// The length of the loan that was asked for, in days.
    pub fn asked_days(&self) -> i32 {
        let booked = || i32::try_from((self.due_on - self.starts_on).num_days()).unwrap_or(i32::MAX);
        self.asked_days.unwrap_or_else(booked)
    }

    /// The days that it takes.
    pub fn span(&self) -> Span {
        Span { starts_on: self.starts_on, due_on: self.due_on, blocked_until: self.blocked_until }
    }

    /// The copy that it holds, and the days that it takes of it. A returned loan keeps its past days.
    pub fn held(&self) -> Option<(Id, Span)> {
        self.copy_id.filter(|_| self.status.holds_a_copy()).map(|copy| (copy, self.span()))
    }

    /// Changes the days that it takes.
    pub fn set_span(&mut self, span: Span) {
        (self.starts_on, self.due_on, self.blocked_until) = (span.starts_on, span.due_on, span.blocked_until);
    }

    /// Whether it is a current loan that was due before `today`.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.status == ReservationStatus::OnLoan && self.due_on < today
    }

    /// The owner of the data key that seals its personal data: the household, or the reservation itself.
    pub fn key_owner(&self) -> Id {
        self.household_id.unwrap_or(self.id)
    }
}

type Boxed<'a> = reservations::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    reservations::table.filter(reservations::service_id.among(scope.ids())).into_boxed()
}

/// A reservation in scope.
pub fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ReservationRow> {
    visible(scope).filter(reservations::id.eq(id)).select(ReservationRow::as_select()).get_result(conn)
}

/// The reservations of several copies that are not handed out yet, by start date.
pub fn reserved(conn: &mut AnyConn, copies: &[Id]) -> QueryResult<Vec<ReservationRow>> {
    let copies: Vec<Option<Id>> = copies.iter().copied().map(Some).collect();
    reservations::table
        .filter(reservations::copy_id.eq_any(copies))
        .filter(reservations::status.among(ReservationStatus::RESERVED))
        .order((reservations::starts_on, reservations::id))
        .select(ReservationRow::as_select())
        .load(conn)
}

/// The open reservations and loans of a household, or of an organisation and its professionals; and the data key of the
/// household.
pub(super) fn of_borrower(
    conn: &mut AnyConn,
    service: Id,
    household: Option<Id>,
    organisation: Option<Id>,
) -> QueryResult<(Vec<ReservationRow>, Vec<WrappedKey>)> {
    use ReservationStatus::{Confirmed, OnLoan, Proposed, Requested, Waiting};
    // In SQL, NULL equals nothing: a professional without an organisation has no open reservation here.
    let theirs = reservations::household_id.eq(household).or(reservations::organisation_id.eq(organisation));
    together!(
        conn,
        reservations::table
            .filter(reservations::service_id.eq(service))
            .filter(reservations::status.among(&[Requested, Waiting, Proposed, Confirmed, OnLoan]))
            .filter(theirs)
            .select(columns::<ReservationRow>())
            => ReservationRow,
        wrapped_keys!().filter(data_keys::holder_id.among(household.as_slice())) => WrappedKey,
    )
}

/// What several reservations have in other tables.
#[derive(Default)]
pub(in crate::lending) struct Related {
    /// The French title of each kit, and its own length of a loan.
    pub(in crate::lending) kits: HashMap<Id, (String, Option<i32>)>,
    /// The copies.
    pub(in crate::lending) copies: HashMap<Id, CopyRow>,
    /// The current loans of the copies.
    pub(in crate::lending) loans: HashMap<Id, ReservationRow>,
    /// The queues of the kits, in order: kit, reservation, last day of the wait. Empty if none of the reservations waits or is a loan.
    pub(in crate::lending) waiting: Vec<(Id, Id, Option<NaiveDate>)>,
    /// The data keys of the owners.
    pub(in crate::lending) keys: Vec<WrappedKey>,
}

/// What several reservations have in other tables, and the data keys of some owners.
pub(in crate::lending) fn related(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    rows: &[ReservationRow],
    owners: &[Id],
) -> QueryResult<Related> {
    let of: Vec<Id> = rows.iter().map(|row| row.kit_id).collect();
    let on: Vec<Id> = rows.iter().filter_map(|row| row.copy_id).collect();
    // Who waits for a kit says where, and keeps its loans from being extended.
    let is_concerned =
        |row: &&ReservationRow| matches!(row.status, ReservationStatus::Waiting | ReservationStatus::OnLoan);
    let queued = rows.iter().filter(is_concerned);
    let queued: Vec<Id> = queued.map(|row| row.kit_id).collect();
    let (of_kits, copies, loans, waiting, keys) = together!(
        conn,
        kits::table
            .filter(kits::id.among(&of).and(kits::service_id.among(scope.ids())))
            .select((kits::id, kits::title_fr, kits::loan_days))
            => (Id, String, Option<i32>),
        kit_copies::table
            .filter(kit_copies::id.among(&on).and(kit_copies::service_id.among(scope.ids())))
            .select(columns::<CopyRow>())
            => CopyRow,
        reservations::table
            .filter(reservations::status.eq(ReservationStatus::OnLoan))
            .filter(reservations::copy_id.eq_any(on.iter().copied().map(Some)))
            .select(columns::<ReservationRow>())
            => ReservationRow,
        reservations::table
            .filter(reservations::kit_id.among(&queued).and(reservations::status.eq(ReservationStatus::Waiting)))
            .order((reservations::created_at, reservations::id))
            .select((reservations::kit_id, reservations::id, reservations::waits_until))
            => (Id, Id, Option<NaiveDate>),
        wrapped_keys!().filter(data_keys::holder_id.among(owners)) => WrappedKey,
    )?;
    Ok(Related {
        kits: of_kits.into_iter().map(|(kit, title_fr, loan_days)| (kit, (title_fr, loan_days))).collect(),
        copies: copies.into_iter().map(|row| (row.id, row)).collect(),
        loans: loans.into_iter().filter_map(|row| row.copy_id.map(|copy| (copy, row))).collect(),
        waiting,
        keys,
    })
}

/// The kits that have an expired proposal, or a reservation that has waited past `day`; each with its service.
pub(in crate::lending) fn kits_to_settle(conn: &mut AnyConn, now: UtcTs, day: NaiveDate) -> QueryResult<Vec<(Id, Id)>> {
    // The states are written out: a bound value does not match the condition of a partial index.
    let of_state = |state: &str| {
        let kits = reservations::table.select((reservations::service_id, reservations::kit_id)).distinct();
        kits.filter(sql::<Bool>(&format!("status = '{state}'")))
    };
    let expired = of_state("proposed").filter(reservations::proposal_expires_at.le(now));
    let too_late = of_state("waiting").filter(reservations::waits_until.lt(day));
    let mut kits: Vec<(Id, Id)> = expired.load(conn)?;
    kits.extend(too_late.load::<(Id, Id)>(conn)?);
    kits.sort_unstable();
    kits.dedup();
    Ok(kits)
}
