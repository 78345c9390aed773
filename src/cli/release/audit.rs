//! `passerelle release audit`: whether everything that was published still is what it was, and says nothing together.
#![allow(clippy::print_stdout, reason = "what a command answers goes to standard output")]

use super::{open, sentence, service};
use crate::auth::PrincipalId;
use crate::clock::Clock;
use crate::config::Storage;
use crate::startup::StartupError;
use crate::statistics::releases::ops;

pub(super) fn audit(storage: &Storage, of: Option<&str>, year: Option<i32>) -> Result<(), StartupError> {
    let context = open(storage, Clock::System, "")?;
    let of = of.map(|asked| service(&context, asked)).transpose()?;
    let audited = context
        .read_blocking(PrincipalId::Local, |work| ops::audit(work, of, year))
        .map_err(|error| sentence(&error))?;
    let mut wrong = 0;
    for release in &audited {
        println!("{} {}", if release.flaws.is_empty() { "right" } else { "WRONG" }, release.name);
        release.flaws.iter().for_each(|flaw| println!("  {flaw}"));
        wrong += usize::from(!release.flaws.is_empty());
    }
    println!("{} release(s), {wrong} wrong", audited.len());
    match wrong {
        0 => Ok(()),
        number => Err(StartupError::new(format!("{number} release(s) wrong")).with_exit_code(1)),
    }
}
