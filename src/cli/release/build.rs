//! `passerelle release build`: a release made by the command itself.
#![allow(clippy::print_stdout, reason = "what a command answers goes to standard output")]
#![allow(clippy::print_stderr, reason = "how far it is goes to the operator's terminal")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{open, sentence, service};
use crate::auth::{PrincipalId, ServiceScope};
use crate::clock::Clock;
use crate::config::ReleaseToBuild;
use crate::http::body::check_rules;
use crate::startup::StartupError;
use crate::statistics::releases::dto::{NewStatisticsBuild, StatisticsBuild};
use crate::statistics::releases::model::{BuildRecords, BuildStatus};
use crate::statistics::releases::{ops, worker};

/// How often it says how far it is.
const EVERY: Duration = Duration::from_secs(1);

pub(super) fn build(asked: ReleaseToBuild) -> Result<(), StartupError> {
    let new = NewStatisticsBuild {
        year: asked.year,
        quarter: asked.quarter,
        reason: asked.reason,
        records: asked.corrected.then_some(BuildRecords::Corrected),
        trial_spec: asked.try_spec,
    };
    check_rules(&new).map_err(|error| sentence(&error))?;
    let context = open(&asked.storage, Clock::System, "")?;
    let service = service(&context, &asked.service)?;
    let stopped = interrupted()?;
    let mut said: Option<Instant> = None;
    let mut watch = |proved: usize, of: usize| {
        if said.is_none_or(|last| last.elapsed() >= EVERY) {
            said = Some(Instant::now());
            eprintln!("{proved} of {of} counts proved unknown");
        }
        !stopped.load(Ordering::Relaxed)
    };
    let mut made = worker::make_now(&context, service, new, &mut watch).map_err(|error| sentence(&error))?;
    if made.status == BuildStatus::Ready && asked.publish && !stopped.load(Ordering::Relaxed) {
        let id = made.id;
        let publish = move |work: &mut crate::work::Work<'_>| {
            let row = ops::find(work, &ServiceScope::one(service), id)?;
            // What it showed and hid goes with the draft.
            ops::publish(work, &row)
        };
        let published = context.write_blocking(PrincipalId::Local, publish).map_err(|error| sentence(&error))?;
        made = StatisticsBuild { utility: made.utility, ..published };
    }
    if asked.json {
        println!("{}", serde_json::to_string_pretty(&made).unwrap_or_default());
    } else {
        print(&made);
    }
    match made.status {
        BuildStatus::Ready | BuildStatus::Published => Ok(()),
        BuildStatus::Withheld => {
            let why = made.refusal.unwrap_or_default();
            Err(StartupError::new(format!("nothing can be published: {why}")).with_exit_code(1))
        }
        _ => Err(StartupError::new("it was stopped, and nothing is left of it").with_exit_code(1)),
    }
}

fn print(made: &StatisticsBuild) {
    println!("build {} of {} through quarter {}: {}", made.id, made.year, made.quarter, made.status.as_str());
    if made.utility.is_empty() {
        return;
    }
    println!("{:<8} {:<32} {:>6} {:>6} {:>6}", "tier", "table", "cells", "shown", "hidden");
    for utility in &made.utility {
        let tier = utility.tier.as_str();
        for table in &utility.tables {
            let hidden = table.cells - table.published;
            println!("{tier:<8} {:<32} {:>6} {:>6} {hidden:>6}", table.table, table.cells, table.published);
        }
        let all = format!("{}, in all", utility.population);
        let hidden = utility.cells - utility.published;
        println!("{tier:<8} {all:<32} {:>6} {:>6} {hidden:>6}", utility.cells, utility.published);
    }
}

/// Whether somebody pressed Ctrl-C. The first time the proof is stopped and the build cancelled, the second time the program is.
fn interrupted() -> Result<Arc<AtomicBool>, StartupError> {
    let stopped = Arc::new(AtomicBool::new(false));
    let told = stopped.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(|error| StartupError::new(format!("cannot wait for Ctrl-C: {error}")))?;
    std::thread::spawn(move || {
        runtime.block_on(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                if told.swap(true, Ordering::Relaxed) {
                    std::process::exit(130);
                }
                eprintln!("stopping; again to stop at once");
            }
        });
    });
    Ok(stopped)
}
