//! A test reads as a story: `app.service()`, `app.user(service, Role::Manager)`, `manager.post(…)`.
//!
//! - [`on_both_databases!`] makes two tests of one story, each with a database of its own.
//! - The API runs in the process, with the middleware of the real one; the clock is set by hand.
//! - Every answer is compared with the contract ([`contract`]): an undeclared status or a body that
//!   does not follow its schema fails the test, whatever the test itself looks at. So does any 500.

pub mod agenda;
pub mod answer;
pub mod authenticator;
pub mod caller;
mod canary;
pub mod contract;
pub mod database;
pub mod logs;
pub mod network;
pub mod pact;
pub mod process;
pub mod shelf;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::LazyLock;

use actix_http::Request;
use actix_web::dev::Service;
use chrono::{DateTime, Duration, Utc};
use passerelle::accounts::attempts::Attempt;
use passerelle::accounts::clients::dto::{NewClient, Partner};
use passerelle::accounts::invitations::dto::{InvitationAnswer, NewInvitation};
use passerelle::app::Shared;
use passerelle::application;
use passerelle::auth::{Permission, PrincipalId, Role, ServiceScope, partner_permissions, password};
use passerelle::clock::Clock;
use passerelle::db::{AnyConn, Db, DbOptions, Id};
use passerelle::error::ApiError;
use passerelle::http::Context;
use passerelle::privacy::{MasterKey, Vault};
use passerelle::services::dto::NewService;
use passerelle::work::Work;

pub use answer::Answer;
pub use authenticator::Authenticator;
pub use caller::Caller;
pub use database::{Database, Engine};

/// Makes a test of a story for each database: `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// on_both_databases! {
///     async fn a_coordinator_reads_their_service(app: TestApp) { … }
/// }
/// ```
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $story:block)+) => {$(
        async fn $name($app: $crate::harness::TestApp) $story

        $(#[$meta])*
        mod $name {
            #[test]
            fn sqlite() {
                $crate::harness::run($crate::harness::Engine::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                $crate::harness::run($crate::harness::Engine::Postgres, super::$name);
            }
        }
    )+};
}

/// Makes a test for each engine of a plain function: `name::sqlite` and `name::postgres`.
macro_rules! for_both_engines {
    ($(fn $name:ident($engine:ident: Engine) $body:block)+) => {$(
        fn $name($engine: $crate::harness::Engine) $body

        mod $name {
            #[test]
            fn sqlite() {
                $crate::harness::logs::capture();
                super::$name($crate::harness::Engine::Sqlite);
            }

            #[test]
            fn postgres() {
                $crate::harness::logs::capture();
                super::$name($crate::harness::Engine::Postgres);
            }
        }
    )+};
}

/// Where the clock of every test stands at first: a Monday, 9:15 in Paris.
pub const START: &str = "2026-03-02T08:15:00Z";

/// The password of every user that the harness makes.
pub const PASSWORD: &str = "une phrase assez longue";

/// Address under which the tests' API is known.
pub const PUBLIC_URL: &str = "https://api.example";

/// The one hash that the users of all tests share: argon2 is slow on purpose.
static PASSWORD_HASH: LazyLock<String> = LazyLock::new(|| password::hash_blocking(PASSWORD).unwrap());

/// The master key of all tests; the templates of the databases were made with it.
pub static MASTER_KEY: LazyLock<MasterKey> =
    LazyLock::new(|| MasterKey::from_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap());

type Served = Pin<Box<dyn Future<Output = Answer>>>;

/// The API on a database of its own. Cheap to clone: every clone is the same application.
#[derive(Clone)]
pub struct TestApp {
    shared: Shared,
    serve: Rc<dyn Fn(Request) -> Served>,
    /// The clock, moved with `app.clock.set(…)` or [`TestApp::advance`].
    pub clock: Clock,
    /// The database, for what the API does not show.
    pub database: Rc<Database>,
}

/// Runs a story on a fresh database.
pub fn run<F: Future<Output = ()>>(engine: Engine, story: impl FnOnce(TestApp) -> F) {
    logs::capture();
    let database = Rc::new(Database::from_template(engine));
    let clock = Clock::manual(START.parse().unwrap());
    let context = context(&database, clock.clone());
    actix_web::rt::System::new().block_on(async {
        story(TestApp::new(context, clock, database).await).await;
    });
}

/// Sizes for tests: few connections, so that many tests fit one server.
pub fn options() -> DbOptions {
    // Patience: how long a busy machine takes to open a connection is not what a story is about.
    let patience = std::time::Duration::from_secs(30);
    DbOptions { connections: 3, wait: patience, connect: patience, ..DbOptions::default() }
}

/// A context on a migrated database, with the tests' master key. Not to be called on an event loop.
pub fn context(database: &Database, clock: Clock) -> Context {
    let db = Db::open(&database.url(), &options()).unwrap();
    Context::new(db, Vault::new(&MASTER_KEY).unwrap(), clock, PUBLIC_URL).unwrap()
}

impl TestApp {
    async fn new(context: Context, clock: Clock, database: Rc<Database>) -> Self {
        let shared = Shared::new(context);
        let service = Rc::new(actix_web::test::init_service(application!(shared.clone())).await);
        let serve = move |request: Request| -> Served {
            let service = Rc::clone(&service);
            Box::pin(async move {
                let (method, path) = (request.method().to_string(), request.uri().to_string());
                let response = service.call(request).await.expect("the middleware answers every error itself");
                Answer::received(&method, &path, response).await
            })
        };
        Self { shared, serve: Rc::new(serve), clock, database }
    }

    /// A second instance of the program on the same database and the same clock, with caches of its own.
    pub async fn second_instance(&self) -> Self {
        self.second_instance_with(options()).await
    }

    /// A second instance with other sizes and waits.
    pub async fn second_instance_with(&self, options: DbOptions) -> Self {
        let (database, clock) = (Rc::clone(&self.database), self.clock.clone());
        // Opening a context waits for the database, which an event loop must not.
        let (url, moved) = (database.url(), clock.clone());
        let opening = std::thread::spawn(move || {
            let db = Db::open(&url, &options).unwrap();
            Context::new(db, Vault::new(&MASTER_KEY).unwrap(), moved, PUBLIC_URL).unwrap()
        });
        Self::new(opening.join().unwrap(), clock, database).await
    }

    /// The context that the handlers get.
    pub fn context(&self) -> &Context {
        self.shared.context()
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.clock.set(self.context().now().to_utc() + duration);
    }

    /// The present instant of the test.
    pub fn now(&self) -> DateTime<Utc> {
        self.context().now().to_utc()
    }

    /// Makes the builds of releases that wait, as the program's own thread does.
    pub fn make_releases(&self) {
        self.as_job(passerelle::statistics::releases::worker::make_waiting);
    }

    /// Asks for the releases that are due, likewise.
    pub fn prepare_releases(&self) {
        self.as_job(passerelle::statistics::releases::due::ask);
    }

    /// Publishes what the sandbox has due, likewise.
    pub fn keep_sandbox_up(&self) {
        self.as_job(passerelle::statistics::sandbox::ops::keep_up);
    }

    fn as_job(&self, job: fn(&Context) -> Result<(), ApiError>) {
        let context = self.context();
        std::thread::scope(|scope| scope.spawn(|| job(context)).join()).expect("it ended").expect("it succeeded");
    }

    /// Runs a use case on the machine's own authority, as the command line does.
    pub async fn local<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> T {
        self.context().write(PrincipalId::Local, f).await.expect("a step of the test's setting")
    }

    /// Runs a closure on a connection of the API, in a transaction.
    pub async fn sql<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
    ) -> T {
        self.context().db.write(f).await.expect("a step of the test's setting")
    }

    /// A service of the Puy-de-Dôme for ages 0 to 6 (the seventh birthday is outside).
    pub async fn service(&self) -> Id {
        self.service_with(|_| ()).await
    }

    /// A service that differs from [`Self::service`].
    pub async fn service_with(&self, change: impl FnOnce(&mut NewService)) -> Id {
        let mut new = NewService {
            name: "Pôle Ressources Petite Enfance du Puy-de-Dôme".into(),
            time_zone: "Europe/Paris".into(),
            departements: vec!["63".parse().unwrap()],
            age_lower_birthday: 0,
            age_upper_birthday: 7,
            childcare_groups: ["eaje", "individual"].map(|code| code.parse().unwrap()).into(),
            opened_on: "2021-01-04".parse().unwrap(),
        };
        change(&mut new);
        self.local(move |work| passerelle::services::ops::create(work, &ServiceScope::All, &new)).await.id
    }

    /// An administrator of the deployment.
    pub async fn administrator(&self) -> Caller {
        self.invited(NewInvitation { service_id: None, role: None, administrator: true }).await
    }

    /// A user with a role in one service.
    pub async fn user(&self, service: Id, role: Role) -> Caller {
        self.invited(NewInvitation { service_id: Some(service), role: Some(role), administrator: false }).await
    }

    async fn invited(&self, new: NewInvitation) -> Caller {
        let email = format!("{}@example.org", uuid::Uuid::now_v7().simple());
        let answer = move |token| InvitationAnswer {
            token,
            email,
            display_name: "Une personne".into(),
            password: PASSWORD.into(),
        };
        let user = self
            .local(move |work| {
                let invitation = passerelle::accounts::invitations::ops::invite(work, &ServiceScope::All, &new)?;
                passerelle::accounts::invitations::ops::accept(work, &answer(invitation.token), &PASSWORD_HASH)
            })
            .await;
        Caller { id: Some(PrincipalId::User(user.id)), email: user.email, ..self.anonymous() }
    }

    /// An API client with permissions in one service.
    pub async fn client(&self, service: Id, permissions: &[Permission]) -> Caller {
        self.client_of(&[service], permissions).await
    }

    /// An API client with permissions in several services.
    pub async fn client_of(&self, services: &[Id], permissions: &[Permission]) -> Caller {
        let new = NewClient {
            name: "Formulaire du site".into(),
            service_ids: services.iter().copied().collect(),
            permissions: permissions.iter().copied().collect(),
            ..NewClient::default()
        };
        let made =
            self.local(move |work| passerelle::accounts::clients::ops::create(work, &ServiceScope::All, &new)).await;
        Caller { id: Some(PrincipalId::Client(made.id)), secret: made.client_secret, ..self.anonymous() }
    }

    /// An authenticator application with the secret of a user, which waits to be confirmed.
    pub async fn second_factor_of(&self, user: Id) -> Authenticator {
        let made = self.local(move |work| {
            let attempt = Attempt::new(work.vault, user.as_str(), None);
            passerelle::accounts::me::ops::begin_second_factor(work, user, &attempt)
        });
        Authenticator::new(&made.await.secret)
    }

    /// The client of a partner institution, in one service.
    pub async fn partner(&self, service: Id) -> Caller {
        self.partner_of(service, "departement:63").await
    }

    /// The client of the institution of a territory, with everything that such a client may be given.
    pub async fn partner_of(&self, service: Id, territory: &str) -> Caller {
        let kind = if territory.starts_with("departement") { "caf" } else { territory.split(':').next().unwrap() };
        let new = NewClient {
            name: "Tableau de bord".into(),
            service_ids: [service].into(),
            permissions: partner_permissions().iter().collect(),
            partner: Some(Partner {
                name: "Une institution".into(),
                kind: kind.parse().unwrap(),
                territory: territory.parse().unwrap(),
            }),
            ..NewClient::default()
        };
        let made =
            self.local(move |work| passerelle::accounts::clients::ops::create(work, &ServiceScope::All, &new)).await;
        Caller { id: Some(PrincipalId::Client(made.id)), secret: made.client_secret, ..self.anonymous() }
    }

    /// Somebody without a token.
    pub fn anonymous(&self) -> Caller {
        Caller { app: self.clone(), id: None, email: String::new(), secret: String::new(), headers: Vec::new() }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request) -> Answer {
        (self.serve)(request).await
    }
}
