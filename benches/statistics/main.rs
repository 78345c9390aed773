//! Measures the cost of making releases: a synthetic year, quarter by quarter and tier by tier. Each release is
//! verified.
//!
//! ```text
//! cargo bench --bench statistics -- 120 small
//! cargo bench --bench statistics -- 1000 large --through 2
//! cargo bench --bench statistics -- 35 small --services 30
//! ```
//!
//! With `--services`, it measures what the releases of a year show instead: of the yearly cells of class B, those with an
//! exact count and those with a narrow range, in so many services with as many children each. With `--folder`, it also writes
//! the releases there, and which of their cells are protected, for `scripts/attack --folder FOLDER --truth FOLDER/partner.txt` (who
//! reads both) and `scripts/attack --folder FOLDER/open --truth FOLDER/open.txt`.
//!
//! The children live in one département; they are invented, and the same at each run. Other populations are small and
//! left out. The processor time is that of this process only.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod children;
mod export;
mod utility;
mod year;

use std::path::PathBuf;

use clap::Parser;
use passerelle::statistics::specs::compile::{Setting, compile};
use passerelle::statistics::specs::model::built_in;

#[derive(Parser)]
struct Options {
    /// Number of children of the year.
    children: usize,
    /// The specification: small or large.
    spec: String,
    /// The last quarter.
    #[arg(long, default_value_t = 4)]
    through: u8,
    /// Measure what the last release of the year shows, in so many services.
    #[arg(long)]
    services: Option<u64>,
    /// Write the releases of these services to this folder.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), String> {
    let options = Options::parse();
    let spec = built_in().into_iter().find(|spec| spec.code == options.spec);
    let spec = spec.ok_or_else(|| format!("no specification {:?}", options.spec))?;
    let departement = "63".parse().map_err(|_| "no such département")?;
    let setting = Setting { departements: vec![departement], kits: Vec::new(), upper_birthday: None };
    let blank = compile(&spec, &setting).into_iter().find(|population| population.code == "children");
    let blank = blank.ok_or("the specification has no children")?;
    if let Some(services) = options.services {
        let services = (1..=services).map(|seed| children::invented(blank.clone(), options.children, seed));
        return utility::measure(services, options.folder.as_deref());
    }
    let population = children::invented(blank, options.children, 42);
    println!("quarter tier     processor   memory   proved cells  published  tables  programs");
    year::make_all(&population, options.through.clamp(1, 4), &mut |cost| println!("{cost}"))
}
