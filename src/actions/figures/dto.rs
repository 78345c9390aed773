//! Figures of the collective actions as the contract describes them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;
use crate::nomenclatures::codes::{
    ActionCancellationReason, CollectiveActionType, ComplementaryService, ParticipantType,
};
use crate::territories::CommuneCode;

/// The period.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct ActionFiguresPeriod {
    /// First day.
    #[param(example = "2026-01-01")]
    pub from: NaiveDate,
    /// Last day, included. The period is at most five years.
    #[param(example = "2026-12-31")]
    pub to: NaiveDate,
}

/// Figures of the collective actions of a service in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "from": "2026-01-01", "to": "2026-12-31",
    "read_at": "2027-01-04T08:15:00.000000Z", "definition_version": "2026.1",
    "held": 14, "participants": 161, "duration_minutes": 2310, "preparation_minutes": 2640, "travel_minutes": 890,
    "by_kind": [{
        "kind": "parent_cafe", "held": 6, "participants": 58, "duration_minutes": 720, "preparation_minutes": 900,
        "travel_minutes": 300
    }],
    "by_commune": [{"commune_code": "63300", "commune_name": "Riom", "held": 9}],
    "by_participant_type": [{"participant_type": "parent", "number": 44}],
    "by_complementary_service": [{
        "complementary_service": "childminder_awareness", "held": 4, "participants": 47, "duration_minutes": 480,
        "preparation_minutes": 480, "travel_minutes": 210
    }],
    "cancelled": 2, "by_cancellation_reason": [{"reason": "too_few_registrations", "number": 2}],
    "noted_seats": 80, "attended_seats": 68, "attendance_rate": 0.85,
    "definitions": [{
        "figure": "/held", "fr": "Actions tenues dont la date est dans la période.",
        "en": "Actions that took place on a day of the period."
    }]
}))]
pub struct ActionFigures {
    /// The service.
    pub service_id: Id,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// When the figures were read. They are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Figures of different versions are not comparable.
    pub definition_version: &'static str,
    /// Number of actions held.
    pub held: i64,
    /// Total number of participants.
    pub participants: i64,
    /// Total duration, without preparation and travel.
    pub duration_minutes: i64,
    /// Total preparation time.
    pub preparation_minutes: i64,
    /// Total travel time, both ways.
    pub travel_minutes: i64,
    /// Actions held by kind, in the order of codes. An absent kind counts zero.
    pub by_kind: Vec<ActionKindFigure>,
    /// Actions held by commune, in the order of codes. An absent commune counts zero.
    pub by_commune: Vec<ActionCommuneFigure>,
    /// Participants by type, in the order of codes. An absent type counts zero.
    pub by_participant_type: Vec<ActionParticipantFigure>,
    /// Actions held that are reserved for territories with a convention, by complementary service. Every service is
    /// listed, even with zero.
    pub by_complementary_service: Vec<ComplementaryServiceFigure>,
    /// Number of actions cancelled.
    pub cancelled: i64,
    /// Actions cancelled by reason, in the order of codes. An absent reason counts zero.
    pub by_cancellation_reason: Vec<ActionCancellationFigure>,
    /// Seats of the registrations whose attendance is recorded.
    pub noted_seats: i64,
    /// Of these, seats actually used.
    pub attended_seats: i64,
    /// Seats used divided by the seats whose attendance is recorded, to two decimals; null if there are none.
    pub attendance_rate: Option<f64>,
    /// The definition of each figure.
    pub definitions: Vec<FigureDefinition>,
}

/// Actions of a kind held in the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionKindFigure {
    /// Kind of action.
    pub kind: CollectiveActionType,
    /// Number of actions held.
    pub held: i64,
    /// Total number of participants.
    pub participants: i64,
    /// Total duration.
    pub duration_minutes: i64,
    /// Total preparation time.
    pub preparation_minutes: i64,
    /// Total travel time, both ways.
    pub travel_minutes: i64,
}

/// Actions of a complementary service held in the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComplementaryServiceFigure {
    /// The complementary service.
    pub complementary_service: ComplementaryService,
    /// Number of actions held.
    pub held: i64,
    /// Total number of participants.
    pub participants: i64,
    /// Total duration.
    pub duration_minutes: i64,
    /// Total preparation time.
    pub preparation_minutes: i64,
    /// Total travel time, both ways.
    pub travel_minutes: i64,
}

/// Actions held in a commune in the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionCommuneFigure {
    /// INSEE code of the commune.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// Number of actions held.
    pub held: i64,
}

/// Participants of a type.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionParticipantFigure {
    /// Type of participant.
    pub participant_type: ParticipantType,
    /// Number of attendances: a person who came twice counts twice.
    pub number: i64,
}

/// Actions cancelled for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionCancellationFigure {
    /// Reason.
    pub reason: ActionCancellationReason,
    /// Number of actions.
    pub number: i64,
}
