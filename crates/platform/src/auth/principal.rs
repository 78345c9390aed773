//! Principals: the authenticated callers, and their permissions per service.

use std::fmt;
use std::str::FromStr;

use super::permission::{Permission, Permissions};
use passerelle_base::networks::Networks;
use passerelle_base::values::Id;
use passerelle_reference::territories::TerritoryKey;

/// A user or an API client, as written in tokens, authors and logs: `user:…`, `client:…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalId {
    /// A person.
    User(Id),
    /// A program or an institution.
    Client(Id),
    /// The command line and the demonstration, on the machine itself.
    Local,
}

impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Client(id) => write!(f, "client:{id}"),
            Self::Local => f.write_str("local"),
        }
    }
}

impl FromStr for PrincipalId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map(Self::User).map_err(drop),
            Some(("client", id)) => id.parse().map(Self::Client).map_err(drop),
            _ => Err(()),
        }
    }
}

/// An authenticated caller.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Their identifier.
    pub id: PrincipalId,
    /// The name of a user, for what they are shown. `None` for a client.
    pub display_name: Option<String>,
    /// Permissions per service.
    pub grants: Vec<(Id, Permissions)>,
    /// Permissions in every service: an administrator's.
    pub everywhere: Permissions,
    /// The networks that a client may call from; `None` allows any.
    pub networks: Option<Networks>,
    /// Whether it is a user with power over accounts, an administrator or a manager, who has no second factor.
    pub lacks_second_factor: bool,
    /// The territory of the partner institution, if the client belongs to one: it reads only the partner's own data.
    pub partner: Option<TerritoryKey>,
}

impl Principal {
    /// The services in which the principal holds a permission.
    pub fn scope_of(&self, permission: Permission) -> ServiceScope {
        if self.everywhere.contains(permission) {
            return ServiceScope::All;
        }
        let held = self.grants.iter().filter(|(_, permissions)| permissions.contains(permission));
        ServiceScope::Only(held.map(|(service, _)| *service).collect())
    }

    /// The services in which a role or the rights of a client give a permission, without the permissions held
    /// everywhere.
    pub fn services_with(&self, permission: Permission) -> Vec<Id> {
        let held = self.grants.iter().filter(|(_, permissions)| permissions.contains(permission));
        held.map(|(service, _)| *service).collect()
    }

    /// The permissions held in at least one service.
    pub fn permissions(&self) -> Permissions {
        self.grants.iter().flat_map(|(_, permissions)| permissions.iter()).chain(self.everywhere.iter()).collect()
    }
}

/// The services that the caller may see. Every query of tenant data has it in its SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceScope {
    /// Every service: an administrator, for settings and accounts only.
    All,
    /// These services.
    Only(Vec<Id>),
}

impl ServiceScope {
    /// One service.
    pub fn one(service: Id) -> Self {
        Self::Only(vec![service])
    }

    /// Whether the scope is empty: the permission is not held in any service.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Only(services) if services.is_empty())
    }

    /// Whether a service is in the scope.
    pub fn contains(&self, service: Id) -> bool {
        match self {
            Self::All => true,
            Self::Only(services) => services.contains(&service),
        }
    }

    /// The services of the scope, for a query of tenant data. `All` returns none: an administrator, who may see the
    /// settings of every service, may not see its children.
    pub fn ids(&self) -> &[Id] {
        match self {
            Self::All => &[],
            Self::Only(services) => services,
        }
    }

    /// The services of the scope, each as a scope of its own: a list reads each in its order and merges them. One scope,
    /// the whole, if there are too many to merge.
    pub fn services(&self) -> Vec<Self> {
        /// Beyond it, planning a query per service takes longer than sorting.
        const MOST: usize = 64;
        match self.ids() {
            ids if (2..=MOST).contains(&ids.len()) => ids.iter().map(|id| Self::one(*id)).collect(),
            _ => vec![self.clone()],
        }
    }

    /// The scope reduced to one service; empty if that service is outside it.
    #[must_use]
    pub fn within(&self, service: Option<Id>) -> Self {
        match service {
            None => self.clone(),
            Some(service) if self.contains(service) => Self::one(service),
            Some(_) => Self::Only(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::auth::principal::*;
    use crate::auth::{Role, administrator_permissions};

    fn id(n: u128) -> Id {
        uuid::Uuid::from_u128(n).into()
    }

    #[test]
    fn a_permission_counts_in_its_own_service_only() {
        let principal = Principal {
            id: PrincipalId::User(id(9)),
            display_name: None,
            grants: vec![(id(1), Role::Manager.permissions()), (id(2), Role::Professional.permissions())],
            everywhere: Permissions::default(),
            networks: None,
            lacks_second_factor: false,
            partner: None,
        };
        assert_eq!(principal.scope_of(Permission::ServicesWrite), ServiceScope::one(id(1)));
        assert_eq!(principal.scope_of(Permission::CasesRead), ServiceScope::Only(vec![id(1), id(2)]));
    }

    #[test]
    fn the_scope_of_all_services_has_no_tenant_data() {
        let everywhere = administrator_permissions();
        let principal = Principal {
            id: PrincipalId::User(id(9)),
            display_name: None,
            grants: vec![],
            everywhere,
            networks: None,
            lacks_second_factor: false,
            partner: None,
        };
        assert!(principal.scope_of(Permission::ServicesRead).contains(id(5)));
        assert!(principal.scope_of(Permission::ReferralsRead).is_empty());
        assert!(ServiceScope::All.ids().is_empty());
    }
}
