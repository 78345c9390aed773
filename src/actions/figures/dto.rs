//! Figures of the collective actions in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;
use crate::http::page::QueryParams;
use crate::nomenclatures::codes::{
    ActionCancellationReason, CollectiveActionType, ComplementaryService, ParticipantType,
};
use crate::territories::CommuneCode;

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ActionFiguresPeriod {
    /// First day.
    #[param(example = "2026-01-01")]
    pub from: NaiveDate,
    /// Last day, included. At most five years after the first.
    #[param(example = "2026-12-31")]
    pub to: NaiveDate,
}

impl QueryParams for ActionFiguresPeriod {}

/// The collective actions of a service in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "from": "2026-01-01", "to": "2026-12-31",
    "read_at": "2027-01-04T08:15:00.000000Z", "definition_version": "2026.1",
    "held": 14, "participants": 161, "duration_minutes": 2310, "preparation_minutes": 2640, "travel_minutes": 890,
    "by_kind": [{
        "kind": "parent_cafe", "held": 6, "participants": 58, "duration_minutes": 720, "preparation_minutes": 900,
        "travel_minutes": 300
    }],
    "by_commune": [{"commune_code": "63300", "held": 9}],
    "by_participant_type": [{"participant_type": "parent", "number": 44}],
    "by_complementary_service": [{
        "complementary_service": "childminder_awareness", "held": 4, "participants": 47, "duration_minutes": 480,
        "preparation_minutes": 480, "travel_minutes": 210
    }],
    "cancelled": 2, "by_cancellation_reason": [{"reason": "too_few_registrations", "number": 2}],
    "noted_seats": 80, "attended_seats": 68, "attendance_rate": 0.85,
    "definitions": [{
        "figure": "/held", "fr": "Actions qui ont eu lieu, dont le jour est dans la période.",
        "en": "Actions that took place, whose day is in the period."
    }]
}))]
pub struct ActionFigures {
    /// The service.
    pub service_id: Id,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// When it was read: the figures are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Figures of two versions are not compared.
    pub definition_version: &'static str,
    /// Actions that took place.
    pub held: i64,
    /// Who came, added up.
    pub participants: i64,
    /// How long they lasted, without preparation and travel.
    pub duration_minutes: i64,
    /// Their preparation.
    pub preparation_minutes: i64,
    /// Travel there and back.
    pub travel_minutes: i64,
    /// Held ones by kind, in code order; a kind that is absent counts zero.
    pub by_kind: Vec<ActionKindFigure>,
    /// Held ones by commune, by code; one that is absent counts zero.
    pub by_commune: Vec<ActionCommuneFigure>,
    /// Who came, by kind of participant, in code order; a kind that is absent counts zero.
    pub by_participant_type: Vec<ActionParticipantFigure>,
    /// Held ones that are reserved for territories with a convention, by complementary service: every one, zero included.
    pub by_complementary_service: Vec<ComplementaryServiceFigure>,
    /// Actions that were cancelled.
    pub cancelled: i64,
    /// Cancelled ones by reason, in code order; a reason that is absent counts zero.
    pub by_cancellation_reason: Vec<ActionCancellationFigure>,
    /// Seats of the registrations whose attendance is noted.
    pub noted_seats: i64,
    /// Seats of them that were taken.
    pub attended_seats: i64,
    /// Seats taken of those noted, to two decimals; null when attendance is noted of none.
    #[schema(required = true)]
    pub attendance_rate: Option<f64>,
    /// What each figure counts.
    pub definitions: Vec<FigureDefinition>,
}

/// The held actions of a kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionKindFigure {
    /// What they are.
    pub kind: CollectiveActionType,
    /// How many took place.
    pub held: i64,
    /// Who came, added up.
    pub participants: i64,
    /// How long they lasted.
    pub duration_minutes: i64,
    /// Their preparation.
    pub preparation_minutes: i64,
    /// Travel there and back.
    pub travel_minutes: i64,
}

/// The held actions of a complementary service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComplementaryServiceFigure {
    /// The complementary service.
    pub complementary_service: ComplementaryService,
    /// How many took place.
    pub held: i64,
    /// Who came, added up.
    pub participants: i64,
    /// How long they lasted.
    pub duration_minutes: i64,
    /// Their preparation.
    pub preparation_minutes: i64,
    /// Travel there and back.
    pub travel_minutes: i64,
}

/// The held actions in a commune.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionCommuneFigure {
    /// INSEE code of the commune.
    pub commune_code: CommuneCode,
    /// How many took place.
    pub held: i64,
}

/// The participants of a kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionParticipantFigure {
    /// What they are.
    pub participant_type: ParticipantType,
    /// How many came: someone who came twice counts twice.
    pub number: i64,
}

/// The actions that were cancelled for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionCancellationFigure {
    /// Why.
    pub reason: ActionCancellationReason,
    /// How many.
    pub number: i64,
}
