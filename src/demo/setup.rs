//! Creates what exists before the first request: the services with their positions and directories, the kits, the users
//! and the API clients.

use super::backdating::at;
use super::codes::code;
use super::kit_setup::{self, CreatedKit};
use super::story::{Pole, Story};
use crate::accounts::clients::dto::{ClientInput, Partner};
use crate::accounts::invitations::dto::{InvitationAnswer, InvitationInput};
use crate::auth::{Permission, PrincipalId, Role, ServiceScope, client_permissions, password};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Context;
use crate::organisations::dto::OrganisationInput;
use crate::privacy::random_token;
use crate::services::dto::{PositionInput, ServiceInput};
use crate::work::Work;
use crate::{accounts, organisations, services};

/// The role of the manager of the first pôle.
pub(super) const MANAGER: &str = "manager";

/// A service of the demonstration.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DemoService {
    /// Identifier.
    pub id: Id,
    /// Name.
    pub name: String,
}

/// A user of the demonstration, with their password, which is random at each run.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DemoUser {
    /// The role of the user.
    pub role: &'static str,
    /// The e-mail address to sign in with.
    pub email: String,
    /// The password.
    pub password: String,
    #[serde(skip)]
    pub(super) id: PrincipalId,
}

/// An API client of the demonstration, with its secret.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DemoClient {
    /// Name of the client.
    pub name: &'static str,
    /// Identifier.
    pub client_id: Id,
    /// Secret.
    pub client_secret: String,
    /// Its permissions.
    pub permissions: Vec<Permission>,
}

/// What was created in the database.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The services, in the order of the story.
    pub services: Vec<DemoService>,
    /// The users.
    pub users: Vec<DemoUser>,
    /// The clients.
    pub clients: Vec<DemoClient>,
    /// The organisations of each pôle.
    pub(super) directories: Vec<Vec<Id>>,
    /// The kits of each pôle.
    pub(super) kits: Vec<Vec<CreatedKit>>,
}

/// Creates the services, kits, users and clients of a story.
pub(super) fn create(context: &Context, story: &Story) -> Result<Setup, ApiError> {
    // Hashing a password takes tens of milliseconds, so it is never done inside a transaction.
    let accounts_to_create = [
        ("coordinator", "coordinatrice@example.org", "Coordinatrice ou coordinateur", Some((0, Role::Coordinator))),
        ("professional", "psychologue@example.org", "Psychologue", Some((0, Role::Professional))),
        (MANAGER, "responsable@example.org", "Responsable", Some((0, Role::Manager))),
        (
            "coordinator of the second pôle",
            "coordinatrice-2@example.org",
            "Le second pôle",
            Some((1, Role::Coordinator)),
        ),
        ("administrator", "administration@example.org", "L'administration", None),
    ];
    let mut people = Vec::new();
    for (role, email, name, membership) in accounts_to_create {
        let password = random_token("demo");
        let hash = password::hash_blocking(&password)?;
        people.push(Person { role, email, name, membership, password, hash });
    }
    let (poles, from) = (story.poles.clone(), story.from);
    context.write_blocking(PrincipalId::Local, move |work| {
        let mut services = Vec::new();
        let (mut directories, mut kits) = (Vec::new(), Vec::new());
        for pole in &poles {
            let first = pole.opened_on.min(from);
            let (service, directory) = at(work, first, 0, PrincipalId::Local, |work| create_service(work, pole))?;
            services.push(service);
            directories.push(directory);
            let created = at(work, first, 1, PrincipalId::Local, |work| {
                kit_setup::create_kits(work, services[services.len() - 1].id, &pole.lending)
            })?;
            kits.push(created);
        }
        let (users, clients) = at(work, from, 0, PrincipalId::Local, |work| {
            let users = people.into_iter().map(|person| person.join(work, &services));
            Ok((users.collect::<Result<_, _>>()?, create_clients(work, &services)?))
        })?;
        Ok(Setup { services, users, clients, directories, kits })
    })
}

fn create_service(work: &mut Work<'_>, pole: &Pole) -> Result<(DemoService, Vec<Id>), ApiError> {
    let new = ServiceInput {
        name: pole.name.to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        departements: vec![code("63")?],
        age_lower_birthday: 0,
        age_upper_birthday: pole.upper_birthday,
        childcare_groups: pole.groups.iter().map(|group| code(group)).collect::<Result<_, _>>()?,
        opened_on: pole.opened_on,
        late_entry_days: 60,
        placement_review_months: services::model::FIRST_YEAR.into(),
    };
    let service = services::ops::create(work, &ServiceScope::All, &new)?;
    let scope = ServiceScope::one(service.id);
    for (title, fte_percent) in &pole.positions {
        let position = PositionInput {
            title: title.clone(),
            fte_percent: *fte_percent,
            starts_on: pole.opened_on,
            ends_on: None,
            counted: true,
        };
        services::ops::add_position(work, service.id, &position)?;
    }
    let mut directory = Vec::new();
    for organisation in &pole.organisations {
        let new = OrganisationInput {
            service_id: service.id,
            kind: code(organisation.kind)?,
            name: organisation.name.clone(),
            commune_code: code(organisation.commune)?,
            siret: None,
            finess: None,
            phone: None,
            email: None,
        };
        directory.push(organisations::ops::create(work, &scope, &new)?.id);
    }
    Ok((DemoService { id: service.id, name: service.name }, directory))
}

/// A user to create.
struct Person {
    role: &'static str,
    email: &'static str,
    name: &'static str,
    membership: Option<(usize, Role)>,
    password: String,
    hash: String,
}

impl Person {
    /// Invites the person and accepts the invitation.
    fn join(self, work: &mut Work<'_>, services: &[DemoService]) -> Result<DemoUser, ApiError> {
        let new = InvitationInput {
            service_id: self.membership.map(|(service, _)| services[service].id),
            role: self.membership.map(|(_, role)| role),
            administrator: self.membership.is_none(),
        };
        let invitation = accounts::invitations::ops::invite(work, &ServiceScope::All, &new)?;
        let answer = InvitationAnswer {
            token: invitation.token,
            email: self.email.to_owned(),
            display_name: self.name.to_owned(),
            password: self.password.clone(),
            otp: None,
        };
        let (open, _) = accounts::invitations::ops::require_open(work, &answer.token, &answer.email)?;
        let user = accounts::invitations::ops::accept(work, &open, &answer, &self.hash)?;
        Ok(DemoUser { role: self.role, email: user.email, password: self.password, id: PrincipalId::User(user.id) })
    }
}

fn create_clients(work: &mut Work<'_>, services: &[DemoService]) -> Result<Vec<DemoClient>, ApiError> {
    let every: Vec<Permission> = client_permissions().iter().collect();
    let caf = Partner {
        name: "Caf du Puy-de-Dôme (exemple)".to_owned(),
        kind: code("caf")?,
        territory: code("departement:63")?,
    };
    let commune = Partner {
        name: "Commune de Beaumont (exemple)".to_owned(),
        kind: code("commune")?,
        territory: code("commune:63032")?,
    };
    let clients = [
        ("Formulaire du site", vec![Permission::ReferralsWrite], None),
        ("Lecture seule", vec![Permission::ReferralsRead, Permission::CasesRead, Permission::ActivityRead], None),
        ("Caf (exemple)", vec![Permission::ServicesRead, Permission::StatisticsRead], Some(caf)),
        ("Commune de Beaumont (exemple)", vec![Permission::ServicesRead, Permission::StatementsRead], Some(commune)),
        ("Script complet", every, None),
    ];
    let mut created = Vec::new();
    for (name, permissions, partner) in clients {
        let new = ClientInput {
            name: name.to_owned(),
            service_ids: services.iter().map(|service| service.id).collect(),
            permissions: permissions.iter().copied().collect(),
            partner,
            ..ClientInput::default()
        };
        let client = accounts::clients::ops::create(work, &ServiceScope::All, &new)?;
        let client_secret = client.client_secret;
        created.push(DemoClient { name, client_id: client.id, client_secret, permissions });
    }
    Ok(created)
}
