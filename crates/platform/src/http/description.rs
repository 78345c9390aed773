//! The contract entry of an operation, read from the signature of its handler: what each argument and the response add.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};

use actix_web::http::Method;
use actix_web::{HttpRequest, web};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::{RefOr, Schema};

use super::required_access::{Access, RequiredAccess};
use super::{bounds, etag, examples, schema};

/// The entry of one operation while its signature is read.
pub struct Description<'a> {
    pub(super) method: &'a Method,
    pub(super) operation: &'a mut Value,
    pub(super) schemas: &'a mut BTreeMap<String, Value>,
    pub(super) requests: &'a mut HashMap<TypeId, Value>,
    pub(super) collisions: &'a mut Vec<String>,
}

/// The arguments of a handler: who may call first, then what is read from the request.
pub trait Signature {
    /// Writes the arguments into the operation.
    fn describe(description: &mut Description<'_>);
}

/// One argument of a handler.
pub trait Argument {
    /// Writes the argument into the operation.
    fn describe(description: &mut Description<'_>);
}

/// The return type of a handler.
pub trait DescribedResponse {
    /// Writes the response into the operation.
    fn describe(description: &mut Description<'_>);
}

macro_rules! signatures {
    ($(($($argument:ident),*))+) => {$(
        impl<Who: Access, $($argument: Argument),*> Signature for (Who, $($argument,)*) {
            fn describe(description: &mut Description<'_>) {
                description.access(Who::REQUIRED);
                $( $argument::describe(description); )*
            }
        }
    )+};
}
signatures! { () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

impl<T: 'static> Argument for web::Data<T> {
    fn describe(_: &mut Description<'_>) {}
}

impl Argument for HttpRequest {
    fn describe(_: &mut Description<'_>) {}
}

impl Description<'_> {
    fn access(&mut self, required: RequiredAccess) {
        match required {
            RequiredAccess::None => {
                self.operation["security"] = json!([]);
                return;
            }
            RequiredAccess::Token => {
                self.operation["security"] = json!([{"oauth2": []}]);
                self.problem("403", "The client may not call from this address.");
            }
            RequiredAccess::Permission(permission) => {
                self.operation["security"] = json!([{"oauth2": [permission.as_str()]}]);
                self.operation["x-permission"] = permission.as_str().into();
                let own = self.operation["description"].as_str().unwrap_or_default();
                self.operation["description"] =
                    format!("{own}\n\nPermission: `{}`.", permission.as_str()).trim_start().into();
                self.problem("403", "The token lacks the permission, or its client may not call from this address.");
            }
        }
        self.problem("401", "The token is missing or invalid.");
    }

    /// Describes the parameters of the path, from the path itself.
    pub(super) fn name_path_parameters(&mut self, path: &str) {
        let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let described = self.operation["parameters"].as_array().cloned().unwrap_or_default();
        let parameters = names.map(|name| {
            let own =
                described.iter().find(|p| p["name"] == name && p["in"] == "path").map(|p| p["description"].clone());
            json!({"name": name, "in": "path", "required": true,
                   "description": own.unwrap_or_else(|| path_parameter(name).into()), "schema": {"type": "string"}})
        });
        self.operation["parameters"] = parameters.collect();
    }

    /// Gives the path parameters their schemas, in the order of the path.
    pub(super) fn path_schemas(&mut self, schemas: &[Value]) {
        if let Some(parameters) = self.operation["parameters"].as_array_mut() {
            for (parameter, schema) in parameters.iter_mut().zip(schemas) {
                parameter["schema"] = schema.clone();
                bounds::add_to_parameter(parameter);
            }
        }
        self.problem("404", "The object does not exist, or the caller may not see it.");
    }

    /// Describes the request body.
    pub(super) fn body<T: ToSchema + 'static>(&mut self, media_type: &str) {
        let reference = self.reference::<T>();
        self.request_body(media_type, &reference);
        self.requests.insert(TypeId::of::<T>(), reference);
    }

    fn request_body(&mut self, media_type: &str, reference: &Value) {
        let content = self.content(reference);
        self.operation["requestBody"] = json!({"required": true, "content": {media_type: content}});
        self.problem("400", "The body is malformed or does not match its schema.");
        self.problem("408", "The body did not arrive in time.");
        self.problem("413", "The body is too large.");
        self.problem("415", "The media type of the body is not supported.");
        self.problem("422", "The request breaks a rule of the domain: `errors[].code` names it.");
    }

    /// Adds the parameters of a query; `T` is the key under which the extractor finds their schema.
    pub(super) fn query<T: 'static>(&mut self, parameters: &[Parameter]) {
        let schema = self.query_parameters(parameters);
        self.requests.insert(TypeId::of::<T>(), schema);
    }

    /// Adds parameters, and returns the schema of the object that they form.
    fn query_parameters(&mut self, parameters: &[Parameter]) -> Value {
        let mut parameters: Vec<Value> = parameters.iter().map(|parameter| json!(parameter)).collect();
        parameters.iter_mut().for_each(schema::never_null);
        parameters.iter_mut().for_each(bounds::add_to_parameter);
        let name = |parameter: &Value| parameter["name"].as_str().unwrap_or_default().to_owned();
        let properties: Map<String, Value> = parameters.iter().map(|p| (name(p), p["schema"].clone())).collect();
        let required: Vec<String> = parameters.iter().filter(|p| p["required"] == true).map(name).collect();
        let schema =
            json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
        if let Some(known) = self.operation["parameters"].as_array_mut() {
            known.extend(parameters);
        }
        self.problem("400", "A parameter is unknown or malformed.");
        schema
    }

    /// Describes the successful response, unless the operation has a description of that status.
    pub(super) fn success<T: ToSchema>(&mut self, status: &str, description: &str) {
        let reference = self.reference::<T>();
        self.json_response(status, description, &reference);
    }

    fn json_response(&mut self, status: &str, description: &str, reference: &Value) {
        let text = self.description_of(status, description);
        let content = self.content(reference);
        self.operation["responses"][status] = json!({"description": text, "content": {"application/json": content}});
    }

    /// The JSON of a schema, with its example.
    fn content(&self, reference: &Value) -> Value {
        let mut content = json!({"schema": reference});
        if let Some(example) = examples::of(reference, self.schemas) {
            content["example"] = example;
        }
        content
    }

    /// Describes a response that is any JSON object.
    pub(super) fn any_object(&mut self, status: &str, description: &str) {
        let content = json!({"application/json": {"schema": {"type": "object", "additionalProperties": true}, "example": {"openapi": "3.1.0"}}});
        self.operation["responses"][status] = json!({"description": description, "content": content});
    }

    /// Describes a header of a response.
    pub(super) fn header(&mut self, status: &str, name: &str, description: &str) {
        self.operation["responses"][status]["headers"][name] =
            json!({"description": description, "schema": {"type": "string"}});
    }

    /// Adds a type to the components and returns the reference to it.
    pub fn reference<T: ToSchema>(&mut self) -> Value {
        let name = T::name().into_owned();
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        let mut found = vec![(name, T::schema())];
        T::schemas(&mut found);
        self.add(found);
        reference
    }

    /// Adds the types that a type of parameters refers to.
    pub(super) fn referred_by<T: ToSchema>(&mut self) {
        let mut found = Vec::new();
        T::schemas(&mut found);
        self.add(found);
    }

    fn add(&mut self, found: Vec<(String, RefOr<Schema>)>) {
        for (name, schema) in found {
            let schema = json!(schema);
            match self.schemas.get(&name) {
                None => drop(self.schemas.insert(name, schema)),
                Some(known) if *known == schema => {}
                Some(_) => self.collisions.push(name),
            }
        }
    }

    /// Whether the operation is a DELETE.
    pub(super) fn is_delete(&self) -> bool {
        self.method == Method::DELETE
    }

    /// Adds a parameter that is a request header.
    pub(super) fn header_parameter(&mut self, parameter: Value) {
        if let Some(known) = self.operation["parameters"].as_array_mut() {
            known.push(parameter);
        }
        self.problem("400", "A header or a parameter is malformed.");
    }

    /// The response has an entity tag. A read accepts `If-None-Match` and may then be a 304.
    pub(super) fn tagged(&mut self) {
        self.header("200", "ETag", "Entity tag: version of the object and digest of this representation.");
        if self.method != Method::GET {
            return;
        }
        self.header_parameter(json!({
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "`ETag` of the representation that the caller holds. If it is still current, the response is a 304.",
            "schema": {"type": "string", "maxLength": etag::MAX_LENGTH}, "example": "\"1-5f1d7a84db00d2fc\"",
        }));
        self.operation["responses"]["304"] = json!({
            "description": "The caller's representation is still current.",
            "headers": {"ETag": {"description": "Its entity tag.", "schema": {"type": "string"}}},
        });
    }

    /// The call takes `Idempotency-Key`.
    pub(super) fn idempotency_key(&mut self) {
        self.header_parameter(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Unique key of the call, such as a UUID. The same request sent again with the same key within 24 hours has no second effect and gets the same response.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "example": "6f3a4c1e-0f57-4d0e-9a55-0d6ab8a1e7c2",
        }));
        self.problem(
            "404",
            "The stored response of this `Idempotency-Key` concerned a person who has since been erased.",
        );
        self.problem("409", "A call with the same `Idempotency-Key` is still running.");
        self.problem("422", "The `Idempotency-Key` was used for another request.");
    }

    /// The response may be the stored one of an earlier call.
    pub(super) fn replayed(&mut self) {
        for status in ["200", "201", "202", "204"] {
            if self.operation["responses"].get(status).is_some() {
                self.header(
                    status,
                    "Idempotency-Replayed",
                    "`true` if this is the stored response of an earlier call; otherwise absent.",
                );
            }
        }
    }

    /// Adds a problem response, unless the operation has a description of that status.
    pub(super) fn problem(&mut self, status: &str, description: &str) {
        let text = self.description_of(status, description);
        self.operation["responses"][status] = problem(&text);
    }

    /// The operation's own description of a status, or a default.
    fn description_of(&self, status: &str, default: &str) -> String {
        self.operation["responses"][status]["description"].as_str().unwrap_or(default).to_owned()
    }

    /// Gives each error its document, and adds the errors that every operation can return.
    pub(super) fn finish(&mut self) {
        self.problem("400", "A parameter is unknown: this operation takes none.");
        self.problem("414", "The URI is too long.");
        self.problem("429", "Too many requests: retry after `Retry-After` seconds.");
        self.problem("431", "The headers are too many or too large.");
        self.problem("500", "Internal error of the service.");
        self.problem("503", if self.method == Method::GET { UNAVAILABLE } else { WRITE_UNAVAILABLE });
        if let Some(responses) = self.operation["responses"].as_object_mut() {
            for (status, response) in responses {
                if status.as_str() >= "400" && response.get("content").is_none() {
                    *response = problem(response["description"].as_str().unwrap_or_default());
                }
            }
        }
        for (status, name) in
            [("429", "Retry-After"), ("429", "RateLimit"), ("429", "RateLimit-Policy"), ("503", "Retry-After")]
        {
            self.operation["responses"][status]["headers"][name] =
                json!({"$ref": format!("#/components/headers/{name}")});
        }
    }
}

/// What a 503 means for an operation that reads.
const UNAVAILABLE: &str = "Overloaded, the database does not answer (`unavailable`), or its disk is full \
                           (`storage_full`): retry after `Retry-After` seconds.";

/// What a 503 means for an operation that writes.
const WRITE_UNAVAILABLE: &str = "Overloaded, the database does not answer (`unavailable`), or its disk is full \
                                 (`storage_full`): nothing was written, retry after `Retry-After` seconds. \
                                 `outcome_unknown`: the write may have taken effect; send it again with the same \
                                 `Idempotency-Key`, or read the object first.";

fn problem(description: &str) -> Value {
    json!({"description": description, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}})
}

/// The default description of a path parameter.
fn path_parameter(name: &str) -> &'static str {
    match name {
        "id" => "Identifier of the object.",
        "kind" => "Kind of territory.",
        "code" => "Official code.",
        "list" => "Name of the code list.",
        _ => "Part of the path.",
    }
}
