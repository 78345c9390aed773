//! The bare server: actix, diesel, a pool, the row as JSON. No rights, no sealing, no journal, no validation, no entity
//! tag, no log. A table of a release does not even come from the database, but from memory.
//!
//! It has the same number of workers and connections as the program, and the same durability.

use actix_web::http::header::ContentEncoding;
use actix_web::web::{self, Bytes, Data, Json, Path};
use actix_web::{App, Error, HttpResponse, HttpServer};
use chrono::{NaiveDate, NaiveDateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{self, ConnectionManager, CustomizeConnection, Pool, R2D2Connection};
use passerelle::db::schema::{organisations, referrals, statistics_releases};
use serde::{Deserialize, Serialize};

use crate::Outcome;

const CONNECTIONS: u32 = 8;

/// The files of the tables that the server returns.
pub(crate) const TABLE: &str = "table.json";
pub(crate) const OPEN_TABLE: &str = "open-table.json";
pub(crate) const COMPRESSED_TABLE: &str = "open-table.json.br";

#[derive(Queryable, Selectable, Serialize)]
#[diesel(table_name = organisations)]
struct Organisation {
    id: String,
    service_id: String,
    kind: String,
    name: String,
    commune_code: String,
    siret: Option<String>,
    finess: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

#[derive(Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = referrals)]
struct Referral {
    id: String,
    service_id: String,
    status: String,
    subject: String,
    origin: String,
    origin_organisation_id: Option<String>,
    channel: String,
    received_on: NaiveDate,
    urgency: String,
    household_id: Option<String>,
    child_id: Option<String>,
    organisation_id: Option<String>,
    commune_code: String,
    current_childcare: Option<String>,
    recognition_status: Option<String>,
    need_domain: Option<String>,
    disability_family: Option<String>,
    concerns_school_time: bool,
    #[serde(skip)]
    description: Option<Vec<u8>>,
    external_id: Option<String>,
    author: String,
    waiting_since: Option<NaiveDate>,
    decided_on: Option<NaiveDate>,
    reason: Option<String>,
    redirected_to_id: Option<String>,
    case_id: Option<String>,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

#[derive(Deserialize)]
struct ReferralInput {
    service_id: String,
    origin: String,
    channel: String,
    commune_code: String,
    organisation_id: String,
    external_id: String,
    description: String,
}

impl From<ReferralInput> for Referral {
    fn from(new: ReferralInput) -> Self {
        let now = Utc::now().naive_utc();
        Self {
            id: uuid::Uuid::now_v7().to_string(),
            service_id: new.service_id,
            status: "received".into(),
            subject: "structure".into(),
            origin: new.origin,
            origin_organisation_id: None,
            channel: new.channel,
            received_on: now.date(),
            urgency: "normal".into(),
            household_id: None,
            child_id: None,
            organisation_id: Some(new.organisation_id),
            commune_code: new.commune_code,
            current_childcare: None,
            recognition_status: None,
            need_domain: None,
            disability_family: None,
            concerns_school_time: false,
            description: Some(new.description.into_bytes()),
            external_id: Some(new.external_id),
            author: "bare".into(),
            waiting_since: None,
            decided_on: None,
            reason: None,
            redirected_to_id: None,
            case_id: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// The tables that the server returns.
#[derive(Clone)]
struct Tables {
    partner: Bytes,
    open: Bytes,
    compressed: Bytes,
}

impl Tables {
    /// Reads the tables of a folder. A missing file is an empty table.
    fn in_folder(folder: &std::path::Path) -> Self {
        let read = |name: &str| Bytes::from(std::fs::read(folder.join(name)).unwrap_or_default());
        Self { partner: read(TABLE), open: read(OPEN_TABLE), compressed: read(COMPRESSED_TABLE) }
    }
}

async fn table(tables: Data<Tables>) -> HttpResponse {
    json(tables.partner.clone())
}

async fn open_table(tables: Data<Tables>) -> HttpResponse {
    json(tables.open.clone())
}

async fn compressed_table(tables: Data<Tables>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(ContentEncoding::Brotli)
        .body(tables.compressed.clone())
}

fn json(bytes: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(bytes)
}

/// The same handlers for each connection type.
macro_rules! server {
    ($name:ident, $connection:ty) => {
        async fn $name(pool: Pool<ConnectionManager<$connection>>, port: u16, tables: Tables) -> std::io::Result<()> {
            type Connections = Data<Pool<ConnectionManager<$connection>>>;
            async fn organisation(pool: Connections, id: Path<String>) -> Result<Json<Organisation>, Error> {
                let id = id.into_inner();
                on(pool, move |c| organisations::table.find(id).select(Organisation::as_select()).first(c)).await
            }
            async fn organisations(pool: Connections) -> Result<Json<Vec<Organisation>>, Error> {
                let newest = organisations::table.order(organisations::id.desc()).limit(50);
                on(pool, move |c| newest.select(Organisation::as_select()).load(c)).await
            }
            async fn referral(pool: Connections, id: Path<String>) -> Result<Json<Referral>, Error> {
                let id = id.into_inner();
                on(pool, move |c| referrals::table.find(id).select(Referral::as_select()).first(c)).await
            }
            async fn referrals(pool: Connections) -> Result<Json<Vec<Referral>>, Error> {
                let newest = referrals::table.order(referrals::id.desc()).limit(50);
                on(pool, move |c| newest.select(Referral::as_select()).load(c)).await
            }
            async fn release(pool: Connections, id: Path<String>) -> Result<HttpResponse, Error> {
                let id = id.into_inner();
                let of = move |c: &mut $connection| -> QueryResult<Vec<u8>> {
                    statistics_releases::table.find(id).select(statistics_releases::document).first(c)
                };
                Ok(json(on(pool, of).await?.into_inner().into()))
            }
            async fn create(pool: Connections, new: Json<ReferralInput>) -> Result<HttpResponse, Error> {
                let insert = |c: &mut $connection| {
                    let row = Referral::from(new.into_inner());
                    diesel::insert_into(referrals::table).values(&row).execute(c).map(|_| row)
                };
                Ok(HttpResponse::Created().json(on(pool, insert).await?))
            }
            let application = move || {
                App::new()
                    .app_data(Data::new(pool.clone()))
                    .app_data(Data::new(tables.clone()))
                    .route("/organisations/{id}", web::get().to(organisation))
                    .route("/organisations", web::get().to(organisations))
                    .route("/referrals/{id}", web::get().to(referral))
                    .route("/referrals", web::get().to(referrals))
                    .route("/referrals", web::post().to(create))
                    .route("/releases/{id}", web::get().to(release))
                    .route("/table", web::get().to(table))
                    .route("/open-table", web::get().to(open_table))
                    .route("/compressed-table", web::get().to(compressed_table))
            };
            let workers = std::thread::available_parallelism().map_or(1, usize::from);
            HttpServer::new(application).workers(workers).bind(("127.0.0.1", port))?.run().await
        }
    };
}

server!(sqlite, SqliteConnection);
server!(postgres, PgConnection);

/// Serves until the process is killed.
pub(crate) fn serve(url: &str, port: u16, folder: &std::path::Path) -> Outcome<()> {
    let tables = Tables::in_folder(folder);
    let system = actix_web::rt::System::new();
    match url.strip_prefix("sqlite:") {
        Some(file) => {
            let pool = pool().connection_customizer(Box::new(Durable)).build(ConnectionManager::new(file))?;
            Ok(system.block_on(sqlite(pool, port, tables))?)
        }
        None => Ok(system.block_on(postgres(pool().build(ConnectionManager::new(url))?, port, tables))?),
    }
}

/// A pool with as many connections as the program has, without a test before each use.
fn pool<C: R2D2Connection + 'static>() -> r2d2::Builder<ConnectionManager<C>> {
    Pool::builder().max_size(CONNECTIONS).test_on_check_out(false)
}

/// The SQLite settings of the program that affect its performance.
#[derive(Debug)]
struct Durable;

impl CustomizeConnection<SqliteConnection, r2d2::Error> for Durable {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), r2d2::Error> {
        conn.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
            .map_err(r2d2::Error::QueryError)
    }
}

/// Runs a query on a blocking thread.
async fn on<C, T>(
    pool: Data<Pool<ConnectionManager<C>>>,
    query: impl FnOnce(&mut C) -> QueryResult<T> + Send + 'static,
) -> Result<Json<T>, Error>
where
    C: R2D2Connection + 'static,
    T: Send + 'static,
{
    let run = move || -> Result<T, String> {
        let mut conn = pool.get().map_err(|error| error.to_string())?;
        query(&mut conn).map_err(|error| error.to_string())
    };
    web::block(run).await?.map(Json).map_err(actix_web::error::ErrorInternalServerError)
}
