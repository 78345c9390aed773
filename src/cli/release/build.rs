//! `passerelle release build`: makes a release in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::service::named;
use crate::auth::{PrincipalId, ServiceScope};
use crate::clock::Clock;
use crate::config::ReleaseToBuild;
use crate::http::body::check_rules;
use crate::opening::{open, startup_error};
use crate::output::{progress, say};
use crate::startup::StartupError;
use crate::statistics::releases::dto::{StatisticsBuild, StatisticsBuildInput};
use crate::statistics::releases::model::{BuildRecords, BuildStatus};
use crate::statistics::releases::{ops, worker};
use crate::work::Work;

/// Time between two lines of progress.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);

pub(super) fn build(options: ReleaseToBuild) -> Result<(), StartupError> {
    let new = StatisticsBuildInput {
        year: options.year,
        quarter: options.quarter,
        reason: options.reason,
        records: options.corrected.then_some(BuildRecords::Corrected),
        trial_spec: options.try_spec,
    };
    check_rules(&new).map_err(|error| startup_error(&error))?;
    let context = open(&options.storage, Clock::System, "")?;
    let services = context.read_blocking(PrincipalId::Local, |work| named(work, &options.service));
    let service = services.map_err(|error| startup_error(&error))?.only(&options.service)?;
    let interrupted = watch_for_interrupt()?;
    let mut last_printed: Option<Instant> = None;
    let mut report_progress = |proved: usize, of: usize| {
        if last_printed.is_none_or(|last| last.elapsed() >= PROGRESS_INTERVAL) {
            last_printed = Some(Instant::now());
            progress(format_args!("{proved} of {of} counts proved protected"));
        }
        !interrupted.load(Ordering::Relaxed)
    };
    let mut build =
        worker::run_now(&context, service, new, &mut report_progress).map_err(|error| startup_error(&error))?;
    if build.status == BuildStatus::Ready && options.publish && !interrupted.load(Ordering::Relaxed) {
        let id = build.id;
        let publish = move |work: &mut Work<'_>| {
            let row = ops::find(work, &ServiceScope::one(service), id)?;
            ops::publish(work, &row)
        };
        let published = context.write_blocking(PrincipalId::Local, publish).map_err(|error| startup_error(&error))?;
        // Publishing deletes the draft, and with it the utility figures.
        build = StatisticsBuild { utility: build.utility, ..published };
    }
    if options.json {
        say!("{}", serde_json::to_string_pretty(&build).unwrap_or_default())?;
    } else {
        print(&build)?;
    }
    match build.status {
        BuildStatus::Ready | BuildStatus::Published => Ok(()),
        BuildStatus::Withheld => {
            let reason = build.refusal.unwrap_or_default();
            Err(StartupError::new(format!("nothing can be published: {reason}")).with_exit_code(1))
        }
        _ => Err(StartupError::new("the build was cancelled, and nothing of it remains").with_exit_code(1)),
    }
}

fn print(build: &StatisticsBuild) -> Result<(), StartupError> {
    say!("build {} of {} through quarter {}: {}", build.id, build.year, build.quarter, build.status.as_str())?;
    if build.utility.is_empty() {
        return Ok(());
    }
    say!("{:<8} {:<32} {:>6} {:>6} {:>6}", "tier", "table", "cells", "shown", "hidden")?;
    for utility in &build.utility {
        let tier = utility.tier.as_str();
        for table in &utility.tables {
            let hidden = table.cells - table.published;
            say!("{tier:<8} {:<32} {:>6} {:>6} {hidden:>6}", table.table, table.cells, table.published)?;
        }
        let total = format!("{}, total", utility.population);
        let hidden = utility.cells - utility.published;
        say!("{tier:<8} {total:<32} {:>6} {:>6} {hidden:>6}", utility.cells, utility.published)?;
    }
    Ok(())
}

/// A flag that Ctrl-C sets. The first Ctrl-C stops the proof and cancels the build; the second ends the program.
fn watch_for_interrupt() -> Result<Arc<AtomicBool>, StartupError> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = interrupted.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(|error| StartupError::new(format!("cannot wait for Ctrl-C: {error}")))?;
    std::thread::spawn(move || {
        runtime.block_on(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                if flag.swap(true, Ordering::Relaxed) {
                    std::process::exit(130);
                }
                progress(format_args!("stopping; press Ctrl-C again to stop immediately"));
            }
        });
    });
    Ok(interrupted)
}
