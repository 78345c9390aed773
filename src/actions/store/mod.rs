//! The SQL of collective actions.

pub mod delivered;
pub mod details;
pub mod pages;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::ActionStatus;
use crate::auth::ServiceScope;
use crate::db::schema::actions;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, row_writes};
use crate::nomenclatures::codes::{ActionCancellationReason, CollectiveActionType, InterventionPlace, ParticipantType};
use crate::territories::CommuneCode;

pub use delivered::{Delivered, Deliveries, delivered};

/// A row of `actions`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = actions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ActionRow {
    /// Identifier.
    pub id: Id,
    /// The service that the action belongs to.
    pub service_id: Id,
    /// Kind of action.
    pub kind: CollectiveActionType,
    /// Title.
    pub title: String,
    /// State.
    pub status: ActionStatus,
    /// Day on which it takes place.
    pub held_on: NaiveDate,
    /// Start time, in the local time of the service.
    pub starts_at: Option<String>,
    /// Duration without preparation and travel.
    pub duration_minutes: i32,
    /// Type of place.
    pub place: InterventionPlace,
    /// Commune where it takes place.
    pub commune_code: CommuneCode,
    /// Role of the organiser.
    pub organiser_role: ParticipantType,
    /// The organisation that organises it.
    pub organiser_id: Option<Id>,
    /// The convention under which it is delivered, for a reserved kind.
    pub convention_id: Option<Id>,
    /// Preparation time.
    pub preparation_minutes: i32,
    /// Travel time both ways.
    pub travel_minutes: i32,
    /// Number of places; none without registration.
    pub places: Option<i32>,
    /// Last day to register, if it is not the day of the action.
    pub registration_closes_on: Option<NaiveDate>,
    /// Reason of the cancellation.
    pub cancellation_reason: Option<ActionCancellationReason>,
    /// Note of the evaluation, sealed under the data key of the action.
    pub evaluation_note: Option<Vec<u8>>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
    /// The duration that was planned, while it is held.
    pub planned_duration_minutes: Option<i32>,
    /// The preparation time that was planned, while it is held.
    pub planned_preparation_minutes: Option<i32>,
    /// The travel time that was planned, while it is held.
    pub planned_travel_minutes: Option<i32>,
}

crate::versioned!(ActionRow);

impl ActionRow {
    /// The last day to register.
    pub fn registration_ends_on(&self) -> NaiveDate {
        self.registration_closes_on.unwrap_or(self.held_on)
    }
}

type Boxed<'a> = actions::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    actions::table.filter(actions::service_id.among(scope.ids())).into_boxed()
}

row_writes!(actions: ActionRow => pub(super) update, pub(super) delete);

/// An action of the scope.
pub fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ActionRow> {
    visible(scope).filter(actions::id.eq(id)).select(ActionRow::as_select()).get_result(conn)
}

/// The action with this identifier in one service.
pub fn find(conn: &mut AnyConn, service: Id, id: Id) -> QueryResult<Option<ActionRow>> {
    get(conn, &ServiceScope::one(service), id).optional()
}
