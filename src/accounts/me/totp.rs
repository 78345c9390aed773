//! Codes of an authenticator application (RFC 6238): six digits, every thirty seconds, one step of clock drift.

use totp_rs::{Algorithm, Builder, Totp};

use crate::db::UtcTs;
use crate::error::{ApiError, Code};

/// Bytes of a secret: the digest length of SHA-1, the one algorithm that every application supports.
pub(super) const SECRET_BYTES: usize = 20;
const SECONDS: u64 = 30;

/// The authenticator of one user.
pub(super) struct Authenticator(Totp);

impl Authenticator {
    /// The authenticator of a secret. The application displays the account name.
    pub(super) fn new(secret: &[u8], account: &str) -> Result<Self, ApiError> {
        let built = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(SECONDS)
            .with_secret(secret.to_vec())
            // A colon separates the issuer from the account in the URI.
            .with_account_name(account.replace(':', " "))
            .with_issuer(Some("Passerelle"))
            .build();
        built.map(Self).map_err(|error| {
            log::error!("cannot build an authenticator: {error}");
            ApiError::new(Code::Internal)
        })
    }

    /// The secret in Base32, to be typed.
    pub(super) fn secret(&self) -> String {
        self.0.secret().to_base32()
    }

    /// The URI that an application reads from a QR code.
    pub(super) fn uri(&self) -> Result<String, ApiError> {
        self.0.to_url().map_err(|_| ApiError::new(Code::Internal))
    }

    /// The time step of a code, if the code is valid now.
    pub(super) fn step_of(&self, code: &str, now: UtcTs) -> Option<i64> {
        let seconds = u64::try_from(now.to_utc().timestamp()).ok()?;
        let digits: String = code.chars().filter(|digit| !digit.is_whitespace()).collect();
        self.0.check(&digits, seconds).and_then(|step| i64::try_from(step).ok())
    }
}

#[cfg(test)]
mod tests {
    use crate::accounts::me::totp::*;

    fn at(seconds: i64) -> UtcTs {
        chrono::DateTime::from_timestamp(seconds, 0).unwrap().into()
    }

    /// RFC 6238, appendix B: the secret and the codes of SHA-1, their last six digits.
    #[test]
    fn codes_match_the_test_vectors_of_the_rfc() {
        let authenticator = Authenticator::new(b"12345678901234567890", "a@example.org").unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(authenticator.step_of(code, at(seconds)), Some(seconds / 30));
            assert_eq!(authenticator.step_of(code, at(seconds + 30)), Some(seconds / 30), "one step late");
            assert_eq!(authenticator.step_of(code, at(seconds + 90)), None);
        }
        for wrong in ["", "28708", "2870822", "abcdef", "287083"] {
            assert_eq!(authenticator.step_of(wrong, at(59)), None, "{wrong}");
        }
        assert_eq!(authenticator.step_of("287 082", at(59)), Some(1), "with the space that applications display");
    }

    #[test]
    fn the_uri_has_what_an_application_needs() {
        let authenticator = Authenticator::new(b"12345678901234567890", "a@example.org").unwrap();
        assert_eq!(authenticator.secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = authenticator.uri().unwrap();
        assert!(uri.starts_with("otpauth://totp/Passerelle:a%40example.org?"), "{uri}");
        assert!(uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") && uri.contains("issuer=Passerelle"), "{uri}");
    }
}
