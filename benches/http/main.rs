//! The program beside a bare actix and diesel handler on the same tables, on both databases.
//!
//! ```text
//! scripts/with-postgres cargo bench --bench http                   everything: some twelve minutes
//! cargo bench --bench http -- --seconds 1 --rounds 1               SQLite alone, when no server is given; a look
//! ```
//!
//! Rounds alternate between the two servers, so that whatever else the machine does meets both. `wrk` (Debian package)
//! is a closed loop on the same cores: its figures compare, they promise nothing. PostgreSQL is the server of
//! `PASSERELLE_TEST_POSTGRES_URL`; that of `scripts/with-postgres` does not flush to the disk.
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

mod bare;
mod estate;
mod load;
mod process;
mod report;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use estate::Estate;
use load::{Asked, Load, SCENARIOS, Scenario};
use process::{Server, program};

/// What fails is said; nothing here goes on without it.
type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Parser)]
struct Options {
    /// Rounds; each measures both servers once.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each measure.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Starts on the existing database that are timed.
    #[arg(long, default_value_t = 10)]
    starts: usize,
    /// Only the scenarios whose name holds this.
    #[arg(long, default_value = "")]
    only: String,
    /// Children of the invented history.
    #[arg(long, default_value_t = 600)]
    children: u32,
    /// The table of each release that is pulled.
    #[arg(long, default_value = "children_territory")]
    table: String,
    /// What the program logs: `warn` leaves out the line that each request has.
    #[arg(long, default_value = "info")]
    log: String,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// The bare server, in a process of its own.
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
    // Releases take their time to be made: only for who measures them.
    let with_releases = options.scenarios().any(Scenario::pulls);
    let mut estates = vec![Estate::on_sqlite(options.children, with_releases)?];
    match std::env::var("PASSERELLE_TEST_POSTGRES_URL") {
        Ok(server) => estates.push(Estate::on_postgres(&server, options.children, with_releases)?),
        Err(_) => println!("No PostgreSQL: PASSERELLE_TEST_POSTGRES_URL is not set (scripts/with-postgres sets it)."),
    }
    for estate in &estates {
        measure(estate, &options)?;
    }
    Ok(())
}

/// Everything on one database.
fn measure(estate: &Estate, options: &Options) -> Outcome<()> {
    println!("\n{}\n", estate.title);
    let starts = (0..options.starts)
        .map(|_| Ok(start(estate, &options.log)?.ready_after))
        .collect::<Outcome<Vec<Duration>>>()?;
    let real = start(estate, &options.log)?;
    let load = Load::new(estate, Duration::from_secs(options.seconds), &options.table)?;
    if !estate.releases.is_empty() {
        let [of_partners, open, packed] = load.draw(&real, &estate.token(real.port)?)?;
        let table = &options.table;
        println!(
            "The table {table}: {of_partners} bytes for partners, {open} for everybody, {packed} of those packed.\n"
        );
    }
    let mut bare = std::process::Command::new(std::env::current_exe()?);
    let port = process::free_port()?;
    bare.args(["bare", &estate.url, &port.to_string()]).arg(estate.folder.path());
    let bare = Server::start(bare, port, "/organisations", &estate.folder.path().join("bare.log"))?;
    report::head();
    for scenario in options.scenarios() {
        let mut rounds = Vec::new();
        for round in 0..options.rounds {
            let token = estate.token(real.port)?;
            let one = load.run(scenario, &Asked { server: &real, token: Some(&token) }, round)?;
            // What the program still owes the journal is its own cost, not its neighbour's.
            estate.settle()?;
            rounds.push((one, load.run(scenario, &Asked { server: &bare, token: None }, round)?));
        }
        report::line(scenario.name, &rounds);
    }
    report::process(&starts, real.peak_kilobytes()?, bare.peak_kilobytes()?);
    Ok(())
}

/// The program as it is delivered, with everything on but the rates, so that no client is refused for asking too fast, and the
/// sandbox, whose releases a first start makes once.
fn start(estate: &Estate, log_level: &str) -> Outcome<Server> {
    let port = process::free_port()?;
    let mut serve = program();
    serve.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"]).arg(estate.folder.path());
    serve.envs([
        ("DATABASE_URL", estate.url.as_str()),
        ("PASSERELLE_MASTER_KEY", estate.master_key.as_str()),
        ("PASSERELLE_RATE_ADDRESS", "off"),
        ("PASSERELLE_RATE_PRINCIPAL", "off"),
        ("PASSERELLE_SANDBOX", "false"),
        ("PASSERELLE_LOG", log_level),
    ]);
    let log: PathBuf = estate.folder.path().join("passerelle.log");
    Server::start(serve, port, "/health/ready", &log)
}
