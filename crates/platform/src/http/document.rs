//! The base document: title, licence, servers, security schemes, the schema of a problem.

use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};

use crate::auth::Permission;
use passerelle_base::error::{Code, FaultCode, Problem, ProblemFault};

const DESCRIPTION: &str = "The API of the *pôles ressources handicap*: referrals, case follow-ups and the service's \
own figures.\n\nGet a token from `POST /oauth/token`, then send it in `Authorization: Bearer …`. Every error is an \
`application/problem+json` document: `code` is stable and `errors` lists every fault of the request. Unknown parameters \
and fields are refused, and so is the character U+0000 in any text. Texts of requests have a `format`: `line` is one \
line without control characters and characters of direction, `lines` may have ends of lines and tabs, and of \
`visible-line` and `visible-lines` something must be visible. Identifiers are UUIDs of 36 characters, in either case. A \
range of days that ends before it starts is a 400. Error messages are in French, or in English with \
`Accept-Language: en`. An object that the caller may not see is a 404, like one that does not exist. Every GET operation \
also accepts HEAD. Requests are limited per address and per user or client; a request over the limit is a 429.";

/// The keyword that lists the present values of a text (Zalando, rule 112).
const OPEN_LIST: &str = "x-extensible-enum";

/// The document before any operation is added.
pub(super) fn base() -> Value {
    let scopes: serde_json::Map<String, Value> =
        Permission::ALL.iter().map(|p| (p.to_string(), Value::from(p.meaning()))).collect();
    // Stated explicitly, because objects are closed by default and a code may add members of its own.
    let mut problem = json!(Problem::schema());
    problem["additionalProperties"] = true.into();
    // Lists that grow are no enums: a generated client would refuse a code that it does not know.
    problem["properties"]["code"][OPEN_LIST] = Code::ALL.iter().map(|code| code.as_str()).collect();
    let mut fault = json!(ProblemFault::schema());
    fault["properties"]["code"][OPEN_LIST] = json!(FaultCode::names());
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
                ProblemFault::name(): fault,
            },
            "headers": {
                "RateLimit": {
                    "description": "Remaining requests of each limit, and the seconds until it is reset (draft-ietf-httpapi-ratelimit-headers).",
                    "schema": {"type": "string"}, "example": "\"address\";r=2987;t=1, \"principal\";r=0;t=60",
                },
                "RateLimit-Policy": {
                    "description": "Each limit: `q` requests in `w` seconds.",
                    "schema": {"type": "string"}, "example": "\"address\";q=3000;w=60, \"principal\";q=1200;w=60",
                },
                "Retry-After": {
                    "description": "Seconds to wait before sending a request again.",
                    "schema": {"type": "string", "pattern": "^[0-9]+$"}, "example": "1",
                },
            },
            "securitySchemes": {
                "oauth2": {
                    "type": "oauth2",
                    "description": "Access tokens are signed JWT, used as RFC8725 recommends, and expire after 10 minutes. `client_credentials` is for programs and institutions, `password` for users.",
                    "flows": {"clientCredentials": flow, "password": flow},
                },
            },
        },
    })
}
