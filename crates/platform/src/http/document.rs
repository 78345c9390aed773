//! The base document: title, licence, servers, security schemes, the problem schema.

use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};

use crate::auth::Permission;
use passerelle_base::error::{Problem, ProblemFault};

const DESCRIPTION: &str = "The API that the *pôles ressources handicap* run on: referrals, case follow-ups and \
the service's own figures.\n\nGet a token from `POST /oauth/token`, then call with `Authorization: Bearer …`. \
Every error is an `application/problem+json` document whose `code` is stable and whose `errors` list every fault \
of the request. Unknown parameters and fields are refused, and so is the character U+0000 in any text. Texts of errors are in French, or in English with \
`Accept-Language: en`. What a token may not see answers 404, like what does not exist. \
Every GET answers HEAD too; requests are counted by address and by token, and answered 429 over the limit.";

/// The document before any operation is added.
pub(super) fn base() -> Value {
    let scopes: serde_json::Map<String, Value> =
        Permission::ALL.iter().map(|p| (p.to_string(), Value::from(p.meaning()))).collect();
    // Closed as any object would be, if it did not say that a code may bring members of its own.
    let mut problem = json!(Problem::schema());
    problem["additionalProperties"] = true.into();
    let flow = json!({"tokenUrl": "/oauth/token", "scopes": scopes});
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Passerelle",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "API of the pôles ressources handicap",
            "description": DESCRIPTION,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/", "description": "The deployment that serves this document, local or in production.", "x-internal": false}],
        "components": {
            "schemas": {
                Problem::name(): problem,
                ProblemFault::name(): ProblemFault::schema(),
            },
            "headers": {
                "RateLimit": {
                    "description": "What is left of each limit, and the seconds until it is whole again (draft-ietf-httpapi-ratelimit-headers).",
                    "schema": {"type": "string"}, "example": "\"address\";r=2987;t=1, \"principal\";r=0;t=60",
                },
                "RateLimit-Policy": {
                    "description": "Each limit: so many requests in so many seconds.",
                    "schema": {"type": "string"}, "example": "\"address\";q=3000;w=60, \"principal\";q=1200;w=60",
                },
                "Retry-After": {
                    "description": "Seconds after which a request is taken again.",
                    "schema": {"type": "string", "pattern": "^[0-9]+$"}, "example": "1",
                },
            },
            "securitySchemes": {
                "oauth2": {
                    "type": "oauth2",
                    "description": "Access tokens of 10 minutes, signed JWT used as RFC8725 asks: `client_credentials` for programs and institutions, `password` for users.",
                    "flows": {"clientCredentials": flow, "password": flow},
                },
            },
        },
    })
}
