//! `passerelle demo`: an invented history of two pôles of the Puy-de-Dôme, then the API on it.
//!
//! ```text
//! dice ─▶ tell (places, asks, family, course; kits, lending) ─▶ Story
//! Story ─▶ play (setting, shelves; deeds; agenda, loans, hands; pacts, gather)
//!       ─▶ figures ─▶ database ─▶ print, serve
//! ```
//!
//! The story is pure: the same children, years, seed and day tell the same names, dates, communes, decisions and
//! figures (dates are counted back from today). Identifiers, passwords and secrets are new at each run. It is played
//! through the use cases that the API calls, so that whatever it shows, the API accepted. Communes and authorities are
//! real; people, nurseries and everything that happens are invented.

mod agenda;
mod borrowers;
mod calls;
mod collective_actions;
mod conventions;
mod course;
mod family;
mod figures;
mod handovers;
mod kit_setup;
mod kits;
mod lending;
mod loan_tally;
mod loans;
mod names;
mod places;
mod play;
mod print;
mod requests;
mod script;
mod setting;
mod story;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};

pub use figures::publish;
pub use play::{Played, Tally, play};
pub use script::write_story;
pub use setting::{DemoClient, DemoService, DemoUser, Setting};
pub use story::Story;

use crate::app::Shared;
use crate::cli;
use crate::clock::{Clock, date_in};
use crate::config::{Demo, LogFormat, Storage, heads_in_data_dir};
use crate::db::DatabaseUrl;
use crate::http::Context;
use crate::journal::HeadFile;
use crate::logs;
use crate::startup::StartupError;

/// Seconds given to running requests when the demonstration is told to stop.
const DRAIN_SECONDS: u64 = 2;

/// Plays the story and serves it until told to stop. A temporary folder is removed at the end.
pub fn run(options: &Demo) -> Result<(), StartupError> {
    logs::start("warn", LogFormat::Text);
    // The port first: nothing is played for a server that cannot start.
    let (listener, address) = cli::bind(options.listen)?;
    let url = format!("http://{}", reachable(address));
    let temporary = match &options.data_dir {
        Some(_) => None,
        None => Some(
            tempfile::Builder::new()
                .prefix("passerelle-demo-")
                .tempdir()
                .map_err(|error| StartupError::new(format!("cannot make a temporary folder: {error}")))?,
        ),
    };
    let folder = match (&options.data_dir, &temporary) {
        (Some(folder), _) => folder.clone(),
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => PathBuf::from("."),
    };
    refuse_a_database(&folder)?;
    let outcome = actix_web::rt::System::new().block_on(serve(options.clone(), folder, url, listener));
    if let Some(temporary) = temporary {
        let path = temporary.path().to_owned();
        temporary.close().map_err(|error| StartupError::new(format!("cannot remove {}: {error}", path.display())))?;
    }
    outcome
}

async fn serve(options: Demo, folder: PathBuf, url: String, listener: TcpListener) -> Result<(), StartupError> {
    let begun = Instant::now();
    // One listener from beginning to end: an interruption between two of them would be lost.
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    let (done, played) = tokio::sync::oneshot::channel();
    let (wanted, place, address) = (options.clone(), folder.clone(), url.clone());
    // A thread of its own: opening and playing wait for the database, which an event loop must not.
    std::thread::spawn(move || drop(done.send(prepare(&wanted, &place, &address))));
    let prepared = tokio::select! {
        prepared = played => prepared.map_err(|_| StartupError::new("the story could not be played"))?,
        // Stopped before it began: what is half played goes with its folder.
        _ = &mut interrupted => return Ok(()),
    };
    let (context, played) = prepared?;
    let shared = Shared::new(context);
    let _jobs = cli::start_jobs(&shared, HeadFile::open(&heads_in_data_dir(&folder))?, false)?;
    let server = cli::serve_on(listener, None, DRAIN_SECONDS, shared)?;
    let page = print::Page { url: &url, played: &played, folder: &folder, options: &options, took: begun.elapsed() };
    page.print();
    let handle = server.handle();
    let mut server = pin!(server);
    let ended = tokio::select! {
        ended = &mut server => ended,
        _ = &mut interrupted => tokio::join!(server, handle.stop(true)).0,
    };
    ended.map_err(|error| StartupError::new(format!("the server stopped: {error}")))
}

fn prepare(options: &Demo, folder: &Path, url: &str) -> Result<(Context, Played), StartupError> {
    let context = cli::open(&storage(folder), Clock::System, url)?;
    let today = date_in(chrono_tz::Europe::Paris, context.now());
    let played = write_story(options.children, options.years, options.seed, today).and_then(|story| {
        let from = story.from;
        let mut played = play(&context, story)?;
        if !options.without_releases {
            publish(&context, &mut played, from, today)?;
        }
        Ok(played)
    });
    Ok((context, played.map_err(|error| cli::sentence(&error))?))
}

/// The embedded database of a folder, whatever the environment says of another.
fn storage(folder: &Path) -> Storage {
    Storage {
        database_url: None,
        data_dir: folder.to_owned(),
        master_key_file: None,
        master_key: None,
        db_connections: 8,
        slow_query_ms: u64::try_from(Duration::from_secs(5).as_millis()).unwrap_or(5000),
    }
}

/// Invented children must never be written among real ones.
fn refuse_a_database(folder: &Path) -> Result<(), StartupError> {
    match DatabaseUrl::in_data_dir(folder) {
        DatabaseUrl::Sqlite(file) if file.exists() => Err(StartupError::new(format!(
            "{} holds a database already: the demonstration needs a folder of its own",
            folder.display()
        ))),
        _ => Ok(()),
    }
}

/// The address to type: a server that listens everywhere is reached here.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    address
}

#[cfg(test)]
mod tests;
