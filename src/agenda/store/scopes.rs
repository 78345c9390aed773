//! Whose entries the agenda has, and of which days.

use chrono::NaiveDate;
use diesel::Connection;

use crate::auth::ServiceScope;
use crate::db::{AnyConn, Id};

/// Whose entries are read: the services in which the caller may read each kind, empty for a kind that is not requested.
#[derive(Clone, Debug)]
pub(in crate::agenda) struct Scopes {
    pub(in crate::agenda) appointments: ServiceScope,
    /// Only the appointments of this user, and the follow-ups of their cases and of the cases without a team.
    pub(in crate::agenda) of_user: Option<Id>,
    pub(in crate::agenda) follow_ups: ServiceScope,
    pub(in crate::agenda) procedures: ServiceScope,
    pub(in crate::agenda) expiries: ServiceScope,
    pub(in crate::agenda) resumptions: ServiceScope,
    pub(in crate::agenda) actions: ServiceScope,
    pub(in crate::agenda) loans: ServiceScope,
    pub(in crate::agenda) children: ServiceScope,
    pub(in crate::agenda) conventions: ServiceScope,
}

/// Which days.
#[derive(Clone, Debug)]
pub(in crate::agenda) struct Days {
    pub(in crate::agenda) from: NaiveDate,
    pub(in crate::agenda) to: NaiveDate,
    /// Whether what is open and earlier is read too.
    pub(in crate::agenda) overdue: bool,
}

impl Days {
    /// The first day of what is only read while it is open.
    pub(super) fn first(&self) -> NaiveDate {
        if self.overdue { first_day() } else { self.from }
    }
}

pub(super) type Boxed<'a, T> = diesel::helper_types::IntoBoxed<'a, T, <AnyConn as Connection>::Backend>;

/// Before every recorded day.
pub(super) fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default()
}
