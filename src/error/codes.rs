//! The one table: stable code → HTTP status → title in French and English.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($variant:ident = $code:literal, $status:ident, $fr:literal, $en:literal, $meaning:literal;)+) => {
        /// A row of the table. The code is what a program tests; it never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $meaning] $variant),+ }

        impl Code {
            /// Every row, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// The title, in French and in English.
            pub const fn title(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($fr, $en)),+ }
            }

            /// When it happens and what to do, in English.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

codes! {
    MalformedBody = "malformed_body", BAD_REQUEST, "Corps illisible", "Unreadable body",
        "The body is not JSON, or not in UTF-8. Correct its syntax.";
    InvalidBody = "invalid_body", BAD_REQUEST, "Corps invalide", "Invalid body",
        "The body does not follow the schema of the contract. `errors` lists every fault.";
    InvalidParameters = "invalid_parameters", BAD_REQUEST, "Paramètres invalides", "Invalid parameters",
        "A parameter is unknown, missing or malformed. `errors` lists every fault.";
    InvalidCursor = "invalid_cursor", BAD_REQUEST, "Curseur invalide", "Invalid cursor",
        "The cursor was not issued by this API for this list and these filters. Start again without it.";
    InvalidGrant = "invalid_grant", BAD_REQUEST, "Identifiants refusés", "Credentials refused",
        "The user name or the password is wrong, or the account is disabled.";
    UnsupportedGrant = "unsupported_grant_type", BAD_REQUEST, "Type d'autorisation inconnu", "Unsupported grant type",
        "`grant_type` is `client_credentials` or `password`.";
    InvalidClient = "invalid_client", UNAUTHORIZED, "Client refusé", "Client refused",
        "The client identifier or its secret is wrong, or the client is disabled.";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Jeton requis", "Token required",
        "The call needs a valid access token: get one from `POST /oauth/token`.";
    Forbidden = "forbidden", FORBIDDEN, "Droit manquant", "Permission missing",
        "The token is valid but lacks the permission that `required_permission` names.";
    NotFound = "not_found", NOT_FOUND, "Introuvable", "Not found",
        "Nothing there that this principal may see.";
    UnknownPath = "unknown_path", NOT_FOUND, "Adresse inconnue", "Unknown address",
        "The API has no such path: see `/openapi.json`.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Méthode refusée", "Method not allowed",
        "The path exists and does not take this method: see the `Allow` header.";
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "Requête trop lente", "Request too slow",
        "The request did not arrive in time.";
    Conflict = "conflict", CONFLICT, "Conflit", "Conflict",
        "The write collides with another object or another writer. Read again and decide.";
    WrongState = "wrong_state", CONFLICT, "Action impossible dans cet état", "Action out of turn",
        "The action does not apply in the object's state: `state` and `available_actions` say what does.";
    RequestInProgress = "request_in_progress", CONFLICT, "Requête déjà en cours", "Request in progress",
        "A call with the same `Idempotency-Key` is still running. Send it again after `Retry-After` seconds to get its answer.";
    VersionMismatch = "version_mismatch", PRECONDITION_FAILED, "Objet modifié entre-temps", "Changed meanwhile",
        "The object has another version than `If-Match` says: `version` is the present one. Read it again, then decide.";
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, "Requête trop grande", "Request too large",
        "The body is over the size limit.";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Format non pris en charge", "Unsupported media type",
        "The body must be sent as the media type that the contract names.";
    RuleBroken = "rule_broken", UNPROCESSABLE_ENTITY, "Règle métier non respectée", "Domain rule broken",
        "The request is well formed and breaks a rule of the domain: `errors[].code` names the rule.";
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "Clé d'idempotence déjà utilisée", "Idempotency key reused",
        "This `Idempotency-Key` was used for another request in the last 24 hours. Use a new key for a new request.";
    PreconditionRequired = "precondition_required", PRECONDITION_REQUIRED, "If-Match requis", "If-Match required",
        "This call changes an object: send in `If-Match` the `ETag` that you read, so that nobody's change is lost.";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Erreur interne", "Internal error",
        "A fault of the service. Report the `request_id`.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Momentanément indisponible", "Temporarily unavailable",
        "The service is saturated or its database does not answer. Try again after `Retry-After` seconds.";
}

#[cfg(test)]
mod tests {
    use super::Code;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique() {
        let codes: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
    }
}
