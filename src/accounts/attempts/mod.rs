//! Limits on sign-in attempts, counted in the database and so shared by all instances. They stop guessing without
//! locking the owner out.
//!
//! An attempt is counted before the password is checked, so that concurrent attempts cannot bypass the limits. A
//! successful attempt is not counted in the end. Three counters run over fifteen minutes: one address on one account,
//! all addresses on one account, and one address on all accounts. The first limit is the lowest: an attacker who fails
//! on purpose locks out only their own address. Subjects are stored as MACs, because people often type a password into
//! the wrong field.

mod store;

use std::net::IpAddr;

use crate::db::SystemScope;
use crate::error::{ApiError, Code};
use crate::http::Context;
use crate::privacy::Vault;
use crate::work::Work;

/// Length of the window in minutes, from the first attempt.
const WINDOW_MINUTES: i64 = 15;

/// At most this many attempts from one address on one account.
const PER_ACCOUNT_AND_ADDRESS: i32 = 10;
/// At most this many attempts on one account, from all addresses.
const PER_ACCOUNT: i32 = 50;
/// At most this many attempts from one address, on all accounts: a whole office may share one address.
const PER_ADDRESS: i32 = 100;

/// A sign-in attempt: the account and the caller's address, as MACs.
#[derive(Clone, Debug)]
pub struct Attempt {
    account_and_address: Vec<u8>,
    account: Vec<u8>,
    address: Vec<u8>,
}

impl Attempt {
    /// An attempt on an account, under the name that the caller gave: an e-mail address or an identifier.
    pub fn new(vault: &Vault, account: &str, address: Option<IpAddr>) -> Self {
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        let mac = |parts: &[&[u8]]| vault.accounts_key().tag(parts).to_vec();
        Self {
            account_and_address: mac(&[b"sign-in", account.as_bytes(), address.as_bytes()]),
            account: mac(&[b"sign-in of", account.as_bytes()]),
            address: mac(&[b"sign-in from", address.as_bytes()]),
        }
    }

    /// The counters with their limits. The order is fixed, so that two attempts cannot deadlock. The lowest limit comes
    /// first, so that an attempt it refuses does not count against the account.
    fn limits(&self) -> [(&[u8], i32); 3] {
        [
            (&self.account_and_address, PER_ACCOUNT_AND_ADDRESS),
            (&self.address, PER_ADDRESS),
            (&self.account, PER_ACCOUNT),
        ]
    }
}

/// Counts an attempt in its own transaction: a refusal must not roll the count back.
pub async fn count(context: &Context, attempt: &Attempt) -> Result<(), ApiError> {
    let attempt = attempt.clone();
    context.write_reserved(SystemScope::SignIn, move |work| add(work, &attempt)).await?
}

/// The refusal is the inner result, so that the transaction commits the counts.
fn add(work: &mut Work<'_>, attempt: &Attempt) -> Result<Result<(), ApiError>, ApiError> {
    let window = chrono::Duration::minutes(WINDOW_MINUTES);
    let limits = attempt.limits();
    let subjects = limits.map(|(subject, _)| subject);
    let counted = store::count(work.conn, &subjects, work.now, work.now.plus(-window))?;
    for (rank, ((attempts, since), (_, limit))) in counted.into_iter().zip(limits).enumerate() {
        if attempts > limit {
            // The counters after the one that refuses do not count this attempt.
            for later in subjects.iter().skip(rank + 1) {
                store::decrement(work.conn, later)?;
            }
            let seconds = (since.plus(window).to_utc() - work.now.to_utc()).num_seconds();
            return Ok(Err(too_many(u32::try_from(seconds).unwrap_or_default().max(1))));
        }
    }
    Ok(Ok(()))
}

/// Uncounts a successful attempt, and deletes the earlier attempts of the same address on the same account.
pub fn uncount(work: &mut Work<'_>, attempt: &Attempt) -> Result<(), ApiError> {
    let subjects = attempt.limits().map(|(subject, _)| subject);
    Ok(store::uncount(work.conn, subjects)?)
}

/// Deletes counters whose window has ended, at most `limit`, and returns their number. For a background job.
pub fn sweep(work: &mut Work<'_>, limit: usize) -> Result<usize, ApiError> {
    Ok(store::delete_before(work.conn, work.now.plus(chrono::Duration::minutes(-WINDOW_MINUTES)), limit)?)
}

fn too_many(seconds: u32) -> ApiError {
    let minutes = seconds.div_ceil(60);
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    ApiError::new(Code::TooManyAttempts)
        .detail(
            format!("Trop de tentatives de connexion : réessayer dans {minutes} {unit}."),
            format!("Too many attempts to sign in: try again in {minutes} {unit}."),
        )
        .retry_after(seconds)
}
