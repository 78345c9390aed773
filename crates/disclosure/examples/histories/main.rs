//! Makes random histories of releases, with their true units, for the independent attacker (`scripts/attack histories`).
//!
//! ```text
//! cargo run -p passerelle-disclosure --example histories -- FOLDER NUMBER [FIRST [CHILDREN]]
//! cargo run -p passerelle-disclosure --example histories -- sample NUMBER CHILDREN
//! ```
//!
//! A history is a year of an invented service of 5 to 300 children, and its loans: some quarters, both tiers, one of several
//! specifications, sometimes a level of places that is added during the year, records that are corrected, or a figure that was
//! made public elsewhere. With a number of children, it is one release of the whole year. The same number gives the same
//! history.
//!
//! `sample` measures what the choice of the hidden cells tells: see [`sampler`].
#![allow(clippy::print_stdout, reason = "an example prints what it made")]

mod history;
mod invented;
mod sampler;

use std::fs::create_dir_all;
use std::path::PathBuf;

use history::History;

const USAGE: &str = "usage: histories FOLDER NUMBER [FIRST [CHILDREN]] | histories sample NUMBER CHILDREN";

fn main() -> Result<(), String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words.get(at).map(|word| word.parse::<u64>().map_err(|_| format!("{word}: not a number")));
    let (Some(first), Some(many)) = (words.first(), number(1).transpose()?) else { return Err(USAGE.to_owned()) };
    let (second, third) = (number(2).transpose()?, number(3).transpose()?);
    if first == "sample" {
        println!("{}", sampler::measure(many, second.ok_or(USAGE)?)?);
        return Ok(());
    }
    let folder = PathBuf::from(first);
    create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let begin = second.unwrap_or(1);
    for seed in begin..begin.saturating_add(many) {
        let history = third.map_or_else(|| History::random(seed), |children| History::of_one_release(seed, children));
        history.write(&folder)?;
        println!("{}", history.summary());
    }
    Ok(())
}
