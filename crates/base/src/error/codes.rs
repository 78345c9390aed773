//! The table of error codes: stable code → HTTP status → title and meaning in French and English.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($variant:ident = $code:literal, $status:ident, $fr:literal, $en:literal, $meaning:literal, $sens:literal;)+) => {
        /// A row of the table. Programs test the code, which never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $meaning] $variant),+ }

        impl Code {
            /// Every row, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code, as the contract writes it.
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
    MalformedRequest = "malformed_request", BAD_REQUEST, "Requête mal formée", "Malformed request",
        "The request line, a header or the path is not valid HTTP. Correct the program that sends it.",
        "La première ligne, un en-tête ou le chemin n'est pas du HTTP valide. Corriger le programme qui envoie la requête.";
    MalformedBody = "malformed_body", BAD_REQUEST, "Corps mal formé", "Malformed body",
        "The body is not JSON or not UTF-8. Correct its syntax.",
        "Le corps n'est pas du JSON, ou n'est pas en UTF-8. Corriger sa syntaxe.";
    InvalidBody = "invalid_body", BAD_REQUEST, "Corps invalide", "Invalid body",
        "The body does not match the schema of the contract. `errors` lists every fault.",
        "Le corps n'est pas conforme au schéma du contrat. `errors` énumère toutes les erreurs.";
    InvalidParameters = "invalid_parameters", BAD_REQUEST, "Paramètres invalides", "Invalid parameters",
        "A parameter is unknown, missing or malformed. `errors` lists every fault.",
        "Un paramètre est inconnu, manquant ou mal formé. `errors` énumère toutes les erreurs.";
    InvalidCursor = "invalid_cursor", BAD_REQUEST, "Curseur invalide", "Invalid cursor",
        "This API did not issue the cursor for this list and these filters. Start again without it.",
        "Le curseur n'a pas été émis par cette API pour cette liste et ces filtres. Recommencer sans curseur.";
    InvalidGrant = "invalid_grant", BAD_REQUEST, "Identifiants refusés", "Credentials refused",
        "The user name, the password, the code or the refresh token is wrong or expired, or the account is disabled.",
        "Le nom d'utilisateur, le mot de passe, le code ou le jeton de renouvellement est incorrect ou expiré, ou le compte est désactivé.";
    SecondFactorRequired = "second_factor_required", BAD_REQUEST, "Second facteur requis", "Second factor required",
        "The password is correct and the account has a second factor: send a code from the authenticator application in `otp`.",
        "Le mot de passe est correct et le compte a un second facteur : envoyer dans `otp` un code de l'application d'authentification.";
    UnsupportedGrant = "unsupported_grant_type", BAD_REQUEST, "Type d'autorisation inconnu", "Unsupported grant type",
        "`grant_type` must be `client_credentials`, `password` or `refresh_token`.",
        "`grant_type` doit être `client_credentials`, `password` ou `refresh_token`.";
    InvalidClient = "invalid_client", UNAUTHORIZED, "Client refusé", "Client refused",
        "The client identifier or its secret is wrong, or the client is disabled or has expired.",
        "L'identifiant du client ou son secret est incorrect, ou le client est désactivé ou expiré.";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Jeton requis", "Token required",
        "The call requires a valid access token. Get one from `POST /oauth/token`.",
        "L'appel exige un jeton d'accès valide. En obtenir un par `POST /oauth/token`.";
    Forbidden = "forbidden", FORBIDDEN, "Droits insuffisants", "Insufficient permissions",
        "The token is valid but lacks the permission named in `required_permission`. If that member is absent, `detail` says why the call is forbidden.",
        "Le jeton est valide mais n'a pas le droit indiqué par `required_permission`. En l'absence de ce membre, `detail` indique pourquoi l'appel est interdit.";
    SecondFactorMissing = "second_factor_missing", FORBIDDEN, "Second facteur à mettre en place", "Second factor missing",
        "The account administers the deployment or manages a service, and this deployment requires a second factor for that. Until it has one, only the operations on the own account (`/v1/me…`) work. Make the calls in `next_calls`: get a secret for an authenticator application, then confirm it with a code.",
        "Le compte administre le déploiement ou dirige un service, et ce déploiement exige pour cela un second facteur. Tant qu'il n'en a pas, seules les opérations sur son propre compte (`/v1/me…`) sont possibles. Faire les appels de `next_calls` : obtenir un secret pour une application d'authentification, puis le confirmer par un code.";
    NotFound = "not_found", NOT_FOUND, "Introuvable", "Not found",
        "The object does not exist, or the caller may not see it. Check the identifier, and the caller's rights with `GET /v1/me`.",
        "L'objet n'existe pas, ou l'appelant n'a pas le droit de le voir. Vérifier l'identifiant, et les droits de l'appelant avec `GET /v1/me`.";
    UnknownPath = "unknown_path", NOT_FOUND, "Adresse inconnue", "Unknown path",
        "The API has no such path. See `/openapi.json`.",
        "L'API n'a pas cette adresse. Voir `/openapi.json`.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Méthode non autorisée", "Method not allowed",
        "The path exists but does not accept this method. See the `Allow` header.",
        "L'adresse existe mais n'accepte pas cette méthode. Voir l'en-tête `Allow`.";
    NotAcceptable = "not_acceptable", NOT_ACCEPTABLE, "Format de réponse non proposé", "Not acceptable",
        "`Accept` names no media type of this response. `media_types` lists them.",
        "`Accept` n'indique aucun format de cette réponse. `media_types` les énumère.";
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "Requête trop lente", "Request timeout",
        "The request did not arrive in time. Send it again without pausing.",
        "La requête n'est pas arrivée à temps. La renvoyer en une seule fois.";
    Conflict = "conflict", CONFLICT, "Conflit", "Conflict",
        "The write conflicts with another object or with a concurrent write. Read the object again, then decide.",
        "L'écriture est en conflit avec un autre objet ou avec une autre écriture. Relire l'objet, puis décider.";
    WrongState = "wrong_state", CONFLICT, "Action impossible dans cet état", "Action not allowed in this state",
        "The object's state does not allow the action: `state` is the present state and `available_actions` lists the allowed actions.",
        "L'état de l'objet ne permet pas cette action : `state` est l'état actuel et `available_actions` énumère les actions possibles.";
    RequestInProgress = "request_in_progress", CONFLICT, "Requête déjà en cours", "Request in progress",
        "A call with the same `Idempotency-Key` is still running. Send it again after `Retry-After` seconds to get its response.",
        "Un appel avec la même `Idempotency-Key` est en cours. Le renvoyer après `Retry-After` secondes pour obtenir sa réponse.";
    KitTaken = "kit_taken", CONFLICT, "Mallette indisponible", "Kit not available",
        "No copy is free on these days: `obstacles` says why, and `next_free` lists the next possible loans.",
        "Aucun exemplaire n'est libre ces jours-là : `obstacles` en donne les raisons et `next_free` énumère les prochains prêts possibles.";
    FeedRestored = "feed_restored", GONE, "Flux restauré à une date antérieure", "Feed restored to an earlier point",
        "The database was restored from a backup, and the cursor is past the restored point. Continue with `next_cursor`: nothing is missed. Objects created since the backup may be gone.",
        "La base de données a été restaurée à partir d'une sauvegarde et le curseur est postérieur au point de restauration. Continuer avec `next_cursor` : aucun changement ne manquera. Les objets créés depuis la sauvegarde peuvent avoir disparu.";
    VersionMismatch = "version_mismatch", PRECONDITION_FAILED, "Objet modifié entre-temps", "Version mismatch",
        "The object no longer has the version given in `If-Match`: `version` is its present version. Read it again, then decide.",
        "L'objet n'a plus la version indiquée dans `If-Match` : `version` est sa version actuelle. Le relire, puis décider.";
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, "Requête trop volumineuse", "Request too large",
        "The body exceeds the limit, in bytes or in values: send less at a time. As the code of a fault, a number is over the maximum that its message gives: correct it.",
        "Le corps dépasse la limite, en octets ou en valeurs : envoyer moins de données à la fois. Comme code d'une erreur de `errors`, un nombre dépasse le maximum que donne son message : le corriger.";
    UriTooLong = "uri_too_long", URI_TOO_LONG, "Adresse trop longue", "URI too long",
        "The path and its parameters exceed the limit. Request less, or make several calls.",
        "Le chemin et ses paramètres dépassent la limite. Demander moins, ou en plusieurs appels.";
    HeadersTooLarge = "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "En-têtes trop volumineux", "Headers too large",
        "There are too many headers, or they are too large. A cookie or a token that is not for this API may be the cause.",
        "Les en-têtes sont trop nombreux ou trop volumineux. Un cookie ou un jeton qui n'est pas destiné à cette API en est peut-être la cause.";
    TooManyRequests = "too_many_requests", TOO_MANY_REQUESTS, "Trop de requêtes", "Too many requests",
        "The address or the caller exceeds its rate limit: `limit` says which. Wait `Retry-After` seconds. The `RateLimit` header gives what remains.",
        "L'adresse ou l'appelant dépasse sa limite de débit : `limit` indique laquelle. Attendre `Retry-After` secondes. L'en-tête `RateLimit` donne ce qui reste.";
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS, "Trop de tentatives", "Too many attempts",
        "There were too many failed sign-in attempts on this account or from this address. Wait `Retry-After` seconds.",
        "Trop de tentatives de connexion ont échoué sur ce compte ou depuis cette adresse. Attendre `Retry-After` secondes.";
    TooManyExports = "too_many_exports", TOO_MANY_REQUESTS, "Trop d'exports en cours", "Too many exports",
        "Too many spreadsheets or printable documents are being written or read. Wait `Retry-After` seconds. JSON has no such limit.",
        "Trop de tableurs ou de documents à imprimer sont en cours de préparation ou de lecture. Attendre `Retry-After` secondes. Le JSON n'a pas cette limite.";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Format non pris en charge", "Unsupported media type",
        "The body must have the media type that the contract gives.",
        "Le corps doit être envoyé dans le format indiqué par le contrat.";
    RuleBroken = "rule_broken", UNPROCESSABLE_ENTITY, "Règle métier non respectée", "Domain rule broken",
        "The request is well formed but breaks a rule of the domain. `errors[].code` names the rule.",
        "La requête est bien formée mais enfreint une règle métier. `errors[].code` indique laquelle.";
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "Clé d'idempotence déjà utilisée", "Idempotency key reused",
        "This `Idempotency-Key` was used for a different request in the last 24 hours. Use a new key for a new request.",
        "Cette `Idempotency-Key` a servi à une autre requête dans les dernières 24 heures. Utiliser une nouvelle clé pour une nouvelle requête.";
    PreconditionRequired = "precondition_required", PRECONDITION_REQUIRED, "If-Match requis", "If-Match required",
        "This call changes an object: send the last `ETag` you read in `If-Match`, so that no concurrent change is lost.",
        "Cet appel modifie un objet : envoyer dans `If-Match` le dernier `ETag` lu, pour qu'aucune autre modification ne soit perdue.";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Erreur interne", "Internal error",
        "The service failed. Report the `request_id`.",
        "Erreur interne du service. Signaler le `request_id`.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Momentanément indisponible", "Temporarily unavailable",
        "The service is overloaded or its database does not respond. Retry after `Retry-After` seconds.",
        "Le service est surchargé ou sa base de données ne répond pas. Réessayer après `Retry-After` secondes.";
    StorageFull = "storage_full", SERVICE_UNAVAILABLE, "Espace de stockage saturé", "Storage full",
        "The disk of the database is full: nothing was recorded. Reads still work, except those that the journal must record. Tell the operator; retry after `Retry-After` seconds.",
        "Le disque de la base de données est plein : rien n'a été enregistré. Les lectures restent possibles, sauf celles que le journal doit enregistrer. Prévenir l'exploitant ; réessayer après `Retry-After` secondes.";
    OutcomeUnknown = "outcome_unknown", SERVICE_UNAVAILABLE, "Résultat inconnu", "Outcome unknown",
        "The database did not confirm the write: it may have taken effect. Send the same call again with the same `Idempotency-Key`: if it took effect, you get its response. Without a key, read the object first.",
        "La base de données n'a pas confirmé l'enregistrement : il a pu être effectué. Renvoyer le même appel avec la même `Idempotency-Key` : s'il a eu lieu, sa réponse est renvoyée. Sans clé, relire d'abord l'objet.";
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
