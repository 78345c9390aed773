//! Notices: what people must learn about accounts, whoever changed them. [`crate::record`] writes them along with
//! the change.
//!
//! A notice is for a person, for the managers of a service, or for both. It holds identifiers and codes, never a name.

use passerelle_base::text_enum;
use passerelle_base::values::Id;

use crate::auth::PrincipalId;

text_enum! {
    /// What a notice is about.
    pub enum NoticeKind {
        /// A user was given another role in a service, or lost it.
        RoleChanged = "role_changed",
        /// A user was made an administrator of the deployment, or is no longer one.
        AdministratorChanged = "administrator_changed",
        /// An administrator of the deployment has a role in the service: they can see its children.
        AdministratorEntered = "administrator_entered",
        /// An administrator asks for a role in the service: it waits for a second person.
        RoleRequested = "role_requested",
        /// A user has a new password.
        PasswordChanged = "password_changed",
        /// A token to set a new password was issued for a user.
        PasswordResetIssued = "password_reset_issued",
        /// A user has a second factor.
        SecondFactorEnabled = "second_factor_enabled",
        /// A user no longer has a second factor.
        SecondFactorRemoved = "second_factor_removed",
        /// An API client was created.
        ClientCreated = "client_created",
        /// An administrator asks for rights of an API client in the service: it waits for a second person.
        ClientRequested = "client_requested",
        /// The permissions of an API client changed.
        ClientRightsChanged = "client_rights_changed",
        /// An API client has a new secret.
        ClientSecretChanged = "client_secret_changed",
    }
}

impl NoticeKind {
    /// What waits for a second person.
    pub const REQUESTS: [Self; 2] = [Self::RoleRequested, Self::ClientRequested];
}

/// A notice to write.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// The user or client that was changed.
    pub about: PrincipalId,
    /// The person whom it is for.
    pub user: Option<Id>,
    /// The service whose managers it is for.
    pub service: Option<Id>,
    /// The rights before, as codes.
    pub before: Option<String>,
    /// The rights after, as codes.
    pub after: Option<String>,
}

impl Notice {
    /// A notice about a user, for them.
    pub fn of_user(kind: NoticeKind, user: Id) -> Self {
        Self { kind, about: PrincipalId::User(user), user: Some(user), service: None, before: None, after: None }
    }

    /// A notice about a client, for the managers of a service.
    pub fn of_client(kind: NoticeKind, client: Id, service: Id) -> Self {
        let about = PrincipalId::Client(client);
        Self { kind, about, user: None, service: Some(service), before: None, after: None }
    }

    /// The same notice, also for the managers of a service.
    #[must_use]
    pub fn in_service(self, service: Id) -> Self {
        Self { service: Some(service), ..self }
    }

    /// The same notice, with the rights before and after.
    #[must_use]
    pub fn changing(self, before: Option<String>, after: Option<String>) -> Self {
        Self { before, after, ..self }
    }
}
