//! `passerelle demo`: plays an invented history of two pôles of the Puy-de-Dôme, then serves the API on it.
//!
//! ```text
//! dice  ─▶ writer   (script; requests, outcomes, family, course; lending_writer, kits; directory, names)  ─▶ Story
//! Story ─▶ play     (setup, kit_setup; calls, appointments, pathways, placements, work, writing; loans, handovers, agenda,
//!                    borrowers; conventions, collective_actions)
//!       ─▶ releases (of statistics)  ─▶ print, serve
//! ```
//!
//! - `story` and `borrowings` are the data of a story; `states`, `tally` and `loan_tally` are the state while it is
//!   played.
//! - Writing is pure: the same children, years, seed and day give the same names, dates, communes, decisions and
//!   figures (dates are counted back from today). Identifiers, passwords and secrets are new at each run.
//! - Playing runs the use cases that the API calls, so the API has accepted everything that the demonstration contains.
//! - Communes and local authorities are real. People, nurseries and events are invented.

mod agenda;
mod appointments;
mod backdating;
mod borrowers;
mod borrowings;
mod calls;
mod codes;
mod collective_actions;
mod conventions;
mod course;
mod directory;
mod family;
mod handovers;
mod kit_setup;
mod kits;
mod lending_writer;
mod loan_tally;
mod loans;
mod names;
mod outcomes;
mod pathways;
mod placements;
mod play;
mod print;
mod releases;
mod requests;
mod script;
mod setup;
mod states;
mod story;
mod tally;
mod twins;
mod work;
mod writer;
mod writing;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use play::{Played, play};
pub use releases::publish;
pub use setup::{DemoClient, DemoService, DemoUser, Setup};
pub use story::Story;
pub use tally::Tally;
pub use writer::write_story;

use crate::app::Shared;
use crate::clock::{Clock, date_in};
use crate::config::{Demo, LogFormat, Storage, ignored_variables};
use crate::db::DatabaseUrl;
use crate::http::Context;
use crate::http::edge::EdgeOptions;
use crate::logs;
use crate::opening::{open, startup_error};
use crate::server;
use crate::startup::StartupError;

/// Seconds that running requests have to finish when the demonstration stops.
const DRAIN_SECONDS: u64 = 2;

/// Plays the story and serves it until Ctrl-C. A temporary folder is removed at the end.
pub fn run(options: &Demo) -> Result<(), StartupError> {
    logs::start("warn", LogFormat::Text);
    let ignored = ignored_variables("demo", std::env::vars_os().map(|(name, _)| name));
    if !ignored.is_empty() {
        log::warn!("the demonstration has a database of its own and does not use {}", ignored.join(", "));
    }
    // The port first: the story is not played if the server cannot listen.
    let (listener, address) = server::bind(options.listen)?;
    let url = format!("http://{}", reachable(address));
    let temporary = match &options.data_dir {
        Some(_) => None,
        None => Some(
            tempfile::Builder::new()
                .prefix("passerelle-demo-")
                .tempdir()
                .map_err(|error| StartupError::new(format!("cannot create a temporary folder: {error}")))?,
        ),
    };
    let folder = match (&options.data_dir, &temporary) {
        (Some(folder), _) => folder.clone(),
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => PathBuf::from("."),
    };
    refuse_existing_database(&folder)?;
    let outcome = actix_web::rt::System::new().block_on(serve(options.clone(), folder, url, listener));
    if let Some(temporary) = temporary {
        let path = temporary.path().to_owned();
        temporary.close().map_err(|error| StartupError::new(format!("cannot remove {}: {error}", path.display())))?;
    }
    outcome
}

async fn serve(options: Demo, folder: PathBuf, url: String, listener: TcpListener) -> Result<(), StartupError> {
    let started = Instant::now();
    let mut signals = server::Signals::listen()?;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // A thread of its own: preparing blocks on the database, which an event loop must not do.
    let prepare = {
        let (options, folder, url) = (options.clone(), folder.clone(), url.clone());
        move || drop(sender.send(prepare(&options, &folder, &url)))
    };
    std::thread::spawn(prepare);
    let prepared = tokio::select! {
        prepared = receiver => prepared.map_err(|_| StartupError::new("the story could not be played"))?,
        // Interrupted while playing: the partial database is removed with its folder.
        () = signals.next() => return Ok(()),
    };
    let (context, played) = prepared?;
    let edge = EdgeOptions { cors_origins: options.cors_origins.clone(), ..EdgeOptions::default() };
    let shared = Shared::behind(edge, context);
    let running = server::start_jobs(&shared, storage(&folder).open_heads()?, false)?;
    let server = server::serve_on(listener, None, DRAIN_SECONDS, shared.clone())?;
    let page = print::Page { url: &url, played: &played, folder: &folder, options: &options, took: started.elapsed() };
    page.print()?;
    server::serve_until_stopped(server, &mut signals, Duration::ZERO, &shared, &running).await
}

/// Opens the database, plays the story, and publishes the statistics.
fn prepare(options: &Demo, folder: &Path, url: &str) -> Result<(Context, Played), StartupError> {
    let context = open(&storage(folder), Clock::System, url)?;
    let today = date_in(chrono_tz::Europe::Paris, context.now());
    let played = write_story(options.children, options.years, options.seed, today).and_then(|story| {
        let from = story.from;
        let mut played = play(&context, story)?;
        if !options.without_releases {
            publish(&context, &mut played, from, today)?;
        }
        Ok(played)
    });
    Ok((context, played.map_err(|error| startup_error(&error))?))
}

/// The embedded database of a folder. The settings of storage are ignored: real data must never get mixed up with it.
fn storage(folder: &Path) -> Storage {
    Storage {
        database_url: None,
        data_dir: folder.to_owned(),
        master_key_file: None,
        master_key: None,
        audit_heads: None,
        audit_heads_to: Vec::new(),
        audit_heads_token: None,
        audit_heads_ca: None,
        db_connections: 8,
        slow_query_ms: u64::try_from(Duration::from_secs(5).as_millis()).unwrap_or(5000),
    }
}

/// Refuses a folder that already has a database: invented children must never be mixed with real ones.
fn refuse_existing_database(folder: &Path) -> Result<(), StartupError> {
    match DatabaseUrl::in_data_dir(folder) {
        DatabaseUrl::Sqlite(file) if file.exists() => Err(StartupError::new(format!(
            "{} already contains a database: the demonstration needs its own folder",
            folder.display()
        ))),
        _ => Ok(()),
    }
}

/// The address to print: a server that listens on every address is reached on the loopback address.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    address
}

#[cfg(test)]
mod tests;
