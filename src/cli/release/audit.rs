//! `passerelle release audit`: checks every published release in the database, one by one and together.

use super::service::named;
use crate::config::Storage;
use crate::opening::ReadOnly;
use crate::output::say;
use crate::startup::StartupError;
use crate::statistics::releases::ops;

pub(super) fn audit(storage: &Storage, service: Option<&str>, year: Option<i32>) -> Result<(), StartupError> {
    let mut database = ReadOnly::open(storage)?;
    let service = service.map(|wanted| database.read(|work| named(work, wanted))?.only(wanted)).transpose()?;
    let audited = database.read(|work| ops::audit(work, service, year))?;
    let mut invalid = 0;
    for release in &audited {
        say!("{} {}", if release.flaws.is_empty() { "valid" } else { "INVALID" }, release.name)?;
        release.flaws.iter().try_for_each(|flaw| say!("  {flaw}"))?;
        invalid += usize::from(!release.flaws.is_empty());
    }
    say!("{} release(s), {invalid} invalid", audited.len())?;
    match invalid {
        0 => Ok(()),
        number => Err(StartupError::new(format!("{number} release(s) invalid")).with_exit_code(1)),
    }
}
