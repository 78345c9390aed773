//! Prints the figures as the tables of docs/performance.md.

use std::time::Duration;

use crate::load::Figures;

/// The head of the table.
pub(crate) fn head() {
    println!("| what | program, requests/s | bare, requests/s | ratio | program, p50 and p99 | bare, p50 and p99 |");
    println!("|---|---|---|---|---|---|");
}

/// One line: the medians over the rounds, and the median of the ratios of each round.
pub(crate) fn line(name: &str, rounds: &[(Figures, Figures)]) {
    let of = |figure: fn(&(Figures, Figures)) -> f64| median(rounds.iter().map(figure).collect());
    println!(
        "| {name} | {:.0} | {:.0} | {:.2} | {:.1} and {:.1} ms | {:.1} and {:.1} ms |",
        of(|(real, _)| real.rate),
        of(|(_, bare)| bare.rate),
        of(|(real, bare)| real.rate / bare.rate),
        of(|(real, _)| real.median),
        of(|(real, _)| real.p99),
        of(|(_, bare)| bare.median),
        of(|(_, bare)| bare.p99),
    );
}

/// Prints start times and memory.
pub(crate) fn process(starts: &[Duration], real_kilobytes: u64, bare_kilobytes: u64) {
    let starts: Vec<f64> = starts.iter().map(|start| start.as_secs_f64() * 1e3).collect();
    let longest = starts.iter().copied().fold(0.0, f64::max);
    println!(
        "\nReady on the existing database after {:.0} ms (longest of {}: {longest:.0} ms).",
        median(starts.clone()),
        starts.len()
    );
    println!("Most memory resident: {} MB, bare {} MB.", real_kilobytes / 1024, bare_kilobytes / 1024);
}

/// The median; for an even number of figures, the upper of the two in the middle.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
