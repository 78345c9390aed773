//! A PostgreSQL server of a test's own, which the test may stop and start.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use tempfile::TempDir;

use super::wait_until;

/// A server with an empty database `postgres`, which flushes its commits to disk as an installed one does.
pub struct Cluster {
    bin: PathBuf,
    directory: TempDir,
    /// The command in front of the server's: PostgreSQL refuses to run as root.
    user: Vec<String>,
    pub port: u16,
    child: Option<Child>,
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The folder of the newest installed server, as in scripts/lib/postgres.sh.
fn installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut bins: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    bins.sort_by_key(|bin| bin.parent()?.file_name()?.to_string_lossy().parse::<u32>().ok());
    bins.extend(output("pg_config", &["--bindir"]).map(PathBuf::from).filter(|_| bins.is_empty()));
    bins.into_iter().rev().find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
}

impl Cluster {
    /// Starts a new server; none, with a printed line, where no server is installed.
    pub fn start() -> Option<Self> {
        let Some(bin) = installed() else {
            eprintln!("skipped: PostgreSQL is not installed on this machine");
            return None;
        };
        // The path of a socket must be shorter than 108 bytes.
        let directory = tempfile::Builder::new().prefix("passerelle-soak-").tempdir_in("/tmp").unwrap();
        let mut user = Vec::new();
        if output("id", &["-u"])? == "0" {
            let name = if output("id", &["-u", "postgres"]).is_some() { "postgres" } else { "nobody" };
            output("chown", &[name, &directory.path().to_string_lossy()])?;
            let group = output("id", &["-g", name])?;
            user = ["setpriv", &format!("--reuid={name}"), &format!("--regid={group}"), "--clear-groups"]
                .map(str::to_owned)
                .into();
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut cluster = Self { bin, directory, user, port, child: None };
        let data = cluster.data();
        let made = cluster
            .command("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg(format!("--pgdata={data}"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.go_on();
        // The program owns its database, and is no superuser.
        let superuser = Self::url_of("postgres", "127.0.0.1", cluster.port, "postgres");
        let mut conn = PgConnection::establish(&superuser).unwrap();
        conn.batch_execute("CREATE ROLE passerelle LOGIN").unwrap();
        conn.batch_execute("CREATE DATABASE passerelle OWNER passerelle").unwrap();
        Some(cluster)
    }

    fn data(&self) -> String {
        self.directory.path().join("data").to_string_lossy().into_owned()
    }

    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = match self.user.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
            None => Command::new(program),
        };
        // The environment may contain the settings of another server.
        for name in ["PGDATA", "PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGOPTIONS"] {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").current_dir(self.directory.path()).stdin(Stdio::null());
        command
    }

    fn url_of(role: &str, host: &str, port: u16, database: &str) -> String {
        format!("postgres://{role}@{host}:{port}/{database}?gssencmode=disable")
    }

    /// The URL of the program's database, at this address or behind a proxy.
    pub fn url_at(host: &str, port: u16) -> String {
        Self::url_of("passerelle", host, port, "passerelle")
    }

    /// The URL of the same database for a superuser, who sees every row.
    pub fn superuser_url(&self) -> String {
        Self::url_of("postgres", "127.0.0.1", self.port, "passerelle")
    }

    pub fn url(&self) -> String {
        Self::url_at("127.0.0.1", self.port)
    }

    /// Where its socket is.
    pub fn socket_directory(&self) -> String {
        self.directory.path().to_string_lossy().into_owned()
    }

    /// Starts the server and waits until it accepts connections.
    pub fn go_on(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(self.directory.path().join("log")).unwrap();
        let mut command = self.command("postgres");
        command.args(["-D", &self.data(), "-p", &self.port.to_string(), "-k"]).arg(self.directory.path());
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "autovacuum=off"]);
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let state = self.directory.path().join("data/postmaster.pid");
        let is_ready =
            || std::fs::read_to_string(&state).is_ok_and(|text| text.lines().any(|line| line.starts_with("ready")));
        assert!(wait_until(Duration::from_mins(1), is_ready).is_some(), "PostgreSQL did not start");
    }

    /// Stops the server at once, as `pg_ctl stop -m immediate`: it recovers at its next start.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = Command::new("kill").args(["-QUIT", &child.id().to_string()]).status();
            let _ = child.wait();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}
