//! Metrics for Prometheus. Labels are route templates, methods and statuses, never a path, an identifier or a value:
//! the metrics disclose nothing about a person, and the number of series is bounded.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::http::Method;
use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::auth::forged_read;
use crate::journal::heads_unsent;
use passerelle_database::DbLoad;

/// Bounds of the duration histogram, in seconds.
const BOUNDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The route label of a request that matched no operation.
const NO_ROUTE: &str = "none";

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Limit {
    limit: &'static str,
}

/// The label of refused exports.
pub(super) const EXPORTS: &str = "exports";

/// Why a connection was cut.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cut {
    /// The client did not read its response.
    SlowReader,
    /// The head of a request did not arrive in time.
    SlowHead,
}

impl Cut {
    fn label(self) -> Reason {
        Reason {
            reason: match self {
                Self::SlowReader => "slow_reader",
                Self::SlowHead => "slow_head",
            },
        }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// The counters of this process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    limited: Family<Limit, Counter>,
    connections: Gauge,
    cut: Family<Reason, Counter>,
    permits: Gauge,
    permits_in_use: Gauge,
    permits_waiting: Gauge,
    writes_waiting: Gauge,
    statements: Counter,
    forged_rows: Counter,
    heads_unsent: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Every metric at zero.
    pub fn new() -> Self {
        let mut all = Self {
            registry: Registry::with_prefix("passerelle"),
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BOUNDS)),
            in_flight: Gauge::default(),
            limited: Family::default(),
            connections: Gauge::default(),
            cut: Family::default(),
            permits: Gauge::default(),
            permits_in_use: Gauge::default(),
            permits_waiting: Gauge::default(),
            writes_waiting: Gauge::default(),
            statements: Counter::default(),
            forged_rows: Counter::default(),
            heads_unsent: Counter::default(),
        };
        let registry = &mut all.registry;
        registry.register("build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        registry.register("http_requests", "Requests answered", all.requests.clone());
        registry.register("http_request_duration_seconds", "Time to the response", all.durations.clone());
        registry.register("http_requests_in_flight", "Requests in progress", all.in_flight.clone());
        registry.register("http_requests_limited", "Requests over a limit", all.limited.clone());
        registry.register("http_connections", "Open connections", all.connections.clone());
        registry.register("http_connections_cut", "Connections cut because they were too slow", all.cut.clone());
        registry.register("db_permits", "Concurrent database operations allowed", all.permits.clone());
        registry.register("db_permits_in_use", "Database operations running", all.permits_in_use.clone());
        registry.register("db_permits_waiting", "Requests waiting for a permit", all.permits_waiting.clone());
        registry.register("db_writes_waiting", "Writes in the embedded writer's queue", all.writes_waiting.clone());
        registry.register("db_statements", "Statements sent to the database", all.statements.clone());
        registry.register(
            "forged_rows",
            "Rows that give rights, read and ignored because the program did not write them",
            all.forged_rows.clone(),
        );
        registry.register(
            "audit_heads_unsent",
            "Failures to send the heads of the journal to another place",
            all.heads_unsent.clone(),
        );
        for limit in ["address", "health", "principal", EXPORTS] {
            drop(all.limited.get_or_create(&Limit { limit }));
        }
        for cut in [Cut::SlowReader, Cut::SlowHead] {
            drop(all.cut.get_or_create(&cut.label()));
        }
        all
    }

    /// Counts a response.
    pub(in crate::http) fn answered(&self, route: Option<String>, method: &Method, status: u16, took: Duration) {
        let (route, method) = (route.unwrap_or_else(|| NO_ROUTE.to_owned()), name_of(method));
        let of_route = Route { route, method };
        self.durations.get_or_create(&of_route).observe(took.as_secs_f64());
        let Route { route, method } = of_route;
        self.requests.get_or_create(&Request { route, method, status }).inc();
    }

    /// Counts the response to a request that could not be parsed.
    pub(super) fn unread(&self, status: u16) {
        self.requests.get_or_create(&Request { route: NO_ROUTE.to_owned(), method: "OTHER", status }).inc();
    }

    /// Counts a connection that was too slow.
    pub(super) fn cut(&self, cut: Cut) {
        self.cut.get_or_create(&cut.label()).inc();
    }

    /// Counts a refusal by a limit.
    pub(super) fn limited(&self, limit: &'static str) {
        self.limited.get_or_create(&Limit { limit }).inc();
    }

    /// Counts a request while it is in progress, even if its connection is cut.
    pub(in crate::http) fn flight(&self) -> Held {
        Held::of(&self.in_flight)
    }

    /// Counts a connection while it is open.
    pub(super) fn connection(&self) -> Held {
        Held::of(&self.connections)
    }

    /// Every metric, in the text format of Prometheus 0.0.4.
    pub(in crate::http) fn text(&self, db: DbLoad) -> String {
        let gauge = |gauge: &Gauge, value: usize| {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        gauge(&self.permits, db.permits);
        gauge(&self.permits_in_use, db.in_use);
        gauge(&self.permits_waiting, db.waiting);
        gauge(&self.writes_waiting, db.writes_waiting);
        // Counted by the database layer.
        self.statements.inner().fetch_max(db.statements, Ordering::Relaxed);
        self.forged_rows.inner().fetch_max(forged_read(), Ordering::Relaxed);
        self.heads_unsent.inner().fetch_max(heads_unsent(), Ordering::Relaxed);
        let mut text = String::new();
        if prometheus_text::encode(&mut text, &self.registry).is_err() {
            log::error!("the metrics could not be written");
        }
        text
    }
}

/// Adds one to a gauge until it is dropped.
pub(in crate::http) struct Held(Gauge);

impl Held {
    fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The label of a method. A client can invent any method, so unknown ones share the label `OTHER`.
fn name_of(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|name| *name == method.as_str()).unwrap_or("OTHER")
}
