//! Reading a signature: what each argument and each answer of a handler writes into the contract.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};

use actix_web::http::Method;
use actix_web::{HttpRequest, web};
use serde_json::{Map, Value, json};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use super::page::QueryParams;
use super::patch::{MERGE_PATCH, Patch};
use super::reply::{Accepted, Created, Current, NoContent, OpenData, OpenForEver, Reply, Shareable, Tagged};
use super::{Body, Form, Path, Query, bounds, etag, examples, path, schema};
use crate::http::{Access, Demand};
use passerelle_base::error::ApiError;

/// What an operation says of itself while its signature is read.
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

/// What a handler answers.
pub trait Answer {
    /// Writes the answer into the operation.
    fn describe(description: &mut Description<'_>);
}

macro_rules! signatures {
    ($(($($argument:ident),*))+) => {$(
        impl<Who: Access, $($argument: Argument),*> Signature for (Who, $($argument,)*) {
            fn describe(description: &mut Description<'_>) {
                description.access(Who::DEMAND);
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

impl<T: ToSchema + 'static> Argument for Body<T> {
    fn describe(description: &mut Description<'_>) {
        description.body::<T>("application/json");
    }
}

impl<T: ToSchema + 'static> Argument for Patch<T> {
    fn describe(description: &mut Description<'_>) {
        description.body::<T>(MERGE_PATCH);
    }
}

impl<T: ToSchema + 'static> Argument for Form<T> {
    fn describe(description: &mut Description<'_>) {
        description.body::<T>("application/x-www-form-urlencoded");
    }
}

impl<T: QueryParams + IntoParams + 'static> Argument for Query<T> {
    fn describe(description: &mut Description<'_>) {
        T::collect_schemas(description);
        description.query::<T>(&T::into_params(|| Some(ParameterIn::Query)));
    }
}

impl<T: ToSchema> Argument for Path<T> {
    fn describe(description: &mut Description<'_>) {
        description.path_schemas(&[json!(T::schema())]);
    }
}

impl<A: ToSchema, B: ToSchema> Argument for path::Path2<A, B> {
    fn describe(description: &mut Description<'_>) {
        description.path_schemas(&[json!(A::schema()), json!(B::schema())]);
    }
}

impl<T: Answer> Answer for Result<T, ApiError> {
    fn describe(description: &mut Description<'_>) {
        T::describe(description);
    }
}

impl<T: ToSchema> Answer for Reply<T> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<T>("200", "The answer.");
    }
}

impl<T: ToSchema> Answer for Current<T> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<T>("200", "The object, as it is now.");
        description.sparse();
        description.tagged();
    }
}

impl<T: ToSchema> Answer for Tagged<T> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<T>("200", "The answer.");
        description.sparse();
        description.tagged();
    }
}

impl<T: ToSchema> Answer for Created<T> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<T>("201", "Created; `Location` is its address.");
        description.header("201", "Location", "Path of the new object.");
        description.header("201", "ETag", "Entity tag of the new object; absent when it has no version.");
    }
}

impl<T: ToSchema> Answer for Accepted<T> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<T>("202", "Accepted: the work goes on; `Location` is where to see how far it is.");
        description.header("202", "Location", "Path of the object that tells how far it is.");
        description.header("202", "Retry-After", "Seconds after which looking again makes sense.");
        description.header("202", "ETag", "Entity tag of the object as it is now.");
    }
}

impl<R: Answer> Answer for OpenData<R> {
    fn describe(description: &mut Description<'_>) {
        R::describe(description);
        description.header("200", "Cache-Control", "`public, max-age=86400`: open data, to be kept for a day.");
    }
}

impl<R: Answer> Answer for OpenForEver<R> {
    fn describe(description: &mut Description<'_>) {
        R::describe(description);
        let said = "`public, max-age=31536000, immutable`: open data that never changes, to be kept for ever.";
        description.header("200", "Cache-Control", said);
    }
}

impl<R: Answer> Answer for Shareable<R> {
    fn describe(description: &mut Description<'_>) {
        R::describe(description);
        let said = "`private, max-age=300`: about nobody, to be kept for five minutes by whoever asked.";
        description.header("200", "Cache-Control", said);
    }
}

impl Answer for NoContent {
    fn describe(description: &mut Description<'_>) {
        description.operation["responses"]["204"] = json!({"description": "Done; no body."});
    }
}

impl Description<'_> {
    fn access(&mut self, demand: Demand) {
        match demand {
            Demand::Nothing => {
                self.operation["security"] = json!([]);
                return;
            }
            Demand::Token => {
                self.operation["security"] = json!([{"oauth2": []}]);
                self.problem("403", "The token is of a client that may not call from this address.");
            }
            Demand::Permission(permission) => {
                self.operation["security"] = json!([{"oauth2": [permission.as_str()]}]);
                self.operation["x-permission"] = permission.as_str().into();
                let said = self.operation["description"].as_str().unwrap_or_default();
                self.operation["description"] =
                    format!("{said}\n\nPermission: `{}`.", permission.as_str()).trim_start().into();
                self.problem(
                    "403",
                    "The token lacks the permission, or is of a client that may not call from this address.",
                );
            }
        }
        self.problem("401", "No valid token.");
    }

    /// Describes the parameters of the path, from the path itself.
    pub(super) fn name_path_parameters(&mut self, path: &str) {
        let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let described = self.operation["parameters"].as_array().cloned().unwrap_or_default();
        let parameters = names.map(|name| {
            let said =
                described.iter().find(|p| p["name"] == name && p["in"] == "path").map(|p| p["description"].clone());
            json!({"name": name, "in": "path", "required": true,
                   "description": said.unwrap_or_else(|| path_parameter(name).into()), "schema": {"type": "string"}})
        });
        self.operation["parameters"] = parameters.collect();
    }

    fn path_schemas(&mut self, schemas: &[Value]) {
        if let Some(parameters) = self.operation["parameters"].as_array_mut() {
            for (parameter, schema) in parameters.iter_mut().zip(schemas) {
                parameter["schema"] = schema.clone();
                bounds::add_in_address(parameter);
            }
        }
        self.problem("404", "Nothing there that this principal may see.");
    }

    fn body<T: ToSchema + 'static>(&mut self, media_type: &str) {
        let reference = self.reference::<T>();
        let mut content = json!({"schema": reference});
        if let Some(example) = examples::of(&reference, self.schemas) {
            content["example"] = example;
        }
        self.operation["requestBody"] = json!({"required": true, "content": {media_type: content}});
        self.requests.insert(TypeId::of::<T>(), reference);
        self.problem("400", "The body is unreadable or does not follow its schema.");
        self.problem("408", "The body did not arrive in time.");
        self.problem("413", "The body is too large.");
        self.problem("415", "The body has another media type.");
        self.problem("422", "A rule of the domain is broken: `errors[].code` names it.");
    }

    /// Adds the parameters of a query; `T` is the key under which the extractor finds their schema.
    pub(super) fn query<T: 'static>(&mut self, parameters: &[Parameter]) {
        let mut parameters: Vec<Value> = parameters.iter().map(|parameter| json!(parameter)).collect();
        parameters.iter_mut().for_each(schema::never_null);
        parameters.iter_mut().for_each(bounds::add_in_address);
        let name = |parameter: &Value| parameter["name"].as_str().unwrap_or_default().to_owned();
        let properties: Map<String, Value> = parameters.iter().map(|p| (name(p), p["schema"].clone())).collect();
        let required: Vec<String> = parameters.iter().filter(|p| p["required"] == true).map(name).collect();
        let schema =
            json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
        self.requests.insert(TypeId::of::<T>(), schema);
        if let Some(known) = self.operation["parameters"].as_array_mut() {
            known.extend(parameters);
        }
        self.problem("400", "A parameter is unknown or malformed.");
    }

    /// Describes the successful answer.
    pub(super) fn answer<T: ToSchema>(&mut self, status: &str, description: &str) {
        let reference = self.reference::<T>();
        let said = self.operation["responses"][status]["description"].as_str().unwrap_or(description).to_owned();
        let mut content = json!({"schema": reference});
        if let Some(example) = examples::of(&reference, self.schemas) {
            content["example"] = example;
        }
        self.operation["responses"][status] = json!({"description": said, "content": {"application/json": content}});
    }

    /// Describes an answer that is any JSON object.
    pub(super) fn any_object(&mut self, status: &str, description: &str) {
        let content = json!({"application/json": {"schema": {"type": "object", "additionalProperties": true}, "example": {"openapi": "3.1.0"}}});
        self.operation["responses"][status] = json!({"description": description, "content": content});
    }

    /// Describes a header of an answer.
    pub(super) fn header(&mut self, status: &str, name: &str, description: &str) {
        self.operation["responses"][status]["headers"][name] =
            json!({"description": description, "schema": {"type": "string"}});
    }

    /// Adds a type to the components and returns the reference to it.
    pub fn reference<T: ToSchema>(&mut self) -> Value {
        let mut found: Vec<(String, RefOr<Schema>)> = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut found);
        for (name, schema) in found {
            let schema = json!(schema);
            match self.schemas.get(&name) {
                None => drop(self.schemas.insert(name, schema)),
                Some(known) if *known == schema => {}
                Some(_) => self.collisions.push(name),
            }
        }
        json!({"$ref": format!("#/components/schemas/{}", T::name())})
    }

    /// Whether the operation is a DELETE.
    pub(super) fn deletes(&self) -> bool {
        self.method == Method::DELETE
    }

    /// Adds a parameter that is a header of the request.
    pub(super) fn header_parameter(&mut self, parameter: Value) {
        if let Some(known) = self.operation["parameters"].as_array_mut() {
            known.push(parameter);
        }
        self.problem("400", "A header or a parameter is malformed.");
    }

    /// The answer has an entity tag; a read that has it already is a 304.
    pub(super) fn tagged(&mut self) {
        self.header("200", "ETag", "Entity tag: version of the object and digest of this representation.");
        if self.method != Method::GET {
            return;
        }
        self.header_parameter(json!({
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "`ETag` of the representation that the caller has: 304 if it is still the present one.",
            "schema": {"type": "string", "maxLength": etag::LONGEST}, "example": "\"1-5f1d7a84db00d2fc\"",
        }));
        self.operation["responses"]["304"] = json!({
            "description": "The caller has the present representation.",
            "headers": {"ETag": {"description": "Its entity tag.", "schema": {"type": "string"}}},
        });
    }

    /// The call takes `Idempotency-Key`.
    pub(super) fn idempotency_key(&mut self) {
        self.header_parameter(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Names the call, a UUID for instance: sent again within 24 hours with the same body, it has no second effect and gets the same answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "example": "6f3a4c1e-0f57-4d0e-9a55-0d6ab8a1e7c2",
        }));
        self.problem("404", "The reply that this `Idempotency-Key` had was about somebody who was erased since.");
        self.problem("409", "A call with the same `Idempotency-Key` is still running.");
        self.problem("422", "The `Idempotency-Key` was used for another request.");
    }

    /// The answer may be one that was given before.
    pub(super) fn replayed(&mut self) {
        for status in ["200", "201", "202", "204"] {
            if self.operation["responses"].get(status).is_some() {
                self.header(
                    status,
                    "Idempotency-Replayed",
                    "`true` when this is the answer that the call had before; else absent.",
                );
            }
        }
    }

    /// Adds a problem answer unless the operation already describes that status.
    pub(super) fn problem(&mut self, status: &str, description: &str) {
        let said = self.operation["responses"][status]["description"].as_str().unwrap_or(description).to_owned();
        self.operation["responses"][status] = problem(&said);
    }

    /// Gives each described error its document, and adds the errors that any operation can meet.
    pub(super) fn finish(&mut self) {
        self.problem("400", "A parameter is unknown: this operation takes none.");
        self.problem("414", "The address is too long.");
        self.problem("429", "Too many requests: try again after `Retry-After` seconds.");
        self.problem("431", "The headers are too many or too large.");
        self.problem("500", "A fault of the service.");
        self.problem("503", "Saturated: try again after `Retry-After` seconds.");
        if let Some(responses) = self.operation["responses"].as_object_mut() {
            for (status, response) in responses {
                if status.as_str() >= "400" && response.get("content").is_none() {
                    *response = problem(response["description"].as_str().unwrap_or_default());
                }
            }
        }
        for name in ["Retry-After", "RateLimit", "RateLimit-Policy"] {
            self.operation["responses"]["429"]["headers"][name] =
                json!({"$ref": format!("#/components/headers/{name}")});
        }
    }
}

fn problem(description: &str) -> Value {
    json!({"description": description, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}})
}

/// What a path parameter means, when the operation does not say it itself.
fn path_parameter(name: &str) -> &'static str {
    match name {
        "id" => "Identifier of the object.",
        "kind" => "Level of territory.",
        "code" => "Official code.",
        "list" => "Name of the code list.",
        _ => "Part of the address.",
    }
}
