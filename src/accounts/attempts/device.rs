//! The token of a device: proof that an account has signed in on it before.
//!
//! It is returned with each sign-in and sent with the next. It is a MAC over the account and the day, so nothing is stored.
//! It is no credential: the password is still checked. A front end keeps it, not the browser: a cookie would not reach
//! this API from a front end on another origin, and programs without a cookie jar need a form of proof too.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;

use crate::db::UtcTs;
use crate::privacy::{Vault, random_bytes, same_bytes};

/// Days for which a device is recognised after its last sign-in.
const VALID_DAYS: i64 = 180;

const PREFIX: &str = "dev_";
const ISSUED: usize = 8;
const NONCE: usize = 12;

/// A device that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Tells the devices of one account apart.
    pub(super) nonce: [u8; NONCE],
}

/// A new token of a device on which an account has just signed in.
pub fn issue(vault: &Vault, account: &str, now: UtcTs) -> String {
    token(vault, account, now.to_utc().timestamp(), random_bytes())
}

fn token(vault: &Vault, account: &str, issued: i64, nonce: [u8; NONCE]) -> String {
    let issued = issued.to_be_bytes();
    let mac = vault.accounts_key().tag(&[b"device", account.as_bytes(), &issued, &nonce]);
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([&issued[..], &nonce, &mac].concat()))
}

/// The device of a token, if the token is of this account and not too old. Any other token proves nothing.
pub(super) fn recognise(vault: &Vault, account: &str, given: &str, now: UtcTs) -> Option<Device> {
    let bytes = URL_SAFE_NO_PAD.decode(given.strip_prefix(PREFIX)?).ok()?;
    let issued = i64::from_be_bytes(bytes.get(..ISSUED)?.try_into().ok()?);
    let nonce = bytes.get(ISSUED..ISSUED + NONCE)?.try_into().ok()?;
    if !same_bytes(token(vault, account, issued, nonce).as_bytes(), given.as_bytes()) {
        return None;
    }
    let age = now.to_utc().timestamp() - issued;
    (age <= Duration::days(VALID_DAYS).num_seconds()).then_some(Device { nonce })
}

#[cfg(test)]
mod tests {
    use crate::accounts::attempts::device::*;
    use crate::clock::Clock;
    use crate::privacy::MasterKey;

    #[test]
    fn a_token_is_of_one_account_and_of_half_a_year() {
        let vault = Vault::new(&MasterKey::generate()).unwrap();
        let now = Clock::System.now();
        let token = issue(&vault, "a@example.org", now);
        let device = recognise(&vault, "a@example.org", &token, now).unwrap();
        assert_ne!(Some(device), recognise(&vault, "a@example.org", &issue(&vault, "a@example.org", now), now));
        assert_eq!(recognise(&vault, "b@example.org", &token, now), None);
        assert!(recognise(&vault, "a@example.org", &token, now.plus(Duration::days(VALID_DAYS))).is_some());
        assert_eq!(recognise(&vault, "a@example.org", &token, now.plus(Duration::days(VALID_DAYS + 1))), None);
        let other = Vault::new(&MasterKey::generate()).unwrap();
        assert_eq!(recognise(&other, "a@example.org", &token, now), None);
        for forged in
            ["", "dev_", "dev_AAAA", &token[4..], &format!("{token}A"), &format!("{}A", &token[..token.len() - 1])]
        {
            assert_eq!(recognise(&vault, "a@example.org", forged, now).filter(|_| forged != token), None, "{forged}");
        }
    }
}
