//! A database with an invented history, which both servers use.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::Text;
use passerelle::accounts::clients::dto::ClientInput;
use passerelle::auth::{PrincipalId, ServiceScope, client_permissions};
use passerelle::clock::{Clock, date_in};
use passerelle::db::schema::{audit_events, organisations, referrals, statistics_releases};
use passerelle::db::{AnyConn, DatabaseUrl, Db, DbOptions, Id, migrate};
use passerelle::demo::{play, publish, write_story};
use passerelle::error::ApiError;
use passerelle::http::Context;
use passerelle::organisations::dto::OrganisationInput;
use passerelle::privacy::{MasterKey, Vault};
use passerelle::statistics::settings;
use passerelle::work::Work;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Outcome;
use crate::process::call;

/// Number of organisations added to those of the story: more than a page.
const ORGANISATIONS: usize = 200;
/// Releases cover this number of days before today: three or four quarters.
const PUBLISHED_DAYS: u64 = 450;
/// Timeout until the journal is chained.
const CHAIN_TIMEOUT: Duration = Duration::from_mins(2);

/// The database, and the identifiers in it.
pub(crate) struct Fixture {
    pub(crate) title: String,
    pub(crate) url: String,
    /// Its URL for the bare handlers.
    pub(crate) bare_url: String,
    pub(crate) master_key: String,
    /// Contains the embedded database, the logs and the file of heads.
    pub(crate) folder: TempDir,
    pub(crate) organisations: Vec<String>,
    pub(crate) referrals: Vec<String>,
    /// Releases for partners, and open releases; the latest is the last.
    pub(crate) releases: Vec<String>,
    pub(crate) open_releases: Vec<String>,
    service: Id,
    /// Identifier and secret of a client with one service, as most callers have.
    client: (Id, String),
    db: Db,
    /// The PostgreSQL server and the name of the database to drop at the end.
    dropped: Option<(String, String)>,
}

impl Fixture {
    pub(crate) fn on_sqlite(children: u32, with_releases: bool) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("passerelle.sqlite3").display());
        Self::on(url, "SQLite".into(), folder, None, (children, with_releases))
    }

    pub(crate) fn on_postgres(server: &str, children: u32, with_releases: bool) -> Outcome<Self> {
        let name = format!("passerelle_bench_{}", std::process::id());
        let mut conn = PgConnection::establish(server)?;
        // The program owns its database and is no superuser, so that row-level security holds for it.
        let role = "DO $$ BEGIN CREATE ROLE passerelle_bench LOGIN PASSWORD 'passerelle'; \
                    EXCEPTION WHEN duplicate_object THEN NULL; END $$";
        diesel::sql_query(role).execute(&mut conn)?;
        diesel::sql_query(format!("CREATE DATABASE {name} OWNER passerelle_bench")).execute(&mut conn)?;
        let fsync: Setting = diesel::sql_query("SELECT current_setting('fsync') AS value").get_result(&mut conn)?;
        let host = server.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let parameters = server.split_once('?').map(|(_, parameters)| format!("?{parameters}")).unwrap_or_default();
        let title = format!("PostgreSQL (fsync {})", fsync.value);
        let dropped = Some((server.to_owned(), name.clone()));
        let (scheme, address) = host.split_once("://").ok_or("the server has no scheme")?;
        let address = address.rsplit_once('@').map_or(address, |(_, address)| address);
        let url = format!("{scheme}://passerelle_bench:passerelle@{address}/{name}{parameters}");
        let mut fixture = Self::on(url, title, tempfile::tempdir()?, dropped, (children, with_releases))?;
        // The bare handlers have no second wall.
        fixture.bare_url = format!("{host}/{name}{parameters}");
        Ok(fixture)
    }

    fn on(
        url: String,
        title: String,
        folder: TempDir,
        dropped: Option<(String, String)>,
        (children, with_releases): (u32, bool),
    ) -> Outcome<Self> {
        let (address, master) = (DatabaseUrl::parse(&url)?, MasterKey::generate());
        migrate(&address)?;
        let db = Db::open(&address, &DbOptions { connections: 1, ..DbOptions::default() })?;
        let vault = Vault::new(&master).map_err(|_| "the master key is unusable")?;
        let context = Context::new(db.clone(), vault, Clock::System, "")?;
        let today = date_in(chrono_tz::Europe::Paris, context.now());
        let story = write_story(children, 2, 7, today).map_err(message)?;
        let from = today - chrono::Days::new(PUBLISHED_DAYS);
        let mut played = play(&context, story).map_err(message)?;
        let service = played.setup.services[0].id;
        if with_releases {
            // The small specification has tables of one size, whatever the number of children. The large one would take
            // hours.
            context
                .write_blocking(PrincipalId::Local, move |work| use_small_specification(work, service))
                .map_err(message)?;
            publish(&context, &mut played, from, today).map_err(message)?;
        }
        let fill = move |work: &mut Work<'_>| {
            (0..ORGANISATIONS).try_for_each(|number| {
                let new = organisation(service, number).map_err(|_| ApiError::not_found())?;
                passerelle::organisations::ops::create(work, &ServiceScope::one(service), &new).map(drop)
            })
        };
        context.write_blocking(PrincipalId::Local, fill).map_err(message)?;
        // The rows of the other pôle stay in the tables, as in a real deployment, but are outside the scope.
        let organisations = ids(&db, |conn| {
            organisations::table.filter(organisations::service_id.eq(service)).select(organisations::id).load(conn)
        })?;
        let referrals = ids(&db, |conn| {
            referrals::table.filter(referrals::service_id.eq(service)).select(referrals::id).load(conn)
        })?;
        let of_tier = |tier: &'static str| {
            let of_tier = statistics_releases::table.filter(statistics_releases::tier.eq(tier));
            let latest_last = of_tier.order(statistics_releases::number).select(statistics_releases::id);
            ids(&db, move |conn| latest_last.load(conn))
        };
        let (releases, open_releases) = (of_tier("partner")?, of_tier("open")?);
        let new = ClientInput {
            name: "Mesures".into(),
            service_ids: [service].into_iter().collect(),
            permissions: client_permissions().iter().collect(),
            ..ClientInput::default()
        };
        let client = context.write_blocking(PrincipalId::Local, move |work| {
            passerelle::accounts::clients::ops::create(work, &ServiceScope::All, &new)
        });
        let client = client.map_err(message)?;
        let client = (client.id, client.client_secret);
        let master_key = master.to_text().clone();
        Ok(Self {
            title,
            bare_url: url.clone(),
            url,
            master_key,
            folder,
            organisations,
            referrals,
            releases,
            open_releases,
            service,
            client,
            db,
            dropped,
        })
    }

    /// An access token of the client, which has every client permission.
    pub(crate) fn token(&self, port: u16) -> Outcome<String> {
        let (id, secret) = &self.client;
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let (_, body) = call(port, "POST /oauth/token", "Content-Type: application/x-www-form-urlencoded\r\n", &form)?;
        let body: Value = serde_json::from_str(&body)?;
        Ok(body["access_token"].as_str().ok_or_else(|| format!("no token: {body}"))?.to_owned())
    }

    /// Waits until the background job of the program has chained the journal.
    pub(crate) fn wait_for_journal(&self) -> Outcome<()> {
        let started = Instant::now();
        loop {
            let unchained = |conn: &mut AnyConn| -> QueryResult<i64> {
                audit_events::table.filter(audit_events::position.is_null()).count().get_result(conn)
            };
            if self.db.read_blocking(passerelle::db::SystemScope::Operator, unchained).map_err(message)? == 0 {
                return Ok(());
            }
            if started.elapsed() > CHAIN_TIMEOUT {
                return Err("the journal is still not chained".into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The referral that the program receives: about an unknown child, as a web form would send it.
    pub(crate) fn real_referral(&self) -> String {
        json!({
            "service_id": self.service, "subject": "child", "origin": "family", "channel": "web_form",
            "commune_code": "63300", "needs": ["find_childcare"], "external_id": "KEY",
            "child": {
                "identity": {"given_name": "NAME", "family_name": "NAME", "birth_date": "DAY"},
                "contacts": [{"relation": "parent", "name": "Camille NAME", "phone": "PHONE"}]
            },
            "description": "La famille cherche une place trois jours par semaine."
        })
        .to_string()
    }

    /// The referral that the bare server receives: the same columns, about an existing organisation.
    pub(crate) fn bare_referral(&self) -> String {
        json!({
            "service_id": self.service, "origin": "family", "channel": "web_form", "commune_code": "63300",
            "external_id": "KEY", "organisation_id": self.organisations[0],
            "description": "La famille cherche une place trois jours par semaine."
        })
        .to_string()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.dropped
            && let Ok(mut conn) = PgConnection::establish(server)
        {
            let _ = diesel::sql_query(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).execute(&mut conn);
        }
    }
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

fn use_small_specification(work: &mut Work<'_>, service: Id) -> Result<(), ApiError> {
    let row = settings::ops::find(work, &ServiceScope::one(service), service)?;
    let patch = json!({"spec_code": "small", "reason": "Mesures"});
    let patch = serde_json::from_value(patch).map_err(|_| ApiError::not_found())?;
    settings::ops::correct(work, &row, patch).map(drop)
}

fn organisation(service: Id, number: usize) -> serde_json::Result<OrganisationInput> {
    serde_json::from_value(json!({
        "service_id": service, "kind": "eaje", "name": format!("Multi-accueil {number}"), "commune_code": "63300",
        "phone": "04 73 00 00 00", "email": format!("accueil-{number}@example.org")
    }))
}

fn ids(db: &Db, load: impl FnOnce(&mut AnyConn) -> QueryResult<Vec<String>>) -> Outcome<Vec<String>> {
    db.read_blocking(passerelle::db::SystemScope::Operator, load).map_err(message)
}

/// An error of a use case, with its message.
#[allow(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn message(error: ApiError) -> Box<dyn std::error::Error> {
    error.to_string().into()
}
