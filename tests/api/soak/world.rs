//! A real server with what a load of several kinds needs: a coordinator, a client, and for each writer a case, a kit and
//! an instalment.

use chrono::{Datelike, Days, NaiveDate, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::PASSWORD;
use crate::harness::database::{Database, texts};
use crate::harness::process::{PATIENCE, Server, program};
use crate::main_job::{Accounts, accounts};

use super::http::Connection;
use super::wait_until;

/// Where the data is.
pub enum Store {
    Own(Database),
    /// A PostgreSQL server of the test: the URL for the test, which may differ from the URL for the program.
    Server(String),
    /// A file of SQLite that the program made in its data directory.
    File(std::path::PathBuf),
}

impl Store {
    /// The texts of a query of one text column named `text`, on a connection of this process.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        use diesel::connection::{Connection, SimpleConnection};
        use passerelle::db::AnyConn;
        match self {
            Self::Own(database) => database.texts(sql),
            Self::Server(url) => texts(&mut AnyConn::Pg(diesel::PgConnection::establish(url).unwrap()), sql),
            Self::File(path) => {
                let mut conn = diesel::SqliteConnection::establish(&path.to_string_lossy()).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
                texts(&mut AnyConn::Sqlite(conn), sql)
            }
        }
    }
}

pub const JSON: (&str, &str) = ("Content-Type", "application/json");

/// What one writer writes to.
pub struct Desk {
    pub case: String,
    pub kit: String,
    pub instalment: String,
}

/// A deployment that can be started again and again on its data.
pub struct World {
    pub data: TempDir,
    pub store: Store,
    settings: Vec<(String, String)>,
    pub service: String,
    pub organisation: String,
    /// An access token of the coordinator. It is valid for ten minutes: see [`World::renew`].
    pub token: String,
    pub client: (String, String),
    pub desks: Vec<Desk>,
    /// How many writers share the desks.
    pub writers: usize,
    /// Whether the writers write long texts, so that a group of writes does not fit into the cache of the database.
    pub has_long_texts: bool,
    /// A day on which the service lends.
    open_day: NaiveDate,
}

/// Of invented names.
const SYLLABLES: [&str; 16] =
    ["ba", "ko", "mi", "tu", "re", "lo", "sa", "ni", "pe", "vu", "ga", "do", "fi", "ja", "zé", "ché"];

fn day(ago: u64) -> NaiveDate {
    Utc::now().date_naive() - Days::new(ago)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

impl World {
    /// Starts the program for the first time, with these settings, and prepares its data.
    pub fn begin(store: Store, address: &str, desks: usize, settings: &[(&str, &str)]) -> (Self, Server) {
        let data = tempfile::tempdir().unwrap();
        let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap();
        let common = [
            ("DATABASE_URL", address),
            ("PASSERELLE_MASTER_KEY", key.trim()),
            // The issuer of the tokens must be the same after a restart.
            ("PASSERELLE_PUBLIC_URL", "https://api.example"),
            ("PASSERELLE_RATE_ADDRESS", "off"),
            ("PASSERELLE_RATE_HEALTH", "off"),
            ("PASSERELLE_RATE_PRINCIPAL", "off"),
            // Without the line of each request.
            ("PASSERELLE_LOG", "info,passerelle::access=off"),
        ];
        let settings = common.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut world = Self {
            data,
            store,
            settings: settings.collect(),
            service: String::new(),
            organisation: String::new(),
            token: String::new(),
            client: Default::default(),
            desks: Vec::new(),
            writers: desks,
            has_long_texts: false,
            open_day: day(0),
        };
        let mut server = world.start();
        world.prepare(&mut server, desks);
        (world, server)
    }

    /// A deployment on a new database of this engine.
    pub fn on(engine: crate::harness::Engine, desks: usize, settings: &[(&str, &str)]) -> (Self, Server) {
        let database = Database::empty(engine);
        let address = database.address();
        Self::begin(Store::Own(database), &address, desks, settings)
    }

    /// Starts the program and waits until it is ready.
    pub fn start(&self) -> Server {
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let server = Server::start_with(&self.data, &settings);
        let mut caller = Connection::to(&server.address);
        wait_until(PATIENCE, || caller.status("/health/ready") == 200).expect("the program is ready");
        server
    }

    /// Runs a command of the program on the same data. Returns its exit code and what it printed.
    pub fn command(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let settings = self.settings.iter().filter(|(name, _)| {
            ["DATABASE_URL", "PASSERELLE_MASTER_KEY", "PASSERELLE_DATA_DIR"].contains(&name.as_str())
        });
        let mut command = program(arguments);
        command.env("PASSERELLE_DATA_DIR", self.data.path()).envs(settings.map(|(name, value)| (name, value)));
        let output = command.output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&printed).into_owned())
    }

    fn prepare(&mut self, server: &mut Server, desks: usize) {
        let Accounts { service, coordinator, .. } = accounts(server);
        (self.service, self.token) = (service, coordinator);
        let administrator = sign_in(server, "admin@example.org");
        let client = json!({"name": "Script", "service_ids": [self.service], "permissions": ["referrals:write"]});
        let client = server.post("/v1/clients", &administrator, &client);
        self.client = (text(&client["id"]), text(&client["client_secret"]));
        let nursery =
            json!({"service_id": self.service, "kind": "eaje", "name": "Les Lutins", "commune_code": "63300"});
        self.organisation = text(&server.post("/v1/organisations", &self.token, &nursery)["id"]);
        let instalments = self.instalments(server, desks);
        for instalment in instalments {
            let referral = server.post("/v1/referrals", &self.token, &self.referral(self.desks.len() as u64));
            let path = format!("/v1/referrals/{}/accept", text(&referral["referral"]["id"]));
            let accepted = self.act(server, &path, &json!({"decided_on": day(8)}));
            let kit = json!({
                "service_id": self.service, "title_fr": "Sensorielle", "themes": ["senses"], "audiences": ["family", "early_childhood_professional"]
            });
            let kit = text(&server.post("/v1/kits", &self.token, &kit)["id"]);
            let copy = json!({"label": "1", "condition": "good", "home_site": "Clermont-Ferrand"});
            server.post(&format!("/v1/kits/{kit}/copies"), &self.token, &copy);
            self.desks.push(Desk { case: text(&accepted["case_id"]), kit, instalment });
        }
        // The service does not lend on weekends and holidays.
        let mut days = (3..30).map(|ahead| day(0) + Days::new(ahead));
        let authorization = super::http::bearer(&self.token);
        let headers = [JSON, ("Authorization", authorization.as_str())];
        self.open_day = days
            .find(|day| {
                self.open_day = *day;
                let body = self.reservation(0).to_string();
                server.call("POST", "/v1/reservations", &headers, &body).0 == 201
            })
            .expect("a day on which the service lends");
    }

    /// A convention whose contribution has an instalment for each desk, called today.
    fn instalments(&self, server: &Server, desks: usize) -> Vec<String> {
        let year = day(0).year();
        let convention = json!({
            "service_id": self.service, "collectivity": "commune:63032", "starts_on": format!("{year}-01-01"),
            "ends_on": format!("{year}-12-31"), "services": [{"complementary_service": "childminder_awareness"}],
            "signatories": [{"party": "collectivity", "name": "Dominique Exemple", "capacity": "Président"}]
        });
        let convention = text(&server.post("/v1/conventions", &self.token, &convention)["id"]);
        let due: Vec<Value> = (0..desks).map(|_| json!({"due_on": format!("{year}-12-31")})).collect();
        let contribution =
            json!({"year": year, "basis": "flat", "flat_cents": 100_000_000 * desks as u64, "instalments": due});
        let path = format!("/v1/conventions/{convention}/contributions");
        let made = server.post(&path, &self.token, &contribution);
        for action in ["propose", "sign"] {
            self.act(server, &format!("/v1/conventions/{convention}/{action}"), &json!({}));
        }
        let ids: Vec<String> = made["instalments"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect();
        for id in &ids {
            // Before any day of a test that moves the clock.
            self.act(server, &format!("/v1/instalments/{id}/call"), &json!({"called_on": day(20)}));
        }
        ids
    }

    fn act(&self, server: &Server, path: &str, body: &Value) -> Value {
        let authorization = super::http::bearer(&self.token);
        let headers = [JSON, ("Authorization", authorization.as_str()), ("If-Match", "*")];
        let (status, response) = server.call("POST", path, &headers, &body.to_string());
        assert_eq!(status, 200, "POST {path}: {response:#}");
        response
    }

    /// A new access token of the coordinator.
    pub fn renew(&mut self, server: &Server) {
        self.token = sign_in(server, "coordo@example.org");
    }

    /// The referral of a child. Names and days differ, so that no child is taken for another.
    pub fn referral(&self, number: u64) -> Value {
        let name = |seed: u64| -> String {
            let hash = (number + 1).wrapping_mul(seed) >> 20;
            (0..5).map(|rank| SYLLABLES[usize::from((hash >> (4 * rank)).to_le_bytes()[0] % 16)]).collect()
        };
        let born = day(400 + number % 1200);
        json!({
            "service_id": self.service, "subject": "child", "origin": "pmi", "channel": "phone", "received_on": day(9),
            "commune_code": "63300", "needs": ["find_childcare"],
            "child": {"identity": {
                "given_name": name(0x9E37_79B9_7F4A_7C15), "family_name": name(0xC2B2_AE3D_27D4_EB4F), "birth_date": born
            }}
        })
    }

    /// An intervention in a case.
    pub fn intervention() -> Value {
        json!({
            "type": "family_interview", "held_on": day(2), "minutes": 60, "travel_minutes": 30, "place": "family_home",
            "participants": [{"kind": "parent", "number": 1}]
        })
    }

    /// A reservation of the kit of a desk, which is recorded as declined if the kit is taken.
    pub fn reservation(&self, desk: usize) -> Value {
        json!({
            "service_id": self.service, "kit_id": self.desks[desk].kit, "starts_on": self.open_day, "if_taken": "decline",
            "borrower": {"kind": "organisation", "organisation_id": self.organisation}
        })
    }
}

fn sign_in(server: &Server, email: &str) -> String {
    server.token(&[("grant_type", "password"), ("username", email), ("password", PASSWORD)])
}
