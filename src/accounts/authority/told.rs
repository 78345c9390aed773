//! The journal and the notices of a change of rights.

use crate::auth::Role;
use crate::db::Id;
use crate::notices::{Notice, NoticeKind};
use crate::trail::{Resource, RightsChange};
use crate::work::Work;

/// A role in a service, and whether it is in force: it may wait for a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The role.
    pub role: Role,
    /// Whether it waits for a second person.
    pub pending: bool,
}

impl Standing {
    /// The rights that it gives, as the journal writes them.
    fn code(self) -> String {
        if self.pending { format!("requested,{}", self.role) } else { self.role.to_string() }
    }
}

/// Records that a user has another role in a service. Tells them and its managers.
pub fn role_changed(
    work: &mut Work<'_>,
    (user, is_administrator): (Id, bool),
    service: Id,
    before: Option<Standing>,
    after: Option<Standing>,
) {
    if before == after {
        return;
    }
    let kind = match (before, after) {
        (_, Some(Standing { pending: true, .. })) => NoticeKind::RoleRequested,
        (None | Some(Standing { pending: true, .. }), Some(_)) if is_administrator => NoticeKind::AdministratorEntered,
        _ => NoticeKind::RoleChanged,
    };
    let (before, after) = (before.map(Standing::code), after.map(Standing::code));
    work.notify(Notice::of_user(kind, user).in_service(service).changing(before.clone(), after.clone()));
    work.rights_changed(RightsChange { resource: Resource::User, id: user, service_id: Some(service), before, after });
}

/// Records that a user administers the deployment, or no longer. Tells them.
pub fn administrator_changed(work: &mut Work<'_>, user: Id, administrator: bool) {
    let code = |administrator: bool| administrator.then(|| "administrator".to_owned());
    let (before, after) = (code(!administrator), code(administrator));
    work.notify(Notice::of_user(NoticeKind::AdministratorChanged, user).changing(before.clone(), after.clone()));
    work.rights_changed(RightsChange { resource: Resource::User, id: user, service_id: None, before, after });
}

/// Records that an invitation into a service was created, or that it no longer gives its role.
pub fn invitation_changed(work: &mut Work<'_>, id: Id, (service, role): (Option<Id>, Option<Role>), open: bool) {
    let (Some(service), Some(role)) = (service, role) else { return };
    let role = Some(role.to_string());
    let (before, after) = if open { (None, role) } else { (role, None) };
    work.rights_changed(RightsChange { resource: Resource::Invitation, id, service_id: Some(service), before, after });
}

/// Records a change of a client in the journal of its services, with the rights before and after if they changed. Tells
/// their managers.
pub fn client_changed(
    work: &mut Work<'_>,
    kind: NoticeKind,
    client: Id,
    services: &[Id],
    (before, after): (Option<String>, Option<String>),
) {
    for service in services {
        let notice = Notice::of_client(kind, client, *service);
        let (before, after) = (before.clone(), after.clone());
        if before == after {
            work.notify(notice);
        } else {
            work.notify(notice.changing(before.clone(), after.clone()));
            let service_id = Some(*service);
            work.rights_changed(RightsChange { resource: Resource::Client, id: client, service_id, before, after });
        }
    }
}

/// Tells a user, and the managers of their services, of a change of their credentials by somebody else.
pub fn tell(work: &mut Work<'_>, kind: NoticeKind, user: Id, services: impl IntoIterator<Item = Id>) {
    let mut services = services.into_iter();
    let own = Notice::of_user(kind, user);
    work.notify(match services.next() {
        Some(first) => own.clone().in_service(first),
        None => own.clone(),
    });
    for service in services {
        work.notify(Notice { user: None, ..own.clone().in_service(service) });
    }
}
