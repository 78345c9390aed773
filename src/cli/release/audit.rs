//! `passerelle release audit`: checks every published release in the database, one by one and together.
#![allow(clippy::print_stdout, reason = "a command prints its result to standard output")]

use super::service::find_service;
use crate::auth::PrincipalId;
use crate::clock::Clock;
use crate::config::Storage;
use crate::opening::{open, startup_error};
use crate::startup::StartupError;
use crate::statistics::releases::ops;

pub(super) fn audit(storage: &Storage, service: Option<&str>, year: Option<i32>) -> Result<(), StartupError> {
    let context = open(storage, Clock::System, "")?;
    let service = service.map(|id_or_name| find_service(&context, id_or_name)).transpose()?;
    let audited = context
        .read_blocking(PrincipalId::Local, |work| ops::audit(work, service, year))
        .map_err(|error| startup_error(&error))?;
    let mut invalid = 0;
    for release in &audited {
        println!("{} {}", if release.flaws.is_empty() { "valid" } else { "INVALID" }, release.name);
        release.flaws.iter().for_each(|flaw| println!("  {flaw}"));
        invalid += usize::from(!release.flaws.is_empty());
    }
    println!("{} release(s), {invalid} invalid", audited.len());
    match invalid {
        0 => Ok(()),
        number => Err(StartupError::new(format!("{number} release(s) invalid")).with_exit_code(1)),
    }
}
