//! The scenarios, and one measure of one by `wrk`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::Outcome;
use crate::bare::{OPEN_TABLE, PACKED_TABLE, TABLE};
use crate::estate::Estate;
use crate::process::{Server, call_for_bytes};

/// Connections that ask: twice what either server gives to the database.
const CONNECTIONS: &str = "16";

/// What a browser would choose.
const PACKING: &str = "br";

/// What is asked.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Name of the file of paths.
    paths: &'static str,
    /// What the program must be given or have.
    kind: Kind,
}

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A read with a token.
    Read,
    /// A referral is recorded.
    Create,
    /// Something published is read, with a token.
    Pull,
    /// The same, without.
    OpenPull,
    /// The same, packed.
    PackedPull,
}

/// Who is asked.
pub(crate) struct Asked<'s> {
    pub(crate) server: &'s Server,
    /// Of the program; the bare server asks for none.
    pub(crate) token: Option<&'s str>,
}

impl Scenario {
    /// Whether there must be releases.
    pub(crate) fn pulls(&self) -> bool {
        matches!(self.kind, Kind::Pull | Kind::OpenPull | Kind::PackedPull)
    }
}

/// Reading changes nothing, so what creates comes last.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "an organisation", paths: "organisation", kind: Kind::Read },
    Scenario { name: "50 organisations", paths: "organisations", kind: Kind::Read },
    Scenario { name: "a referral, audited", paths: "referral", kind: Kind::Read },
    Scenario { name: "50 referrals, audited", paths: "referrals", kind: Kind::Read },
    Scenario { name: "a release", paths: "release", kind: Kind::Pull },
    Scenario { name: "a table of a release", paths: "table", kind: Kind::Pull },
    Scenario { name: "an open release, no token", paths: "open-release", kind: Kind::OpenPull },
    Scenario { name: "a table of an open release, no token", paths: "open-table", kind: Kind::OpenPull },
    Scenario { name: "a table of an open release, packed", paths: "packed-table", kind: Kind::PackedPull },
    Scenario { name: "a referral is recorded", paths: "creation", kind: Kind::Create },
];

/// One measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Requests a second.
    pub(crate) rate: f64,
    /// Median of the time to the answer, in milliseconds.
    pub(crate) median: f64,
    /// Its 99th centile.
    pub(crate) p99: f64,
}

/// The files that `wrk` reads.
pub(crate) struct Load {
    folder: PathBuf,
    seconds: Duration,
}

impl Load {
    /// Of which table of each release.
    pub(crate) fn new(estate: &Estate, seconds: Duration, table: &str) -> Outcome<Self> {
        let folder = estate.folder.path().to_owned();
        for (kind, base) in [("real", "/v1"), ("bare", "")] {
            let write = |name: &str, text: String| std::fs::write(folder.join(format!("{kind}-{name}")), text);
            let each = |of: &str, ids: &[String]| -> String {
                ids.iter().flat_map(|id| [base, "/", of, "/", id, "\n"]).collect()
            };
            write("organisation", each("organisations", &estate.organisations))?;
            write("organisations", format!("{base}/organisations\n"))?;
            write("referral", each("referrals", &estate.referrals))?;
            write("referrals", format!("{base}/referrals\n"))?;
            write("creation", format!("{base}/referrals\n"))?;
        }
        let (of, open) = ("/v1/statistics/releases/", "/v1/open-data/releases/");
        for (name, real, ids) in [("release", of, &estate.releases), ("open-release", open, &estate.open_releases)] {
            let each = |base: &str| -> String { ids.iter().flat_map(|id| [base, id, "\n"]).collect() };
            std::fs::write(folder.join(format!("real-{name}")), each(real))?;
            std::fs::write(folder.join(format!("bare-{name}")), each("/releases/"))?;
        }
        for (name, real, ids) in [
            ("table", of, &estate.releases),
            ("open-table", open, &estate.open_releases),
            ("packed-table", open, &estate.open_releases),
        ] {
            let last = ids.last().map(|id| format!("{real}{id}/tables/{table}\n")).unwrap_or_default();
            std::fs::write(folder.join(format!("real-{name}")), last)?;
            std::fs::write(folder.join(format!("bare-{name}")), format!("/{name}\n"))?;
        }
        std::fs::write(folder.join("real-body"), estate.whole_referral())?;
        std::fs::write(folder.join("bare-body"), estate.bare_referral())?;
        Ok(Self { folder, seconds })
    }

    /// Has the program draw the tables, for the bare server to answer the same bytes. Returns how many each is.
    pub(crate) fn draw(&self, program: &Server, token: &str) -> Outcome<[usize; 3]> {
        let draw = |name: &str, file: &str, encoding: &str| -> Outcome<usize> {
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
            draw("table", TABLE, "identity")?,
            draw("open-table", OPEN_TABLE, "identity")?,
            draw("packed-table", PACKED_TABLE, PACKING)?,
        ])
    }

    /// Measures a server once.
    pub(crate) fn run(&self, scenario: &Scenario, asked: &Asked<'_>, round: usize) -> Outcome<Figures> {
        let kind = if asked.token.is_some() { "real" } else { "bare" };
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--timeout", "20s", "--connections", CONNECTIONS])
            .arg(format!("--duration={}s", self.seconds.as_secs()));
        wrk.arg("--script").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/http/load.lua"));
        match (scenario.kind, asked.token) {
            (Kind::OpenPull, _) | (_, None) => (),
            (Kind::PackedPull, _) => drop(wrk.arg("--header").arg(format!("Accept-Encoding: {PACKING}"))),
            (_, Some(token)) => drop(wrk.arg("--header").arg(format!("Authorization: Bearer {token}"))),
        }
        wrk.arg(format!("http://127.0.0.1:{}", asked.server.port)).arg("--");
        wrk.arg(self.folder.join(format!("{kind}-{}", scenario.paths)));
        if scenario.kind == Kind::Create {
            let letter = char::from(b'a' + u8::try_from(round % 26)?);
            wrk.arg(self.folder.join(format!("{kind}-body"))).arg(letter.to_string());
        }
        let output = wrk.output().map_err(|error| format!("wrk (Debian package wrk): {error}"))?;
        let said = String::from_utf8(output.stdout)?;
        let line = said.lines().find_map(|line| line.strip_prefix("figures "));
        let line = line.ok_or_else(|| format!("wrk: {said}{}", String::from_utf8_lossy(&output.stderr)))?;
        let figures: Vec<u32> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [requests, microseconds, failed, median, p99] = figures[..] else {
            return Err("wrk: other figures".into());
        };
        if failed > 0 || requests == 0 {
            return Err(format!("{} ({kind}): {failed} of {requests} requests failed", scenario.name).into());
        }
        let rate = f64::from(requests) / (f64::from(microseconds) / 1e6);
        Ok(Figures { rate, median: f64::from(median) / 1e3, p99: f64::from(p99) / 1e3 })
    }
}
