//! Compares the program with a bare actix and diesel server on the same tables, on both databases.
//!
//! ```text
//! scripts/with-postgres cargo bench --bench http                   everything; about twelve minutes
//! cargo bench --bench http -- --seconds 1 --rounds 1               a quick look, on SQLite only
//! ```
//!
//! Rounds alternate between the two servers, so that other load on the machine affects both. `wrk` (Debian package) is
//! a closed loop on the same cores: compare its figures, and do not read them as absolute. PostgreSQL is the server of
//! `PASSERELLE_TEST_POSTGRES_URL`. The one that `scripts/with-postgres` starts does not flush to the disk.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod bare;
mod fixture;
mod load;
mod process;
mod report;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use fixture::Fixture;
use load::{Load, SCENARIOS, Scenario, Target};
use process::{Server, program};

/// Any failure ends the benchmark with its message.
type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Parser)]
struct Options {
    /// Number of rounds; each measures both servers once.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds per measurement.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Number of timed starts on the existing database.
    #[arg(long, default_value_t = 10)]
    starts: usize,
    /// Only the scenarios whose name contains this text.
    #[arg(long, default_value = "")]
    only: String,
    /// Number of children in the invented history.
    #[arg(long, default_value_t = 600)]
    children: u32,
    /// The table to request from each release.
    #[arg(long, default_value = "children_territory")]
    table: String,
    /// Log level of the program; `warn` leaves out the line per request.
    #[arg(long, default_value = "info")]
    log: String,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Runs the bare server, in its own process.
    #[command(hide = true)]
    Bare { url: String, port: u16, folder: PathBuf },
}

impl Options {
    fn scenarios(&self) -> impl Iterator<Item = &'static Scenario> {
        SCENARIOS.iter().filter(|scenario| scenario.name.contains(&self.only))
    }
}

fn main() -> Outcome<()> {
    let options = Options::parse();
    if let Some(Task::Bare { url, port, folder }) = &options.task {
        return bare::serve(url, *port, folder);
    }
    // Making releases takes long, so it is only done if a scenario needs them.
    let with_releases = options.scenarios().any(Scenario::pulls);
    let mut fixtures = vec![Fixture::on_sqlite(options.children, with_releases)?];
    match std::env::var("PASSERELLE_TEST_POSTGRES_URL") {
        Ok(server) => fixtures.push(Fixture::on_postgres(&server, options.children, with_releases)?),
        Err(_) => println!("No PostgreSQL: PASSERELLE_TEST_POSTGRES_URL is not set (scripts/with-postgres sets it)."),
    }
    for fixture in &fixtures {
        measure(fixture, &options)?;
    }
    Ok(())
}

/// Measures everything on one database.
fn measure(fixture: &Fixture, options: &Options) -> Outcome<()> {
    println!("\n{}\n", fixture.title);
    let starts = (0..options.starts)
        .map(|_| Ok(start(fixture, &options.log)?.ready_after))
        .collect::<Outcome<Vec<Duration>>>()?;
    let real = start(fixture, &options.log)?;
    let load = Load::new(fixture, Duration::from_secs(options.seconds), &options.table)?;
    if !fixture.releases.is_empty() {
        let [partner, open, compressed] = load.save_tables(&real, &fixture.token(real.port)?)?;
        let table = &options.table;
        println!(
            "The table {table}: {partner} bytes for partners, {open} as open data, {compressed} as compressed open data.\n"
        );
    }
    let mut bare = std::process::Command::new(std::env::current_exe()?);
    let port = process::free_port()?;
    bare.args(["bare", &fixture.bare_url, &port.to_string()]).arg(fixture.folder.path());
    let bare = Server::start(bare, port, "/organisations", &fixture.folder.path().join("bare.log"))?;
    report::head();
    for scenario in options.scenarios() {
        let mut rounds = Vec::new();
        for round in 0..options.rounds {
            let token = fixture.token(real.port)?;
            let real_figures = load.run(scenario, &Target { server: &real, token: Some(&token) }, round)?;
            // The program's background work on the journal must not slow the bare server down.
            fixture.wait_for_journal()?;
            rounds.push((real_figures, load.run(scenario, &Target { server: &bare, token: None }, round)?));
        }
        report::line(scenario.name, &rounds);
    }
    report::process(&starts, real.peak_kilobytes()?, bare.peak_kilobytes()?);
    Ok(())
}

/// Starts the program with its default settings, except two: without rate limits, so that no request is refused, and
/// without the sandbox, whose releases the first start would make.
fn start(fixture: &Fixture, log_level: &str) -> Outcome<Server> {
    let port = process::free_port()?;
    let mut serve = program();
    serve.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"]).arg(fixture.folder.path());
    serve.envs([
        ("DATABASE_URL", fixture.url.as_str()),
        ("PASSERELLE_MASTER_KEY", fixture.master_key.as_str()),
        ("PASSERELLE_RATE_ADDRESS", "off"),
        ("PASSERELLE_RATE_HEALTH", "off"),
        ("PASSERELLE_RATE_PRINCIPAL", "off"),
        ("PASSERELLE_SANDBOX", "false"),
        ("PASSERELLE_LOG", log_level),
    ]);
    let log: PathBuf = fixture.folder.path().join("passerelle.log");
    Server::start(serve, port, "/health/ready", &log)
}
