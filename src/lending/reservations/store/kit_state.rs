//! The SQL of what every decision about a kit reads first, in one round trip.

use diesel::prelude::*;

use super::ReservationRow;
use crate::db::schema::{kit_audiences, kits, reservations, service_departements, services};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, together};
use crate::lending::catalogue::store::KitRow;
use crate::lending::reservations::model::ReservationStatus;
use crate::lending::settings::store::{self as rules, ClosingRow, Columns, SettingsRow, closings_of, settings_of};
use crate::nomenclatures::codes::KitAudience;
use crate::services::model::Settings;
use crate::services::ops::ServiceRow;
use crate::services::store as of_services;
use crate::territories::DepartementCode;

/// A kit of a service, its service, and its queue.
pub(in crate::lending) struct KitState {
    /// The lending settings of the service.
    pub(in crate::lending) rules: Vec<SettingsRow>,
    /// The settings of the service; empty if there is no such service.
    pub(in crate::lending) settings: Vec<Settings>,
    /// The kit; none if the service has no such kit.
    pub(in crate::lending) kit: Option<KitRow>,
    /// The audiences of the kit.
    pub(in crate::lending) audiences: Vec<KitAudience>,
    /// The queue of the kit, in order.
    pub(in crate::lending) waiting: Vec<ReservationRow>,
    /// The proposals of the kit that have expired and still hold a copy.
    pub(in crate::lending) expired: Vec<ReservationRow>,
}

/// The state of a kit.
pub(in crate::lending) fn kit_state(conn: &mut AnyConn, service: Id, kit: Id, now: UtcTs) -> QueryResult<KitState> {
    use ReservationStatus::{Proposed, Waiting};
    let of = [service];
    let ended = reservations::status.eq(Proposed).and(reservations::proposal_expires_at.le(now));
    let (rows, closings, own, departements, groups, kits, audiences, pending) = together!(
        conn,
        settings_of!(&of) => Columns,
        closings_of!(&of) => ClosingRow,
        services::table.filter(services::id.eq(service)).select(columns::<ServiceRow>()) => ServiceRow,
        service_departements::table
            .filter(service_departements::service_id.eq(service))
            .order((service_departements::service_id, service_departements::departement_code))
            .select((service_departements::service_id, service_departements::departement_code))
            => (Id, DepartementCode),
        of_services::groups_of!(&of) => of_services::GroupRow,
        kits::table
            .filter(kits::id.eq(kit).and(kits::service_id.eq(service)))
            .select(columns::<KitRow>())
            => KitRow,
        kit_audiences::table
            .filter(kit_audiences::kit_id.eq(kit))
            .order(kit_audiences::audience)
            .select(kit_audiences::audience)
            => KitAudience,
        reservations::table
            .filter(reservations::kit_id.eq(kit).and(reservations::service_id.eq(service)))
            .filter(reservations::status.eq(Waiting).or(ended.assume_not_null()))
            .order((reservations::created_at, reservations::id))
            .select(columns::<ReservationRow>())
            => ReservationRow,
    )?;
    let (waiting, expired) = pending.into_iter().partition(|row| row.status == Waiting);
    Ok(KitState {
        rules: rules::assembled(&of, rows, &closings),
        settings: of_services::assembled(own, departements, groups),
        kit: kits.into_iter().next(),
        audiences,
        waiting,
        expired,
    })
}
