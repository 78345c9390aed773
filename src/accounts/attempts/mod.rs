//! Attempts to sign in, counted in the database: guessing stops, on every instance, while the owner can still sign in.
//!
//! An attempt is counted before it is judged, so that attempts at once are no way around the limits, and given back when it
//! succeeds. Three things are counted over a quarter of an hour: what one address tries on one account, what is tried on
//! one account from everywhere, and what one address tries on all. The first is the narrow one: a stranger who fails on
//! purpose locks out themselves. Subjects are kept as MACs: what people type in the wrong field is often a password.

mod store;

use std::net::IpAddr;

use crate::auth::PrincipalId;
use crate::error::{ApiError, Code};
use crate::http::Context;
use crate::privacy::Vault;
use crate::work::Work;

/// How long attempts count, in minutes, from the first.
const WINDOW_MINUTES: i64 = 15;

/// Attempts of one address on one account.
const ON_ACCOUNT_FROM_ADDRESS: i32 = 10;
/// Attempts on one account from everywhere.
const ON_ACCOUNT: i32 = 50;
/// Attempts of one address on all accounts: a whole office may be behind it.
const FROM_ADDRESS: i32 = 100;

/// An attempt: who is tried, from where.
#[derive(Clone, Debug)]
pub struct Attempt {
    from_here: Vec<u8>,
    account: Vec<u8>,
    address: Vec<u8>,
}

impl Attempt {
    /// An attempt on an account, as the caller names it.
    pub fn new(vault: &Vault, account: &str, address: Option<IpAddr>) -> Self {
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        let mac = |parts: &[&[u8]]| vault.accounts_key().tag(parts).to_vec();
        Self {
            from_here: mac(&[b"sign-in", account.as_bytes(), address.as_bytes()]),
            account: mac(&[b"sign-in of", account.as_bytes()]),
            address: mac(&[b"sign-in from", address.as_bytes()]),
        }
    }

    /// Always counted in this order, so that two attempts never wait for each other; the narrow one first, so that what it
    /// refuses is not held against the account.
    fn limits(&self) -> [(&[u8], i32); 3] {
        [(&self.from_here, ON_ACCOUNT_FROM_ADDRESS), (&self.address, FROM_ADDRESS), (&self.account, ON_ACCOUNT)]
    }
}

/// Counts an attempt, in a transaction of its own: a refusal must not take the count back.
pub async fn count(context: &Context, attempt: &Attempt) -> Result<(), ApiError> {
    let attempt = attempt.clone();
    context.write(PrincipalId::Local, move |work| add(work, &attempt)).await?
}

/// The inner refusal is an answer and not a failure: what was counted is committed.
fn add(work: &mut Work<'_>, attempt: &Attempt) -> Result<Result<(), ApiError>, ApiError> {
    let window = chrono::Duration::minutes(WINDOW_MINUTES);
    for (subject, limit) in attempt.limits() {
        let (attempts, since) = store::count(work.conn, subject, work.now, work.now.plus(-window))?;
        if attempts > limit {
            let seconds = (since.plus(window).to_utc() - work.now.to_utc()).num_seconds();
            return Ok(Err(too_many(u32::try_from(seconds).unwrap_or_default().max(1))));
        }
    }
    Ok(Ok(()))
}

/// Gives a successful attempt back, and forgets the ones before it from the same address.
pub fn give_back(work: &mut Work<'_>, attempt: &Attempt) -> Result<(), ApiError> {
    store::forget(work.conn, &attempt.from_here)?;
    store::give_back(work.conn, &attempt.address)?;
    Ok(store::give_back(work.conn, &attempt.account)?)
}

/// Forgets what does not count any more. For a job.
pub fn sweep(work: &mut Work<'_>) -> Result<(), ApiError> {
    Ok(store::forget_before(work.conn, work.now.plus(chrono::Duration::minutes(-WINDOW_MINUTES)))?)
}

fn too_many(seconds: u32) -> ApiError {
    let minutes = seconds.div_ceil(60);
    ApiError::new(Code::TooManyAttempts)
        .detail(
            format!("Trop de tentatives de connexion : réessayer dans {minutes} min."),
            format!("Too many attempts to sign in: try again in {minutes} min."),
        )
        .retry_after(seconds)
}
