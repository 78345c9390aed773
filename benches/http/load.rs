//! The scenarios, and the measurement of one with `wrk`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::Outcome;
use crate::bare::{COMPRESSED_TABLE, OPEN_TABLE, TABLE};
use crate::fixture::Fixture;
use crate::process::{Server, call_for_bytes};

/// Number of connections: twice the database connections of either server.
const CONNECTIONS: &str = "16";

/// The encoding that a browser would choose.
const ENCODING: &str = "br";

/// One kind of request.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Name of the file of paths.
    paths: &'static str,
    /// What the request needs.
    kind: Kind,
}

/// What a request does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Reads, with a token.
    Read,
    /// Records a referral.
    Create,
    /// Reads a release, with a token.
    Pull,
    /// Reads open data, without a token.
    OpenPull,
    /// Reads compressed open data.
    CompressedPull,
}

/// The server to measure.
pub(crate) struct Target<'s> {
    pub(crate) server: &'s Server,
    /// The token for the program. The bare server needs none.
    pub(crate) token: Option<&'s str>,
}

impl Scenario {
    /// Whether the scenario needs releases.
    pub(crate) fn pulls(&self) -> bool {
        matches!(self.kind, Kind::Pull | Kind::OpenPull | Kind::CompressedPull)
    }
}

/// The scenarios. Those that write come last.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "an organisation", paths: "organisation", kind: Kind::Read },
    Scenario { name: "50 organisations", paths: "organisations", kind: Kind::Read },
    Scenario { name: "a referral, audited", paths: "referral", kind: Kind::Read },
    Scenario { name: "50 referrals, audited", paths: "referrals", kind: Kind::Read },
    Scenario { name: "a release", paths: "release", kind: Kind::Pull },
    Scenario { name: "a table of a release", paths: "table", kind: Kind::Pull },
    Scenario { name: "an open release, no token", paths: "open-release", kind: Kind::OpenPull },
    Scenario { name: "a table of an open release, no token", paths: "open-table", kind: Kind::OpenPull },
    Scenario { name: "a table of an open release, compressed", paths: "compressed-table", kind: Kind::CompressedPull },
    Scenario { name: "a referral is recorded", paths: "creation", kind: Kind::Create },
];

/// The result of one measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Requests per second.
    pub(crate) rate: f64,
    /// Median response time, in milliseconds.
    pub(crate) median: f64,
    /// 99th percentile of the response time, in milliseconds.
    pub(crate) p99: f64,
}

/// The files that `wrk` reads.
pub(crate) struct Load {
    folder: PathBuf,
    seconds: Duration,
}

impl Load {
    /// Writes the files. `table` is the table to request from each release.
    pub(crate) fn new(fixture: &Fixture, seconds: Duration, table: &str) -> Outcome<Self> {
        let folder = fixture.folder.path().to_owned();
        for (kind, base) in [("real", "/v1"), ("bare", "")] {
            let write = |name: &str, text: String| std::fs::write(folder.join(format!("{kind}-{name}")), text);
            let each = |of: &str, ids: &[String]| -> String {
                ids.iter().flat_map(|id| [base, "/", of, "/", id, "\n"]).collect()
            };
            write("organisation", each("organisations", &fixture.organisations))?;
            write("organisations", format!("{base}/organisations\n"))?;
            write("referral", each("referrals", &fixture.referrals))?;
            write("referrals", format!("{base}/referrals\n"))?;
            write("creation", format!("{base}/referrals\n"))?;
        }
        let (of, open) = ("/v1/statistics/releases/", "/v1/open-data/releases/");
        for (name, real, ids) in [("release", of, &fixture.releases), ("open-release", open, &fixture.open_releases)] {
            let each = |base: &str| -> String { ids.iter().flat_map(|id| [base, id, "\n"]).collect() };
            std::fs::write(folder.join(format!("real-{name}")), each(real))?;
            std::fs::write(folder.join(format!("bare-{name}")), each("/releases/"))?;
        }
        for (name, real, ids) in [
            ("table", of, &fixture.releases),
            ("open-table", open, &fixture.open_releases),
            ("compressed-table", open, &fixture.open_releases),
        ] {
            let last = ids.last().map(|id| format!("{real}{id}/tables/{table}\n")).unwrap_or_default();
            std::fs::write(folder.join(format!("real-{name}")), last)?;
            std::fs::write(folder.join(format!("bare-{name}")), format!("/{name}\n"))?;
        }
        std::fs::write(folder.join("real-body"), fixture.real_referral())?;
        std::fs::write(folder.join("bare-body"), fixture.bare_referral())?;
        Ok(Self { folder, seconds })
    }

    /// Saves the tables that the program returns, so that the bare server can return the same bytes. Returns their
    /// sizes.
    pub(crate) fn save_tables(&self, program: &Server, token: &str) -> Outcome<[usize; 3]> {
        let save = |name: &str, file: &str, encoding: &str| -> Outcome<usize> {
            let path = std::fs::read_to_string(self.folder.join(format!("real-{name}")))?;
            let headers = format!("Authorization: Bearer {token}\r\nAccept-Encoding: {encoding}\r\n");
            let (status, table) = call_for_bytes(program.port, &format!("GET {}", path.trim()), &headers, "")?;
            if status != 200 {
                return Err(format!("{}: {status}", path.trim()).into());
            }
            std::fs::write(self.folder.join(file), &table)?;
            Ok(table.len())
        };
        Ok([
            save("table", TABLE, "identity")?,
            save("open-table", OPEN_TABLE, "identity")?,
            save("compressed-table", COMPRESSED_TABLE, ENCODING)?,
        ])
    }

    /// Measures a server once.
    pub(crate) fn run(&self, scenario: &Scenario, target: &Target<'_>, round: usize) -> Outcome<Figures> {
        let kind = if target.token.is_some() { "real" } else { "bare" };
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--timeout", "20s", "--connections", CONNECTIONS])
            .arg(format!("--duration={}s", self.seconds.as_secs()));
        wrk.arg("--script").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/http/load.lua"));
        match (scenario.kind, target.token) {
            (Kind::OpenPull, _) | (_, None) => (),
            (Kind::CompressedPull, _) => drop(wrk.arg("--header").arg(format!("Accept-Encoding: {ENCODING}"))),
            (_, Some(token)) => drop(wrk.arg("--header").arg(format!("Authorization: Bearer {token}"))),
        }
        wrk.arg(format!("http://127.0.0.1:{}", target.server.port)).arg("--");
        wrk.arg(self.folder.join(format!("{kind}-{}", scenario.paths)));
        if scenario.kind == Kind::Create {
            let letter = char::from(b'a' + u8::try_from(round % 26)?);
            wrk.arg(self.folder.join(format!("{kind}-body"))).arg(letter.to_string());
        }
        let output = wrk.output().map_err(|error| format!("wrk (Debian package wrk): {error}"))?;
        let printed = String::from_utf8(output.stdout)?;
        let line = printed.lines().find_map(|line| line.strip_prefix("figures "));
        let line = line.ok_or_else(|| format!("wrk: {printed}{}", String::from_utf8_lossy(&output.stderr)))?;
        let figures: Vec<u32> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [requests, microseconds, failed, median, p99] = figures[..] else {
            return Err("wrk: unexpected number of figures".into());
        };
        if failed > 0 || requests == 0 {
            return Err(format!("{} ({kind}): {failed} of {requests} requests failed", scenario.name).into());
        }
        let rate = f64::from(requests) / (f64::from(microseconds) / 1e6);
        Ok(Figures { rate, median: f64::from(median) / 1e3, p99: f64::from(p99) / 1e3 })
    }
}
