//! Whose entries the agenda reads, and of which days.

use chrono::NaiveDate;
use diesel::connection::Connection;

use crate::auth::ServiceScope;
use crate::db::{AnyConn, Id};

/// A boxed query of a table or a join.
pub(super) type Boxed<'a, T> = diesel::helper_types::IntoBoxed<'a, T, <AnyConn as Connection>::Backend>;

/// Whose entries are read: the services in which the caller may read each kind, empty for a kind that is not requested.
#[derive(Clone, Debug)]
pub(in crate::agenda) struct Scopes {
    pub(in crate::agenda) appointments: ServiceScope,
    /// Only the appointments of this user, and what is due of their cases and of the cases without a team.
    pub(in crate::agenda) of_user: Option<Id>,
    pub(in crate::agenda) follow_ups: ServiceScope,
    pub(in crate::agenda) procedures: ServiceScope,
    pub(in crate::agenda) expiries: ServiceScope,
    pub(in crate::agenda) resumptions: ServiceScope,
    pub(in crate::agenda) starts: ServiceScope,
    pub(in crate::agenda) reviews: ServiceScope,
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

/// Before every recorded day.
pub(super) fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default()
}

/// Whether a user is in the team of a case, or nobody is.
macro_rules! accompanied_by {
    ($user:expr) => {{
        let team =
            || case_members::table.filter(case_members::case_id.eq(cases::id).and(case_members::ends_on.is_null()));
        exists(team().filter(case_members::user_id.eq($user))).or(not(exists(team())))
    }};
}

pub(super) use accompanied_by;
