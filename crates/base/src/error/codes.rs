//! The one table: stable code → HTTP status → title in French and English.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($variant:ident = $code:literal, $status:ident, $fr:literal, $en:literal, $meaning:literal, $sens:literal;)+) => {
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

            /// When it happens and what to do, in French and in English.
            pub const fn meaning(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($sens, $meaning)),+ }
            }
        }
    };
}

codes! {
    MalformedRequest = "malformed_request", BAD_REQUEST, "Requête illisible", "Unreadable request",
        "The request line, a header or the path is not HTTP. Correct the program that wrote it.",
        "La première ligne, un en-tête ou le chemin n'est pas du HTTP. Corriger le programme qui l'a écrit.";
    MalformedBody = "malformed_body", BAD_REQUEST, "Corps illisible", "Unreadable body",
        "The body is not JSON, or not in UTF-8. Correct its syntax.",
        "Le corps n'est pas du JSON, ou pas en UTF-8. Corriger sa syntaxe.";
    InvalidBody = "invalid_body", BAD_REQUEST, "Corps invalide", "Invalid body",
        "The body does not follow the schema of the contract. `errors` lists every fault.",
        "Le corps ne suit pas le schéma du contrat. `errors` donne toutes les fautes.";
    InvalidParameters = "invalid_parameters", BAD_REQUEST, "Paramètres invalides", "Invalid parameters",
        "A parameter is unknown, missing or malformed. `errors` lists every fault.",
        "Un paramètre est inconnu, manquant ou mal formé. `errors` donne toutes les fautes.";
    InvalidCursor = "invalid_cursor", BAD_REQUEST, "Curseur invalide", "Invalid cursor",
        "The cursor was not issued by this API for this list and these filters. Start again without it.",
        "Le curseur n'a pas été émis par cette API pour cette liste et ces filtres. Recommencer sans lui.";
    InvalidGrant = "invalid_grant", BAD_REQUEST, "Identifiants refusés", "Credentials refused",
        "The user name, the password, the code or the refresh token is wrong or expired, or the account is disabled.",
        "Le nom, le mot de passe, le code ou le jeton de renouvellement est faux ou expiré, ou le compte est désactivé.";
    SecondFactorRequired = "second_factor_required", BAD_REQUEST, "Second facteur requis", "Second factor required",
        "The password is right and the account has a second factor: send a code of its authenticator application as `otp`.",
        "Le mot de passe est juste et le compte a un second facteur : envoyer un code de son application dans `otp`.";
    UnsupportedGrant = "unsupported_grant_type", BAD_REQUEST, "Type d'autorisation inconnu", "Unsupported grant type",
        "`grant_type` is `client_credentials`, `password` or `refresh_token`.",
        "`grant_type` est `client_credentials`, `password` ou `refresh_token`.";
    InvalidClient = "invalid_client", UNAUTHORIZED, "Client refusé", "Client refused",
        "The client identifier or its secret is wrong, or the client is disabled or has expired.",
        "L'identifiant du client ou son secret est faux, ou le client est désactivé ou expiré.";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Jeton requis", "Token required",
        "The call needs a valid access token: get one from `POST /oauth/token`.",
        "L'appel demande un jeton d'accès valide : en obtenir un par `POST /oauth/token`.";
    Forbidden = "forbidden", FORBIDDEN, "Droit manquant", "Permission missing",
        "The token is valid but lacks the permission that `required_permission` names; without that member, `detail` says what forbids the call.",
        "Le jeton est valide mais n'a pas le droit que `required_permission` nomme ; sans ce membre, `detail` dit ce qui interdit l'appel.";
    NotFound = "not_found", NOT_FOUND, "Introuvable", "Not found",
        "Nothing there that this principal may see.",
        "Rien à cette adresse que cet appelant puisse voir.";
    UnknownPath = "unknown_path", NOT_FOUND, "Adresse inconnue", "Unknown address",
        "The API has no such path: see `/openapi.json`.",
        "L'API n'a pas cette adresse : voir `/openapi.json`.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Méthode refusée", "Method not allowed",
        "The path exists and does not take this method: see the `Allow` header.",
        "L'adresse existe et ne prend pas cette méthode : voir l'en-tête `Allow`.";
    NotAcceptable = "not_acceptable", NOT_ACCEPTABLE, "Format de réponse non proposé", "Not acceptable",
        "`Accept` names no media type of this answer: `media_types` lists them.",
        "`Accept` ne nomme aucun format de cette réponse : `media_types` les énumère.";
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "Requête trop lente", "Request too slow",
        "The request did not arrive in time. Send it again in one go.",
        "La requête n'est pas arrivée à temps. La renvoyer d'un trait.";
    Conflict = "conflict", CONFLICT, "Conflit", "Conflict",
        "The write collides with another object or another writer. Read again and decide.",
        "L'écriture se heurte à un autre objet ou à une autre personne. Relire, puis décider.";
    WrongState = "wrong_state", CONFLICT, "Action impossible dans cet état", "Action out of turn",
        "The action does not apply in the object's state: `state` and `available_actions` say what does.",
        "L'action ne s'applique pas dans l'état de l'objet : `state` et `available_actions` disent ce qui s'applique.";
    RequestInProgress = "request_in_progress", CONFLICT, "Requête déjà en cours", "Request in progress",
        "A call with the same `Idempotency-Key` is still running. Send it again after `Retry-After` seconds to get its answer.",
        "Un appel de même `Idempotency-Key` est en cours. Le renvoyer après `Retry-After` secondes pour avoir sa réponse.";
    KitTaken = "kit_taken", CONFLICT, "Mallette prise", "Kit taken",
        "No copy is free on these days: `obstacles` says what keeps them, `next_free` the next loans that are possible.",
        "Aucun exemplaire n'est libre ces jours-là : `obstacles` dit ce qui les retient, `next_free` les prochains prêts possibles.";
    VersionMismatch = "version_mismatch", PRECONDITION_FAILED, "Objet modifié entre-temps", "Changed meanwhile",
        "The object has another version than `If-Match` says: `version` is the present one. Read it again, then decide.",
        "L'objet a une autre version que celle d'`If-Match` : `version` est la présente. Le relire, puis décider.";
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, "Requête trop grande", "Request too large",
        "The body is over the limit, in bytes or in values. Send less at a time.",
        "Le corps dépasse la taille permise, en octets ou en valeurs. Envoyer moins à la fois.";
    UriTooLong = "uri_too_long", URI_TOO_LONG, "Adresse trop longue", "Address too long",
        "The path and its parameters are over the limit. Ask for less, or in several calls.",
        "Le chemin et ses paramètres dépassent la limite. Demander moins, ou en plusieurs appels.";
    HeadersTooLarge = "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "En-têtes trop grands", "Headers too large",
        "The headers are too many or too large: a cookie or a token that is not for this API may be among them.",
        "Les en-têtes sont trop nombreux ou trop grands : un cookie ou un jeton qui n'est pas pour cette API en est peut-être.";
    TooManyRequests = "too_many_requests", TOO_MANY_REQUESTS, "Trop de requêtes", "Too many requests",
        "The address or the principal is over its rate: `limit` says which. Wait `Retry-After` seconds; `RateLimit` says what is left.",
        "L'adresse ou l'appelant dépasse son débit : `limit` dit lequel. Attendre `Retry-After` secondes ; `RateLimit` dit ce qui reste.";
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS, "Trop de tentatives", "Too many attempts",
        "Too many failed attempts to sign in, on this account or from this address. Wait `Retry-After` seconds.",
        "Trop de tentatives de connexion manquées, sur ce compte ou de cette adresse. Attendre `Retry-After` secondes.";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Format non pris en charge", "Unsupported media type",
        "The body must be sent as the media type that the contract names.",
        "Le corps doit être envoyé dans le format que le contrat nomme.";
    RuleBroken = "rule_broken", UNPROCESSABLE_ENTITY, "Règle métier non respectée", "Domain rule broken",
        "The request is well formed and breaks a rule of the domain: `errors[].code` names the rule.",
        "La requête est bien formée et enfreint une règle du métier : `errors[].code` la nomme.";
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "Clé d'idempotence déjà utilisée", "Idempotency key reused",
        "This `Idempotency-Key` was used for another request in the last 24 hours. Use a new key for a new request.",
        "Cette `Idempotency-Key` a servi à une autre requête dans les 24 dernières heures. Prendre une clé neuve pour une requête neuve.";
    PreconditionRequired = "precondition_required", PRECONDITION_REQUIRED, "If-Match requis", "If-Match required",
        "This call changes an object: send in `If-Match` the `ETag` that you read, so that nobody's change is lost.",
        "Cet appel modifie un objet : envoyer dans `If-Match` l'`ETag` lu, pour que la modification de personne ne soit perdue.";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Erreur interne", "Internal error",
        "A fault of the service. Report the `request_id`.",
        "Une faute du service. Signaler le `request_id`.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Momentanément indisponible", "Temporarily unavailable",
        "The service is saturated or its database does not answer. Try again after `Retry-After` seconds.",
        "Le service est saturé ou sa base ne répond pas. Réessayer après `Retry-After` secondes.";
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
