//! Measures the cost of making releases: a synthetic year, quarter by quarter and tier by tier. Each release is
//! verified.
//!
//! ```text
//! cargo bench --bench statistics -- 120 small
//! cargo bench --bench statistics -- 1000 large --through 2
//! ```
//!
//! The children live in one département; they are invented, and the same at each run. Other populations are small and
//! left out. The processor time is that of this process only.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod children;
mod year;

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
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), String> {
    let options = Options::parse();
    let spec = built_in().into_iter().find(|spec| spec.code == options.spec);
    let spec = spec.ok_or_else(|| format!("no specification {:?}", options.spec))?;
    let departement = "63".parse().map_err(|_| "no such département")?;
    let setting = Setting { departements: vec![departement], kits: Vec::new() };
    let blank = compile(&spec, &setting).into_iter().find(|population| population.code == "children");
    let population = children::invented(blank.ok_or("the specification has no children")?, options.children);
    println!("quarter tier     processor   memory   proved cells  published  tables  programs");
    year::make_all(&population, options.through.clamp(1, 4), &mut |cost| println!("{cost}"))
}
