//! The harness of the tests: `app.service()`, `app.user(service, Role::Manager)`, `manager.post(…)`.
//!
//! - [`on_both_databases!`] turns one function into two tests, each with its own database.
//! - The API runs in the process, with the real middleware and a manual clock.
//! - Every response is checked against the contract ([`contract`]): an undeclared status or a body that does not follow
//!   its schema fails the test, whatever the test itself checks. So does any 500.

pub mod action_service;
pub mod authenticator;
pub mod caller;
mod canary;
pub mod contract;
pub mod convention_service;
pub mod database;
pub mod lending_service;
pub mod logs;
pub mod network;
pub mod process;
pub mod response;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::LazyLock;

use actix_http::Request;
use actix_web::dev::Service;
use chrono::{DateTime, Duration, Utc};
use passerelle::accounts::attempts::Attempt;
use passerelle::accounts::clients::dto::{ClientInput, Partner};
use passerelle::accounts::invitations::dto::{InvitationAnswer, InvitationInput};
use passerelle::accounts::tokens::ops::Session;
use passerelle::app::Shared;
use passerelle::application;
use passerelle::auth::{AccountPolicy, Permission, PrincipalId, Role, ServiceScope, partner_permissions, password};
use passerelle::clock::Clock;
use passerelle::db::{AnyConn, Db, DbOptions, Id, SystemScope};
use passerelle::error::ApiError;
use passerelle::http::Context;
use passerelle::privacy::{MasterKey, Vault};
use passerelle::services::dto::ServiceInput;
use passerelle::statistics::releases::worker::Worker;
use passerelle::trail::Call;
use passerelle::work::Work;

pub use authenticator::Authenticator;
pub use caller::Caller;
pub use database::{Counter, Database, Engine};
pub use response::Response;

/// Makes a test for each database from an async function: `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// on_both_databases! {
///     async fn a_coordinator_reads_their_service(app: TestApp) { … }
/// }
/// ```
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)+) => {$(
        async fn $name($app: $crate::harness::TestApp) $body

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

/// Makes a test for each engine from a plain function: `name::sqlite` and `name::postgres`.
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

/// The time at which the clock of every test starts: a Monday, 9:15 in Paris.
pub const START: &str = "2026-03-02T08:15:00Z";

/// The password of every user that the harness creates.
pub const PASSWORD: &str = "une phrase assez longue";

/// The public address of the API in the tests.
pub const PUBLIC_URL: &str = "https://api.example";

/// The password hash of all users, computed once because argon2 is slow by design.
static PASSWORD_HASH: LazyLock<String> = LazyLock::new(|| password::hash_blocking(PASSWORD).unwrap());

/// The master key of all tests, with which the template databases are created.
pub static MASTER_KEY: LazyLock<MasterKey> =
    LazyLock::new(|| MasterKey::from_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap());

type Served = Pin<Box<dyn Future<Output = Response>>>;

/// The API on its own database. Clones are cheap and share the application.
#[derive(Clone)]
pub struct TestApp {
    shared: Shared,
    serve: Rc<dyn Fn(Request) -> Served>,
    /// The clock, moved with `app.clock.set(…)` or [`TestApp::advance`].
    pub clock: Clock,
    /// The database, to check what the API does not return.
    pub database: Rc<Database>,
}

/// Runs a test on a new database.
pub fn run<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestApp) -> F) {
    logs::capture();
    let database = Rc::new(Database::from_template(engine));
    let clock = Clock::manual(START.parse().unwrap());
    let context = context(&database, clock.clone());
    actix_web::rt::System::new().block_on(async {
        test(TestApp::new(context, clock, database).await).await;
    });
}

/// Database options for tests: few connections, so that many tests can share one server.
pub fn options() -> DbOptions {
    // A long timeout: a busy machine can take long to open a connection.
    let timeout = std::time::Duration::from_secs(30);
    DbOptions { connections: 3, permit_timeout: timeout, connect_timeout: timeout, ..DbOptions::default() }
}

/// A context on a migrated database, with the master key of the tests. It blocks, so do not call it on an event loop.
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
                let response = service.call(request).await.expect("the middleware turns every error into a response");
                Response::received(&method, &path, response).await
            })
        };
        Self { shared, serve: Rc::new(serve), clock, database }
    }

    /// A second instance of the program on the same database and clock, with its own caches.
    pub async fn second_instance(&self) -> Self {
        self.second_instance_with(options()).await
    }

    /// A second instance with other database options.
    pub async fn second_instance_with(&self, options: DbOptions) -> Self {
        self.another_instance(options, AccountPolicy::default()).await
    }

    async fn another_instance(&self, options: DbOptions, policy: AccountPolicy) -> Self {
        let (database, clock) = (Rc::clone(&self.database), self.clock.clone());
        // Opening a context blocks on the database, which an event loop must not do.
        let (url, moved) = (database.url(), clock.clone());
        let opening = std::thread::spawn(move || {
            let db = Db::open(&url, &options).unwrap();
            Context::new(db, Vault::new(&MASTER_KEY).unwrap(), moved, PUBLIC_URL).unwrap().under(policy)
        });
        Self::new(opening.join().unwrap(), clock, database).await
    }

    /// A second instance under a policy of accounts.
    pub async fn instance_under(&self, policy: AccountPolicy) -> Self {
        self.another_instance(options(), policy).await
    }

    /// The context of the handlers.
    pub fn context(&self) -> &Context {
        self.shared.context()
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.clock.set(self.context().now().to_utc() + duration);
    }

    /// The current time of the test.
    pub fn now(&self) -> DateTime<Utc> {
        self.context().now().to_utc()
    }

    /// Makes the queued builds of releases, as the background job does.
    pub fn make_releases(&self) {
        self.as_job(passerelle::statistics::releases::worker::run_queued);
    }

    /// Queues the builds that are due, as the background job does.
    pub fn prepare_releases(&self) {
        self.as_job(passerelle::statistics::releases::due::queue_due);
    }

    /// Updates the sandbox, as the background job does.
    pub fn keep_sandbox_up(&self) {
        self.as_job(|context| passerelle::statistics::sandbox::ops::update(context, &Worker::default()));
    }

    fn as_job(&self, job: fn(&Context) -> Result<(), ApiError>) {
        let context = self.context();
        std::thread::scope(|scope| scope.spawn(|| job(context)).join()).expect("it ended").expect("it succeeded");
    }

    /// Runs a use case as the local principal, as the command line does.
    pub async fn local<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> T {
        self.context().write(PrincipalId::Local, f).await.expect("the setup of the test")
    }

    /// Runs a read whose stores filter nothing, for a caller of one service: they get every service as their scope. What
    /// they find is what the database shows to the connection of that caller.
    pub async fn unfiltered<T: Send + 'static>(
        &self,
        service: Id,
        f: impl FnOnce(&mut Work<'_>, &ServiceScope) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let all = self.database.texts("SELECT id AS text FROM services");
        let all = ServiceScope::Only(all.iter().map(|id| id.parse().unwrap()).collect());
        self.context().read(Call::of_service(service), move |work| f(work, &all)).await
    }

    /// Runs a closure on a connection of the API, in a transaction.
    pub async fn sql<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
    ) -> T {
        self.context().db.write(SystemScope::Operator, f).await.expect("the setup of the test")
    }

    /// Executes a statement that changes rows which give rights, and has the program vouch for them.
    pub async fn vouched(&self, sql: &str) {
        self.database.execute(sql).unwrap();
        let key = self.context().vault.authority_key().clone();
        self.sql(move |conn| Ok(passerelle::auth::vouch_for_all(conn, &key)?)).await;
    }

    /// A service of the Puy-de-Dôme for ages 0 to 6 (the seventh birthday is outside).
    pub async fn service(&self) -> Id {
        self.service_with(|_| ()).await
    }

    /// A service that differs from [`Self::service`].
    pub async fn service_with(&self, change: impl FnOnce(&mut ServiceInput)) -> Id {
        let mut new = ServiceInput {
            name: "Pôle Ressources Petite Enfance du Puy-de-Dôme".into(),
            time_zone: "Europe/Paris".into(),
            departements: vec!["63".parse().unwrap()],
            age_lower_birthday: 0,
            age_upper_birthday: 7,
            childcare_groups: ["eaje", "individual"].map(|code| code.parse().unwrap()).into(),
            opened_on: "2021-01-04".parse().unwrap(),
            late_entry_days: 60,
            placement_review_months: [1, 3, 6, 12].into(),
        };
        change(&mut new);
        self.local(move |work| passerelle::services::ops::create(work, &ServiceScope::All, &new)).await.id
    }

    /// An administrator of the deployment.
    pub async fn administrator(&self) -> Caller {
        self.invited(InvitationInput { service_id: None, role: None, administrator: true }).await
    }

    /// A user with a role in one service.
    pub async fn user(&self, service: Id, role: Role) -> Caller {
        self.invited(InvitationInput { service_id: Some(service), role: Some(role), administrator: false }).await
    }

    async fn invited(&self, new: InvitationInput) -> Caller {
        let email = format!("{}@example.org", uuid::Uuid::now_v7().simple());
        let acceptance = move |token| InvitationAnswer {
            token,
            email,
            display_name: "Une personne".into(),
            password: PASSWORD.into(),
            otp: None,
        };
        let user = self
            .local(move |work| {
                let invitation = passerelle::accounts::invitations::ops::invite(work, &ServiceScope::All, &new)?;
                let answer = acceptance(invitation.token);
                let (open, _) =
                    passerelle::accounts::invitations::ops::require_open(work, &answer.token, &answer.email)?;
                passerelle::accounts::invitations::ops::accept(work, &open, &answer, &PASSWORD_HASH)
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
        let new = ClientInput {
            name: "Formulaire du site".into(),
            service_ids: services.iter().copied().collect(),
            permissions: permissions.iter().copied().collect(),
            ..ClientInput::default()
        };
        let made =
            self.local(move |work| passerelle::accounts::clients::ops::create(work, &ServiceScope::All, &new)).await;
        Caller { id: Some(PrincipalId::Client(made.id)), secret: made.client_secret, ..self.anonymous() }
    }

    /// Starts the second factor of a user. Returns an authenticator application with its unconfirmed secret.
    pub async fn second_factor_of(&self, user: Id) -> Authenticator {
        let made = self.local(move |work| {
            let attempt = Attempt::new(work.vault, user.as_str(), None);
            passerelle::accounts::me::ops::begin_second_factor(work, user, &attempt)
        });
        Authenticator::new(&made.await.secret)
    }

    /// Begins a session of a user, as their password does.
    pub async fn session_of(&self, user: Id) -> Session {
        let signed_in = self.local(move |work| {
            let attempt = Attempt::new(work.vault, user.as_str(), None);
            passerelle::accounts::tokens::ops::sign_in(work, user, None, &attempt)
        });
        signed_in.await
    }

    /// The client of a partner institution, in one service.
    pub async fn partner(&self, service: Id) -> Caller {
        self.partner_of(service, "departement:63").await
    }

    /// The client of the institution of a territory, with every permission that a partner's client may have.
    pub async fn partner_of(&self, service: Id, territory: &str) -> Caller {
        let kind = if territory.starts_with("departement") { "caf" } else { territory.split(':').next().unwrap() };
        let new = ClientInput {
            name: "Tableau de bord".into(),
            service_ids: [service].into(),
            permissions: partner_permissions().iter().collect(),
            partner: Some(Partner {
                name: "Une institution".into(),
                kind: kind.parse().unwrap(),
                territory: territory.parse().unwrap(),
            }),
            ..ClientInput::default()
        };
        let made =
            self.local(move |work| passerelle::accounts::clients::ops::create(work, &ServiceScope::All, &new)).await;
        Caller { id: Some(PrincipalId::Client(made.id)), secret: made.client_secret, ..self.anonymous() }
    }

    /// A caller without a token.
    pub fn anonymous(&self) -> Caller {
        Caller { app: self.clone(), id: None, email: String::new(), secret: String::new(), headers: Vec::new() }
    }

    /// Sends a request unchanged.
    pub async fn send(&self, request: Request) -> Response {
        (self.serve)(request).await
    }
}
