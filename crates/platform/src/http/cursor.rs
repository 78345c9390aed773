//! Cursors: the sort key of the last row of a page, sealed and bound to its list.
//!
//! A sort key can be a value of a row, such as the name of a childminder, and a cursor appears in URLs: it is
//! encrypted, not only signed. AES-256-GCM-SIV needs no random nonce, so the same page always has the same cursor and
//! the same entity tag.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::privacy::MacKey;

/// Seals a sort key; `binding` identifies the list, its order and its filters.
pub(super) fn seal(key: &MacKey, binding: &[u8], sort_key: &Value) -> Option<String> {
    let mut bytes = sort_key.to_string().into_bytes();
    cipher(key)?.seal_in_place_append_tag(nonce(), Aad::from(binding), &mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// Opens a cursor; `None` if it was altered or forged, or belongs to another list.
pub(super) fn open(key: &MacKey, binding: &[u8], cursor: &str) -> Option<Value> {
    let mut bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let plain = cipher(key)?.open_in_place(nonce(), Aad::from(binding), &mut bytes).ok()?;
    serde_json::from_slice(plain).ok()
}

fn cipher(key: &MacKey) -> Option<LessSafeKey> {
    let key = key.tag(&[b"seal cursors v1"]);
    UnboundKey::new(&AES_256_GCM_SIV, &key).ok().map(LessSafeKey::new)
}

/// A fixed nonce: under SIV it reveals only that equal sort keys have equal cursors.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use crate::http::cursor::*;
    use crate::privacy::MasterKey;
    use proptest::prelude::*;
    use serde_json::json;

    proptest! {
        #[test]
        fn a_cursor_opens_only_unaltered_and_for_its_list(name in ".*", list in "[a-z?=&]{1,20}", at in any::<prop::sample::Index>()) {
            let key = MacKey::new(&MasterKey::generate(), "test");
            let sort_key = json!([name, "id"]);
            let cursor = seal(&key, list.as_bytes(), &sort_key).unwrap();
            prop_assert_eq!(open(&key, list.as_bytes(), &cursor), Some(sort_key.clone()));
            prop_assert_eq!(seal(&key, list.as_bytes(), &sort_key), Some(cursor.clone()));
            prop_assert_eq!(open(&key, b"/other", &cursor), None);
            prop_assert_eq!(open(&MacKey::new(&MasterKey::generate(), "test"), list.as_bytes(), &cursor), None);
            let mut bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1;
            prop_assert_eq!(open(&key, list.as_bytes(), &URL_SAFE_NO_PAD.encode(bytes)), None);
        }
    }

    #[test]
    fn a_cursor_reveals_nothing_about_its_row() {
        let key = MacKey::new(&MasterKey::generate(), "test");
        let cursor = seal(&key, b"/v1/organisations", &json!(["madame dupont", "id"])).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"dupont"));
    }
}
