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
    pub(in crate::agenda) whose: Whose,
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
    pub(in crate::agenda) absences: ServiceScope,
}

/// Whose appointments, absences and cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agenda) enum Whose {
    /// Everybody's.
    Everybody,
    /// Those of the caller, and the cases without a team: somebody has to look after them.
    Mine(Id),
    /// Those of a colleague.
    Theirs(Id),
}

impl Whose {
    /// The person, unless it is everybody.
    pub(super) fn person(self) -> Option<Id> {
        match self {
            Self::Everybody => None,
            Self::Mine(person) | Self::Theirs(person) => Some(person),
        }
    }
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

/// The rows of a boxed query, which has the table of cases, whose case is [`Whose`].
macro_rules! of_team {
    ($query:expr, $whose:expr) => {{
        let query = $query;
        let team =
            || case_members::table.filter(case_members::case_id.eq(cases::id).and(case_members::ends_on.is_null()));
        match $whose {
            Whose::Everybody => query,
            Whose::Mine(person) => {
                query.filter(exists(team().filter(case_members::user_id.eq(person))).or(not(exists(team()))))
            }
            Whose::Theirs(person) => query.filter(exists(team().filter(case_members::user_id.eq(person)))),
        }
    }};
}

/// The columns that a kind of entry shows: a constant tuple, which is its own type.
macro_rules! columns_of {
    ($(#[$about:meta])* $name:ident = $($column:path),+ $(,)?) => {
        $(#[$about])*
        pub(super) const $name: ($($column,)+) = ($($column,)+);
    };
}

pub(super) use {columns_of, of_team};
