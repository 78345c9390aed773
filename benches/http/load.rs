//! The scenarios, and one measure of one by `wrk`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::Outcome;
use crate::estate::Estate;
use crate::process::Server;

/// Connections that ask: twice what either server gives to the database.
const CONNECTIONS: &str = "16";

/// What is asked.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Name of the file of paths.
    paths: &'static str,
    /// Whether it records a referral.
    creates: bool,
}

/// Reading changes nothing, so what creates comes last.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "an organisation", paths: "organisation", creates: false },
    Scenario { name: "50 organisations", paths: "organisations", creates: false },
    Scenario { name: "a referral, audited", paths: "referral", creates: false },
    Scenario { name: "50 referrals, audited", paths: "referrals", creates: false },
    Scenario { name: "a referral is recorded", paths: "creation", creates: true },
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
    pub(crate) fn new(estate: &Estate, seconds: Duration) -> Outcome<Self> {
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
        std::fs::write(folder.join("real-body"), estate.whole_referral())?;
        std::fs::write(folder.join("bare-body"), estate.bare_referral())?;
        Ok(Self { folder, seconds })
    }

    /// Measures a server once; the program is the one that asks for a token.
    pub(crate) fn run(
        &self,
        scenario: &Scenario,
        server: &Server,
        token: Option<&str>,
        round: usize,
    ) -> Outcome<Figures> {
        let kind = if token.is_some() { "real" } else { "bare" };
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--timeout", "20s", "--connections", CONNECTIONS])
            .arg(format!("--duration={}s", self.seconds.as_secs()));
        wrk.arg("--script").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/http/load.lua"));
        if let Some(token) = token {
            wrk.arg("--header").arg(format!("Authorization: Bearer {token}"));
        }
        wrk.arg(format!("http://127.0.0.1:{}", server.port)).arg("--");
        wrk.arg(self.folder.join(format!("{kind}-{}", scenario.paths)));
        if scenario.creates {
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
