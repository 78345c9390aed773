//! The address of a caller: that of the connection, or the one that a trusted proxy forwards.

use crate::harness::Database;
use crate::harness::process::{Server, program};

/// Two trusted proxies in a chain.
const TRUSTED: (&str, &str) = ("PASSERELLE_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8");

fn status(server: &Server, forwarded: &str) -> u16 {
    server.call("GET", "/", &[("X-Forwarded-For", forwarded)], "").0
}

#[test]
fn a_forged_address_does_not_change_the_rate_limit() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_RATE_ADDRESS", "60:3")]);
    let forged: Vec<u16> = (1..=4).map(|last| status(&server, &format!("198.51.100.{last}"))).collect();
    assert_eq!(forged, [200, 200, 200, 429], "all requests come from one caller");
}

#[test]
fn callers_behind_a_trusted_proxy_have_separate_rate_limits() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_RATE_ADDRESS", "60:3"), TRUSTED]);
    let same: Vec<u16> = (0..4).map(|_| status(&server, "198.51.100.1")).collect();
    assert_eq!(same, [200, 200, 200, 429]);
    assert_eq!(status(&server, "198.51.100.2"), 200, "another caller behind the same proxy");
    // Addresses that the caller put before those of the proxies are ignored.
    assert_eq!(status(&server, "198.51.100.77, 198.51.100.1, 10.0.0.2"), 429);
    let forwarded = [("Forwarded", "for=198.51.100.77, for=198.51.100.1")];
    assert_eq!(server.call("GET", "/", &forwarded, "").0, 429);
    // The metrics are for this machine only. A request through its proxy is not local.
    let metrics = |forwarded: &str| server.call("GET", "/metrics", &[("X-Forwarded-For", forwarded)], "").0;
    assert_eq!((metrics("198.51.100.1"), metrics("127.0.0.1")), (404, 200));
}

for_both_engines! {
    fn the_journal_records_the_address_of_the_caller(engine: Engine) {
        for (proxies, expected) in [("", "127.0.0.1"), (TRUSTED.1, "198.51.100.1")] {
            let (data, database) = (tempfile::tempdir().unwrap(), Database::empty(engine));
            let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap();
            let (url, key) = (database.address(), key.trim().to_owned());
            let settings = [("DATABASE_URL", &*url), ("PASSERELLE_MASTER_KEY", &*key), (TRUSTED.0, proxies)];
            let server = Server::start_with(&data, &settings);
            let headers = [("Authorization", "Bearer forged"), ("X-Forwarded-For", "198.51.100.1")];
            assert_eq!(server.call("GET", "/v1/services", &headers, "").0, 401);
            let sql = "SELECT address AS text FROM audit_events WHERE code = 'unauthenticated'";
            assert_eq!(database.texts(sql), [expected], "trusted: {proxies:?}");
        }
    }
}
