//! Limits on sign-in attempts, counted in the database and so shared by all instances. They stop guessing without
//! locking the owner out.
//!
//! An attempt is counted before the password is checked, so that concurrent attempts cannot bypass the limits. A
//! successful attempt is not counted in the end. The counters run over a quarter of an hour. Whom an attempt counts
//! against depends on what is known of the caller:
//!
//! | caller | counters |
//! |---|---|
//! | a device on which the account has signed in ([`device`]) | this device on this account |
//! | a subscriber from which the account has signed in | this subscriber on this account; this subscriber |
//! | a stranger | the same; all strangers on this account |
//! | a client | this subscriber, for clients: their secrets cannot be guessed, and nobody can lock them out |
//!
//! The lowest limit comes first: an attacker who fails on purpose locks out only themselves, and then other strangers.
//! Codes of a second factor have a smaller limit, for each of these kinds of callers. Callers are counted by
//! [`Subscriber`]. Subjects are stored as MACs, because people often type a password into the wrong field.

pub mod device;
mod store;

use crate::db::{AnyConn, UtcTs};
use crate::error::{ApiError, Code};
use crate::http::Context;
use crate::privacy::Vault;
use crate::subscriber::Subscriber;
use crate::work::Work;

use store::Counting;

/// Length of the window in minutes, from the first attempt.
const WINDOW_MINUTES: i64 = 15;

/// At most this many attempts on one account, from one subscriber or one known device.
const PER_ACCOUNT_AND_CALLER: i32 = 10;
/// At most this many attempts on one account, from all strangers.
const PER_ACCOUNT: i32 = 50;
/// At most this many attempts from one subscriber, on all accounts: a whole office may share one address. As many on
/// clients.
const PER_CALLER: i32 = 100;
/// At most this many codes of a second factor on one account: a code is one in three hundred thousand.
const CODES: i32 = 5;

/// Days after its last sign-in for which a subscriber is known to an account.
const KNOWN_DAYS: i64 = 90;

/// A sign-in attempt, with its counters as MACs.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Of this caller on this account; absent for a client.
    own: Option<Vec<u8>>,
    /// Of this subscriber; absent for a known device.
    caller: Option<Vec<u8>>,
    /// Of strangers on this account.
    account: Option<Vec<u8>>,
    /// Of codes.
    codes: Codes,
    /// Under which the account knows the subscriber; absent for a client and without an address.
    known: Option<Vec<u8>>,
    password_counted: bool,
    code_counted: bool,
}

/// The counters of codes: of a caller whom the account knows, and of all strangers.
#[derive(Clone, Debug)]
struct Codes {
    own: Vec<u8>,
    strangers: Vec<u8>,
    is_known: bool,
}

impl Attempt {
    /// An attempt on the account of a person, under the name that the caller gave: an e-mail address or an identifier.
    pub fn new(vault: &Vault, account: &str, caller: Option<Subscriber>) -> Self {
        let caller = caller.map(|caller| caller.to_string()).unwrap_or_default();
        let mac = |what: &[u8]| vault.accounts_key().tag(&[what, account.as_bytes(), caller.as_bytes()]).to_vec();
        let of_account = |what: &[u8]| vault.accounts_key().tag(&[what, account.as_bytes()]).to_vec();
        Self {
            own: Some(mac(b"sign-in")),
            caller: Some(vault.accounts_key().tag(&[b"sign-in from", caller.as_bytes()]).to_vec()),
            account: Some(of_account(b"sign-in of")),
            codes: Codes { own: mac(b"code"), strangers: of_account(b"code of"), is_known: false },
            known: Some(mac(b"known")).filter(|_| !caller.is_empty()),
            password_counted: false,
            code_counted: false,
        }
    }

    /// The attempt from a device on which the account has signed in, if `token` proves it.
    #[must_use]
    pub fn from_device(self, vault: &Vault, account: &str, token: Option<&str>, now: UtcTs) -> Self {
        let Some(device) = token.and_then(|token| device::recognise(vault, account, token, now)) else { return self };
        let mac = |what: &[u8]| vault.accounts_key().tag(&[what, account.as_bytes(), &device.nonce]).to_vec();
        let codes = Codes { own: mac(b"code on device"), is_known: true, ..self.codes };
        Self { own: Some(mac(b"sign-in on device")), caller: None, account: None, codes, ..self }
    }

    /// An attempt of a program or an institution.
    pub fn of_client(vault: &Vault, caller: Option<Subscriber>) -> Self {
        let caller = caller.map(|caller| caller.to_string()).unwrap_or_default();
        let of_caller = vault.accounts_key().tag(&[b"client from", caller.as_bytes()]).to_vec();
        let codes = Codes { own: Vec::new(), strangers: Vec::new(), is_known: false };
        Self {
            own: None,
            caller: Some(of_caller),
            account: None,
            codes,
            known: None,
            password_counted: false,
            code_counted: false,
        }
    }

    /// The counters with their limits. The order is fixed, so that two attempts cannot deadlock. The lowest limit comes
    /// first, so that an attempt it refuses does not count against the account.
    fn limits(&self) -> Vec<(&[u8], i32)> {
        let counters = [(&self.own, PER_ACCOUNT_AND_CALLER), (&self.caller, PER_CALLER), (&self.account, PER_ACCOUNT)];
        counters.into_iter().filter_map(|(subject, limit)| Some((subject.as_deref()?, limit))).collect()
    }

    fn codes(&self) -> &[u8] {
        if self.codes.is_known { &self.codes.own } else { &self.codes.strangers }
    }
}

/// Counts an attempt in its own transaction: a refusal must not roll the count back. Returns the attempt with what the
/// database knows of the caller.
pub async fn count(context: &Context, attempt: Attempt) -> Result<Attempt, ApiError> {
    context.write_statement(move |conn, now| add(conn, now, attempt)).await?
}

/// The refusal is the inner result, so that the counts are committed.
fn add(conn: &mut AnyConn, now: UtcTs, mut attempt: Attempt) -> Result<Result<Attempt, ApiError>, ApiError> {
    let since = now.plus(chrono::Duration::days(-KNOWN_DAYS));
    let known = attempt.known.as_deref().filter(|_| attempt.account.is_some()).map(|known| (known, since));
    let (is_known, refusal) = count_all(conn, now, attempt.limits(), known)?;
    if is_known {
        attempt.account = None;
        attempt.codes.is_known = true;
    }
    attempt.password_counted = true;
    Ok(refusal.map_or(Ok(attempt), Err))
}

/// Counts a code of a second factor before it is checked, in its own transaction. The attempt was counted before.
pub async fn count_code(context: &Context, mut attempt: Attempt) -> Result<Attempt, ApiError> {
    let counted = move |conn: &mut AnyConn, now| {
        let (_, refusal) = count_all(conn, now, vec![(attempt.codes(), CODES)], None)?;
        attempt.code_counted = true;
        Ok(refusal.map_or(Ok(attempt), Err))
    };
    context.write_statement(counted).await?
}

/// Increments counters in their order. Returns whether the account knows the subscriber, and the refusal of the first
/// counter that is over its limit: those after it do not count this attempt.
fn count_all(
    conn: &mut AnyConn,
    now: UtcTs,
    limits: Vec<(&[u8], i32)>,
    known: Option<(&[u8], UtcTs)>,
) -> Result<(bool, Option<ApiError>), ApiError> {
    let window = chrono::Duration::minutes(WINDOW_MINUTES);
    let counting = Counting { limits, known, now, window_start: now.plus(-window) };
    let counted = store::count(conn, &counting)?;
    let over = counted.counters.iter().zip(&counting.limits).find(|((attempts, _), (_, limit))| attempts > limit);
    let refusal = over.map(|((_, since), _)| {
        let seconds = (since.plus(window).to_utc() - now.to_utc()).num_seconds();
        too_many(u32::try_from(seconds).unwrap_or_default().max(1))
    });
    Ok((counted.is_known, refusal))
}

/// Uncounts a successful attempt, and deletes the earlier attempts of the same caller on the same account.
pub fn uncount(work: &mut Work<'_>, attempt: &Attempt) -> Result<(), ApiError> {
    end(work, attempt, None)
}

/// [`uncount`] of a sign-in. The account knows the subscriber from now on.
pub fn succeed(work: &mut Work<'_>, attempt: &Attempt) -> Result<(), ApiError> {
    end(work, attempt, attempt.known.as_deref())
}

fn end(work: &mut Work<'_>, attempt: &Attempt, known: Option<&[u8]>) -> Result<(), ApiError> {
    let codes = attempt.code_counted.then(|| attempt.codes());
    let (own, others) = if attempt.password_counted {
        (attempt.own.as_deref(), [attempt.caller.as_deref(), attempt.account.as_deref()])
    } else {
        (None, [None, None])
    };
    let others: Vec<&[u8]> = others.into_iter().flatten().collect();
    let ended: Vec<&[u8]> = [own, codes].into_iter().flatten().collect();
    if ended.is_empty() && others.is_empty() && known.is_none() {
        return Ok(());
    }
    Ok(store::uncount(work.conn, &ended, &others, known, work.now)?)
}

/// Deletes counters whose window has ended and callers who did not come back, at most `limit` of each. Returns the larger
/// number. For a background job.
pub fn sweep(work: &mut Work<'_>, limit: usize) -> Result<usize, ApiError> {
    let counters = store::delete_before(work.conn, work.now.plus(chrono::Duration::minutes(-WINDOW_MINUTES)), limit)?;
    let known = store::forget_before(work.conn, work.now.plus(chrono::Duration::days(-KNOWN_DAYS)), limit)?;
    Ok(counters.max(known))
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
