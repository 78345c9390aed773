//! The scope of a connection: whose rows PostgreSQL shows it.
//!
//! It is the second wall between services. The first is in the stores, whose queries name the services of the caller. If
//! one forgets them, row-level security still hides the rows of other services.

use std::fmt;

use passerelle_base::values::Id;

/// The setting of a session or of a transaction that the policies read.
pub(crate) const SETTING: &str = "passerelle.scope";

/// The beginning of the element that names a person in a scope. No service has such an identifier.
pub(crate) const PERSON: &str = "user:";

/// The service of the sandbox: the same on every deployment.
pub const SANDBOX: &str = "00000000-0000-8000-8000-73616e64626f";

/// The rows that a use of the database may see. On SQLite, which has no policies, it has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbScope(String);

impl DbScope {
    /// The rows of some services.
    pub fn services(services: &[Id]) -> Self {
        Self(joined(services, ","))
    }

    /// What a partner institution may read of some services: see [`PARTNER_READS`].
    pub fn partner(services: &[Id]) -> Self {
        // Another separator: the policies of other tables find no service in it.
        Self(format!("{PARTNER};{}", joined(services, ";")))
    }

    /// What an administrator may see of every service, and the rows of the services in which they hold a role.
    pub fn administration(services: &[Id]) -> Self {
        let named = Self::from(SystemScope::Administration);
        if services.is_empty() { named } else { Self(format!("{},{}", named.0, joined(services, ","))) }
    }

    /// The same rows, and those that were told to a person.
    #[must_use]
    pub fn with_person(self, person: Id) -> Self {
        Self(format!("{},{PERSON}{person}", self.0))
    }

    /// Whether no table with policies is used: the scope of the session does not matter.
    pub(crate) fn is_of_deployment(&self) -> bool {
        *self == Self::from(SystemScope::Deployment)
    }

    /// The statement that gives a session this scope. The text needs no escapes: it has identifiers and our own words.
    pub(crate) fn set(&self) -> String {
        format!("SET {SETTING} = '{}'", self.0)
    }

    /// [`Self::set`] until the end of the transaction.
    pub(crate) fn set_local(&self) -> String {
        format!("SET LOCAL {SETTING} = '{}'", self.0)
    }

    /// The value of the setting.
    #[cfg(test)]
    fn as_str(&self) -> &str {
        &self.0
    }
}

fn joined(services: &[Id], separator: &str) -> String {
    let services: Vec<&str> = services.iter().map(Id::as_str).collect();
    services.join(separator)
}

impl From<SystemScope> for DbScope {
    fn from(scope: SystemScope) -> Self {
        Self(scope.to_string())
    }
}

/// What the program itself may see, by what it is doing: a task that belongs to no service, or to every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemScope {
    /// The command line and the demonstration, on the machine itself: every row.
    Operator,
    /// What belongs to no service: keys of tokens, revocations, passwords, expired rows, readiness. The tables have no
    /// policies, so a single statement is sent whatever the scope of the session is.
    Deployment,
    /// Signing in, and the rights of a caller.
    SignIn,
    /// Accepting an invitation, and a new password.
    Invitation,
    /// An administrator of the deployment: settings and accounts of every service.
    Administration,
    /// Adding links to the audit journal and comparing it with its heads.
    Journal,
    /// Numbering the changes of the feed.
    Feed,
    /// Finding the services and the kits that have work for the background jobs. The work runs in the scope of its service.
    Jobs,
    /// Releases that everybody may read.
    OpenData,
    /// Answering a questionnaire with the token of its invitation.
    Survey,
    /// Reading a calendar of kits by its secret URL.
    Calendar,
}

/// The tables of services that a scope sees: all rows of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// Every table.
    Every,
    /// These tables, and the tables of their parts.
    Only(&'static [&'static str]),
}

impl Tables {
    /// Whether a table is one of them.
    pub fn contain(self, table: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Only(tables) => tables.contains(&table),
        }
    }
}

/// What an administrator of the deployment reads and writes in every service.
const ADMINISTERED: &[&str] = &[
    "services",
    "service_departements",
    "service_childcare_groups",
    "positions",
    "memberships",
    "invitations",
    "client_services",
    "changes",
];

impl SystemScope {
    /// Every scope.
    pub const ALL: [Self; 11] = [
        Self::Operator,
        Self::Deployment,
        Self::SignIn,
        Self::Invitation,
        Self::Administration,
        Self::Journal,
        Self::Feed,
        Self::Jobs,
        Self::OpenData,
        Self::Survey,
        Self::Calendar,
    ];

    /// The tables of services whose rows it reads.
    pub fn reads(self) -> Tables {
        Tables::Only(match self {
            Self::Operator => return Tables::Every,
            Self::Deployment => &[],
            Self::SignIn => &["memberships", "client_services"],
            Self::Invitation => &["services", "memberships", "invitations", "client_services"],
            Self::Administration => ADMINISTERED,
            Self::Journal => &["services"],
            Self::Feed => &["changes"],
            Self::Jobs => &["services", "reservations", "statistics_builds"],
            Self::OpenData => &["services", "statistics_releases"],
            Self::Survey => &["services", "surveys"],
            Self::Calendar => {
                &["services", "kit_settings", "kit_closings", "kit_calendars", "kits", "kit_copies", "reservations"]
            }
        })
    }

    /// The tables of services whose rows it also writes.
    pub fn writes(self) -> Tables {
        Tables::Only(match self {
            Self::Operator => return Tables::Every,
            Self::Invitation => &["memberships", "invitations"],
            Self::Administration => ADMINISTERED,
            Self::Feed => &["changes"],
            Self::Survey => &["survey_tokens", "survey_counts"],
            Self::Deployment | Self::SignIn | Self::Journal | Self::Jobs | Self::OpenData | Self::Calendar => &[],
        })
    }
}

impl fmt::Display for SystemScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Operator => "@operator",
            Self::Deployment => "@deployment",
            Self::SignIn => "@sign_in",
            Self::Invitation => "@invitation",
            Self::Administration => "@administration",
            Self::Journal => "@journal",
            Self::Feed => "@feed",
            Self::Jobs => "@jobs",
            Self::OpenData => "@open_data",
            Self::Survey => "@survey",
            Self::Calendar => "@calendar",
        })
    }
}

/// The name of the scope of partner institutions, before their services.
pub(crate) const PARTNER: &str = "@partner";

/// The tables whose rows a partner institution reads, in the services of its client. It writes none.
pub const PARTNER_READS: &[&str] = &[
    "services",
    "service_departements",
    "service_childcare_groups",
    "positions",
    "conventions",
    "convention_years",
    "contributions",
    "instalments",
    "payments",
    "actions",
    "statistics_releases",
];

#[cfg(test)]
mod tests {
    use crate::scope::*;

    fn id(n: u8) -> Id {
        format!("00000000-0000-0000-0000-0000000000{n:02}").parse().unwrap()
    }

    #[test]
    fn a_scope_is_a_text_without_quotes() {
        let (one, two) = (id(1), id(2));
        assert_eq!(DbScope::services(&[one, two]).as_str(), format!("{one},{two}"));
        assert_eq!(DbScope::services(&[]).as_str(), "");
        assert_eq!(DbScope::partner(&[one, two]).as_str(), format!("@partner;{one};{two}"));
        assert_eq!(DbScope::administration(&[]).as_str(), "@administration");
        assert_eq!(DbScope::administration(&[one]).as_str(), format!("@administration,{one}"));
        for scope in SystemScope::ALL {
            let scope = DbScope::from(scope);
            assert!(scope.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || b"@_".contains(&byte)));
        }
    }

    #[test]
    fn what_a_scope_writes_it_also_reads() {
        for scope in SystemScope::ALL {
            let Tables::Only(written) = scope.writes() else { continue };
            for table in written.iter().filter(|table| !table.starts_with("survey_")) {
                assert!(scope.reads().contain(table), "{scope} {table}");
            }
        }
    }
}
