//! Who calls, and in which services they hold which permissions.

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
    /// Who.
    pub id: PrincipalId,
    /// Permissions by service.
    pub grants: Vec<(Id, Permissions)>,
    /// Permissions in every service: an administrator's.
    pub everywhere: Permissions,
    /// The addresses that a client may call from; any when absent.
    pub networks: Option<Networks>,
    /// The territory of the partner institution whose client it is, when it is one: what is its own and nobody else's is
    /// kept to it.
    pub partner: Option<TerritoryKey>,
}

impl Principal {
    /// The services in which this principal holds a permission.
    pub fn scope_of(&self, permission: Permission) -> ServiceScope {
        if self.everywhere.contains(permission) {
            return ServiceScope::All;
        }
        let held = self.grants.iter().filter(|(_, permissions)| permissions.contains(permission));
        ServiceScope::Only(held.map(|(service, _)| *service).collect())
    }

    /// The services in which a role or a client's rights give a permission, whatever is held everywhere.
    pub fn services_with(&self, permission: Permission) -> Vec<Id> {
        let held = self.grants.iter().filter(|(_, permissions)| permissions.contains(permission));
        held.map(|(service, _)| *service).collect()
    }

    /// Every permission held somewhere.
    pub fn permissions(&self) -> Permissions {
        self.grants.iter().flat_map(|(_, permissions)| permissions.iter()).chain(self.everywhere.iter()).collect()
    }
}

/// The services that a call may see. Every query of tenant data takes it and puts it in the SQL.
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

    /// No service at all: the permission is not held.
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

    /// The services of the scope for a query of tenant data. `All` names none: whoever may see every
    /// service's settings may see no service's children.
    pub fn ids(&self) -> &[Id] {
        match self {
            Self::All => &[],
            Self::Only(services) => services,
        }
    }

    /// The scope cut down to one service; empty when that service is outside it.
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
            grants: vec![(id(1), Role::Manager.permissions()), (id(2), Role::Professional.permissions())],
            everywhere: Permissions::default(),
            networks: None,
            partner: None,
        };
        assert_eq!(principal.scope_of(Permission::ServicesWrite), ServiceScope::one(id(1)));
        assert_eq!(principal.scope_of(Permission::CasesRead), ServiceScope::Only(vec![id(1), id(2)]));
    }

    #[test]
    fn every_service_names_no_tenant_data() {
        let everywhere = administrator_permissions();
        let principal =
            Principal { id: PrincipalId::User(id(9)), grants: vec![], everywhere, networks: None, partner: None };
        assert!(principal.scope_of(Permission::ServicesRead).contains(id(5)));
        assert!(principal.scope_of(Permission::ReferralsRead).is_empty());
        assert!(ServiceScope::All.ids().is_empty());
    }
}
