//! The setting of the story: the services with their positions and directories, the people and the programs that
//! call the API.

use super::kit_setup::{self, Shelved};
use super::play::at;
use super::story::{Pole, Story};
use crate::accounts::clients::dto::{NewClient, Partner};
use crate::accounts::invitations::dto::{InvitationAnswer, NewInvitation};
use crate::auth::{Permission, PrincipalId, Role, ServiceScope, client_permissions, password};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::Context;
use crate::organisations::dto::NewOrganisation;
use crate::privacy::random_token;
use crate::services::dto::{NewPosition, NewService};
use crate::work::Work;
use crate::{accounts, organisations, services};

/// What the manager of the first pôle is called.
pub(super) const MANAGER: &str = "manager";

/// A service of the demonstration.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DemoService {
    /// Identifier.
    pub id: Id,
    /// Name.
    pub name: String,
}

/// A user of the demonstration, with the password: it is made at random at each run.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DemoUser {
    /// What the user is.
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
    /// What the client is.
    pub name: &'static str,
    /// Identifier.
    pub client_id: Id,
    /// Secret.
    pub client_secret: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

/// The setting, as it is in the database.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The services, in the order of the story.
    pub services: Vec<DemoService>,
    /// The users.
    pub users: Vec<DemoUser>,
    /// The clients.
    pub clients: Vec<DemoClient>,
    /// The directories.
    pub(super) places: Vec<Vec<Id>>,
    /// The kits.
    pub(super) kits: Vec<Vec<Shelved>>,
}

/// Sets the scene: what is there before the first request.
pub(super) fn set(context: &Context, story: &Story) -> Result<Setting, ApiError> {
    // A password takes tens of milliseconds to hash: never inside a transaction.
    let cast = [
        ("coordinator", "coordinatrice@example.org", "La coordinatrice", Some((0, Role::Coordinator))),
        ("professional", "psychologue@example.org", "La psychologue", Some((0, Role::Professional))),
        (MANAGER, "responsable@example.org", "La responsable", Some((0, Role::Manager))),
        (
            "coordinator of the second pôle",
            "coordinatrice-2@example.org",
            "Le second pôle",
            Some((1, Role::Coordinator)),
        ),
        ("administrator", "administration@example.org", "L'administration", None),
    ];
    let mut people = Vec::new();
    for (role, email, name, member) in cast {
        let password = random_token("demo");
        let hash = password::hash_blocking(&password)?;
        people.push(Person { role, email, name, member, password, hash });
    }
    let (poles, from) = (story.poles.clone(), story.from);
    context.write_blocking(PrincipalId::Local, move |work| {
        let mut services = Vec::new();
        let (mut places, mut kits) = (Vec::new(), Vec::new());
        for pole in &poles {
            let first = pole.opened_on.min(from);
            let (service, directory) = at(work, first, 0, PrincipalId::Local, |work| open(work, pole))?;
            services.push(service);
            places.push(directory);
            let shelved = at(work, first, 1, PrincipalId::Local, |work| {
                kit_setup::fill(work, services[services.len() - 1].id, &pole.lending)
            })?;
            kits.push(shelved);
        }
        let (users, clients) = at(work, from, 0, PrincipalId::Local, |work| {
            let users = people.into_iter().map(|person| person.joins(work, &services));
            Ok((users.collect::<Result<_, _>>()?, clients(work, &services)?))
        })?;
        Ok(Setting { services, users, clients, places, kits })
    })
}

fn open(work: &mut Work<'_>, pole: &Pole) -> Result<(DemoService, Vec<Id>), ApiError> {
    let new = NewService {
        name: pole.name.to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        departements: vec![code("63")?],
        age_lower_birthday: 0,
        age_upper_birthday: pole.upper_birthday,
        childcare_groups: pole.groups.iter().map(|group| code(group)).collect::<Result<_, _>>()?,
        opened_on: pole.opened_on,
    };
    let service = services::ops::create(work, &ServiceScope::All, &new)?;
    let scope = ServiceScope::one(service.id);
    for (title, fte_percent) in &pole.positions {
        let position = NewPosition {
            title: title.clone(),
            fte_percent: *fte_percent,
            starts_on: pole.opened_on,
            ends_on: None,
            counted: true,
        };
        services::ops::add_position(work, service.id, &position)?;
    }
    let mut directory = Vec::new();
    for place in &pole.places {
        let new = NewOrganisation {
            service_id: service.id,
            kind: code(place.kind)?,
            name: place.name.clone(),
            commune_code: code(place.commune)?,
            siret: None,
            finess: None,
            phone: None,
            email: None,
        };
        directory.push(organisations::ops::create(work, &scope, &new)?.id);
    }
    Ok((DemoService { id: service.id, name: service.name }, directory))
}

struct Person {
    role: &'static str,
    email: &'static str,
    name: &'static str,
    member: Option<(usize, Role)>,
    password: String,
    hash: String,
}

impl Person {
    /// As people join: invited, then accepting.
    fn joins(self, work: &mut Work<'_>, services: &[DemoService]) -> Result<DemoUser, ApiError> {
        let new = NewInvitation {
            service_id: self.member.map(|(service, _)| services[service].id),
            role: self.member.map(|(_, role)| role),
            administrator: self.member.is_none(),
        };
        let invitation = accounts::invitations::ops::invite(work, &ServiceScope::All, &new)?;
        let answer = InvitationAnswer {
            token: invitation.token,
            email: self.email.to_owned(),
            display_name: self.name.to_owned(),
            password: self.password.clone(),
        };
        let user = accounts::invitations::ops::accept(work, &answer, &self.hash)?;
        Ok(DemoUser { role: self.role, email: user.email, password: self.password, id: PrincipalId::User(user.id) })
    }
}

fn clients(work: &mut Work<'_>, services: &[DemoService]) -> Result<Vec<DemoClient>, ApiError> {
    let every: Vec<Permission> = client_permissions().iter().collect();
    let caf = Partner {
        name: "Caf du Puy-de-Dôme (exemple)".to_owned(),
        kind: code("caf")?,
        territory: code("departement:63")?,
    };
    let town = Partner {
        name: "Commune de Beaumont (exemple)".to_owned(),
        kind: code("commune")?,
        territory: code("commune:63032")?,
    };
    let wanted = [
        ("Formulaire du site", vec![Permission::ReferralsWrite], None),
        ("Lecture seule", vec![Permission::ReferralsRead, Permission::CasesRead, Permission::ActivityRead], None),
        ("Caf (exemple)", vec![Permission::ServicesRead, Permission::StatisticsRead], Some(caf)),
        ("Commune de Beaumont (exemple)", vec![Permission::ServicesRead, Permission::StatementsRead], Some(town)),
        ("Script complet", every, None),
    ];
    let mut made = Vec::new();
    for (name, permissions, partner) in wanted {
        let new = NewClient {
            name: name.to_owned(),
            service_ids: services.iter().map(|service| service.id).collect(),
            permissions: permissions.iter().copied().collect(),
            partner,
            ..NewClient::default()
        };
        let client = accounts::clients::ops::create(work, &ServiceScope::All, &new)?;
        let client_secret = client.client_secret;
        made.push(DemoClient { name, client_id: client.id, client_secret, permissions });
    }
    Ok(made)
}

/// A code of the story as the type that the contract gives it.
pub(super) fn code<T: std::str::FromStr>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| {
        log::error!("the story says {text:?}, which is no such code");
        ApiError::new(Code::Internal)
    })
}
