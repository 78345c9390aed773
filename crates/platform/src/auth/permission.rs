//! Permissions and the roles that are named sets of them.

use passerelle_base::text_enum;

macro_rules! permissions {
    ($($name:ident = $text:literal, $meaning:literal;)+) => {
        text_enum! {
            /// Permission of a principal in a service. Most operations require one.
            pub enum Permission { $(#[doc = $meaning] $name = $text),+ }
        }

        impl Permission {
            /// The description of the OAuth scope in the contract.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),+ }
            }
        }

        /// A permission as a type, for the signature of a handler: `Can<ReferralsRead>`.
        pub trait Grant {
            /// The permission.
            const PERMISSION: Permission;
        }

        /// The permissions as types.
        pub mod grants {
            $(
                #[doc = $meaning]
                #[derive(Debug)]
                pub struct $name;
                impl super::Grant for $name {
                    const PERMISSION: super::Permission = super::Permission::$name;
                }
            )+
        }
    };
}

permissions! {
    ServicesRead = "services:read", "Read a service and its settings.";
    ServicesWrite = "services:write", "Change a service's settings and its positions.";
    AccountsWrite = "accounts:write", "Invite users and create API clients.";
    OrganisationsRead = "organisations:read", "Read the directory of organisations and resource people.";
    OrganisationsWrite = "organisations:write", "Change the directory of organisations and resource people.";
    HouseholdsRead = "households:read", "Read households, children and contacts.";
    HouseholdsWrite = "households:write", "Change households, children and contacts.";
    ReferralsRead = "referrals:read", "Read referrals.";
    ReferralsWrite = "referrals:write", "Record and correct referrals.";
    ReferralsDecide = "referrals:decide", "Qualify, accept, put on the waiting list, decline, redirect, withdraw, reopen and annul referrals.";
    CasesRead = "cases:read", "Read cases, their steps, interventions and placements.";
    CasesWrite = "cases:write", "Record steps, interventions and placements, and correct and remove one's own; close and reopen cases.";
    CasesCorrect = "cases:correct", "Correct and remove the steps, interventions and placements that others recorded; correct the dates, the outcome and the commune of a case.";
    CatalogueRead = "catalogue:read", "Read the catalogue of kits, their availability and the lending rules. No personal data.";
    KitsWrite = "kits:write", "Change the kits, their content and copies, and the lending rules.";
    ReservationsRequest = "reservations:request", "Request a kit: check the obstacles to a reservation, and request it.";
    ReservationsRead = "reservations:read", "Read reservations, loans, the queue, and the defects of the copies.";
    ReservationsWrite = "reservations:write", "Confirm, hand out, take back, move and end reservations; check the copies.";
    ConventionsRead = "conventions:read", "Read conventions, their contributions and complementary services, the funding of a year, and the covered communes.";
    ConventionsWrite = "conventions:write", "Record and decide on conventions, contributions, payments, funding and boundary changes.";
    StatementsRead = "statements:read", "Read the yearly statements of conventions. The client of a partner reads only the partner's own.";
    ActionsRead = "actions:read", "Read collective actions, their registrations and figures.";
    ActionsWrite = "actions:write", "Plan, correct, hold and cancel collective actions; register for them.";
    ReferentsRead = "referents:read", "Read the network of referents, its figures, and the results of questionnaires with at least five answers.";
    ReferentsWrite = "referents:write", "Record referents, their training and charter; create questionnaires and their tokens.";
    ActivityRead = "activity:read", "Read the live activity figures of a service. For its own staff.";
    StatisticsRead = "statistics:read", "Read the published statistics, their specification and their disclosure-control rules.";
    StatisticsManage = "statistics:manage", "Define the statistics and their disclosure control; prepare and sign releases.";
    ChangesRead = "changes:read", "Read the change feed of the objects that the other permissions allow to read.";
    AuditRead = "audit:read", "Read the audit journal: who read and changed what.";
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u64);

impl Permissions {
    /// Whether the set holds a permission.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    /// The permissions that the set has and another has not.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The permissions that both sets have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the set holds no permission.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The permissions of the set, in the order of the contract.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }

    /// Reads a space-separated list, as in an OAuth scope; the first unknown word is the error.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split_whitespace().map(str::parse).collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |set, permission| set | 1 << permission as u32))
    }
}

impl std::fmt::Display for Permissions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.iter().map(|permission| permission.to_string()).collect::<Vec<_>>().join(" "))
    }
}

text_enum! {
    /// Role of a user in one service. (An administrator belongs to the deployment, not to a service.)
    pub enum Role {
        /// Manages intake and cases; decides on referrals; corrects what others recorded.
        Coordinator = "coordinator",
        /// Works on cases, as a psychologist or an educator does. Records referrals but does not decide on them. Corrects what
        /// they recorded themselves.
        Professional = "professional",
        /// A coordinator who also manages the settings and accounts of the service.
        Manager = "manager",
    }
}

impl Role {
    /// The permissions of the role in its service.
    pub fn permissions(self) -> Permissions {
        use Permission as P;
        let professional = [
            P::ServicesRead,
            P::OrganisationsRead,
            P::OrganisationsWrite,
            P::HouseholdsRead,
            P::HouseholdsWrite,
            P::ReferralsRead,
            P::ReferralsWrite,
            P::CasesRead,
            P::CasesWrite,
            P::CatalogueRead,
            P::ReservationsRequest,
            P::ReservationsRead,
            P::ReservationsWrite,
            P::ConventionsRead,
            P::StatementsRead,
            P::ActionsRead,
            P::ActionsWrite,
            P::ReferentsRead,
            P::ReferentsWrite,
            P::ActivityRead,
            P::StatisticsRead,
            P::ChangesRead,
        ];
        let more: &[P] = match self {
            Self::Professional => &[],
            Self::Coordinator => &[P::ReferralsDecide, P::CasesCorrect, P::KitsWrite, P::ConventionsWrite],
            Self::Manager => &[
                P::ReferralsDecide,
                P::CasesCorrect,
                P::KitsWrite,
                P::ConventionsWrite,
                P::ServicesWrite,
                P::AccountsWrite,
                P::StatisticsManage,
                P::AuditRead,
            ],
        };
        professional.iter().chain(more).copied().collect()
    }
}

/// The permissions of an administrator of the deployment: the accounts and settings of every service, the journal of
/// the deployment itself, and nothing about any child.
pub fn administrator_permissions() -> Permissions {
    use Permission as P;
    [P::ServicesRead, P::ServicesWrite, P::AccountsWrite, P::AuditRead].into_iter().collect()
}

/// The permissions that an API client may have: all but the management of accounts, which is for people.
pub fn client_permissions() -> Permissions {
    Permission::ALL.iter().copied().filter(|permission| *permission != Permission::AccountsWrite).collect()
}

/// The permissions that the client of a partner institution may have: no data that names children and no live counts.
/// Institutions read the published statistics and the statement of their own convention.
pub fn partner_permissions() -> Permissions {
    [Permission::ServicesRead, Permission::StatementsRead, Permission::StatisticsRead].into_iter().collect()
}

/// The permissions on the data of a service: all but its name and settings, and what is published.
pub fn tenant_permissions() -> Permissions {
    use Permission as P;
    let apart = [P::ServicesRead, P::ServicesWrite, P::StatementsRead, P::StatisticsRead];
    Permission::ALL.iter().copied().filter(|permission| !apart.contains(permission)).collect()
}

#[cfg(test)]
mod tests {
    use crate::auth::permission::*;

    #[test]
    fn a_set_of_permissions_parses_back() {
        for role in Role::ALL {
            assert_eq!(Permissions::parse(&role.permissions().to_string()), Ok(role.permissions()));
        }
        assert!(Permissions::parse("referrals:read referrals:everything").is_err());
    }

    #[test]
    fn an_administrator_sees_no_child() {
        for permission in
            [Permission::HouseholdsRead, Permission::ReferralsRead, Permission::CasesRead, Permission::ActivityRead]
        {
            assert!(!administrator_permissions().contains(permission));
        }
    }
}
