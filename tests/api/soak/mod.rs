//! What must stay true while a part of the machine fails: nothing acknowledged is lost, nothing is done twice, no known
//! fault is a 500, and what does not need the failed part goes on.
//!
//! The tests are short by default and check outcomes. `scripts/soak` runs the long ones, in release mode, which check
//! times too. docs/reliability.md has the figures.

mod clock;
mod clock_machine;
mod cluster;
mod crash;
mod database;
mod database_network;
mod disk;
mod disk_faults;
mod disk_small;
mod faults;
mod http;
mod ledger;
mod load;
mod overload;
mod overload_lock;
mod proxy;
mod world;

use std::time::{Duration, Instant};

/// How many minutes a long scenario takes. None in the short version.
pub fn minutes() -> Option<u64> {
    std::env::var("PASSERELLE_SOAK_MINUTES").ok().and_then(|number| number.parse().ok())
}

/// Whether the times are checked too: in the long version, which has the machine to itself.
pub fn is_long() -> bool {
    minutes().is_some()
}

/// The first value in the short version, the second in the long one.
pub fn short_or_long<T>(short: T, long: T) -> T {
    if is_long() { long } else { short }
}

/// Numbers of rounds: at least this many, and in the long version until the minutes are over.
pub fn rounds(short: usize) -> impl Iterator<Item = usize> {
    let end = Instant::now() + Duration::from_mins(minutes().unwrap_or_default());
    (0..).take_while(move |round| *round < short || (is_long() && Instant::now() < end))
}

/// Prints the figures of a scenario.
pub fn print_figures(scenario: &str, figures: &[(&str, String)]) {
    use std::fmt::Write;
    let width = figures.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let mut text = format!("\n{scenario}\n");
    for (name, value) in figures {
        let _ = writeln!(text, "  {name:width$}  {value}");
    }
    eprintln!("{text}");
}

/// Minimum, median, 99th percentile and maximum of some times, as text.
pub fn spread(times: &[Duration]) -> String {
    let of = |rank| format!("{:.0}", percentile(times, rank).as_secs_f64() * 1000.0);
    format!("p50 {} p99 {} max {} ms ({} times)", of(50), of(99), of(100), times.len())
}

/// A percentile of some times; zero if there are none.
pub fn percentile(times: &[Duration], rank: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * rank).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

/// Fails with the faults that were found, at the end of a scenario and not at the first fault: the figures need them all.
#[track_caller]
pub fn assert_none(faults: &[String]) {
    let shown: Vec<&String> = faults.iter().take(20).collect();
    assert!(faults.is_empty(), "{} fault(s), the first of them: {shown:#?}", faults.len());
}

/// Waits until something is true. Returns how long it took, or none if it took too long.
pub fn wait_until(limit: Duration, mut is_true: impl FnMut() -> bool) -> Option<Duration> {
    let started = Instant::now();
    while started.elapsed() < limit {
        if is_true() {
            return Some(started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
}
