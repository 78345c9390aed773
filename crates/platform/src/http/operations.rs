//! The signature of a handler is its route and its entry in the contract.
//!
//! `#[utoipa::path]` gives the method, the path, the summary and the description. Everything else comes from the types
//! of the handler: the permission from `Can<P>`, the parameters from `Path` and `Query`, the body from `Body`, the
//! response from the return type, and the possible statuses from all of them. A handler whose first argument does not
//! state who may call does not compile.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route, Scope, guard, web};
use serde_json::{Value, json};
use utoipa::openapi::path::HttpMethod;

use super::contract::Contract;
use super::description::{DescribedResponse, Description, Signature};
use super::{document, labels, nullable, presentation, rehearsal, schema, texts};
use passerelle_base::error::{ApiError, Code};

/// Registers handlers of a module: `operations!(ops, handlers::{list_referrals, create_referral})`.
#[macro_export]
macro_rules! operations {
    ($ops:expr, $module:ident::{$($handler:ident),+ $(,)?}) => {
        pastey::paste! { $( $ops.add::<$module::[<__path_ $handler>], _, _>($module::$handler); )+ }
    };
}

/// The routes and the document, collected slice by slice.
#[derive(Default)]
pub struct Operations {
    routes: BTreeMap<String, Vec<(Method, Route)>>,
    paths: BTreeMap<String, BTreeMap<String, Value>>,
    tags: Vec<Value>,
    schemas: BTreeMap<String, Value>,
    requests: HashMap<TypeId, Value>,
    collisions: Vec<String>,
    /// Whether to skip the document, which takes some megabytes for two hundred operations.
    routes_only: bool,
}

impl Operations {
    /// Operations to mount without a document, for the workers.
    pub fn routes_only() -> Self {
        Self { routes_only: true, ..Self::default() }
    }

    /// Starts a slice: the operations added next carry this tag.
    pub fn tag(&mut self, name: &str, description: &str) {
        self.tags.push(json!({"name": name, "description": description}));
    }

    /// Adds one operation. Use [`operations!`].
    pub fn add<D, F, Args>(&mut self, handler: F)
    where
        D: utoipa::Path,
        F: Handler<Args>,
        F::Output: Responder + DescribedResponse + 'static,
        Args: FromRequest + Signature + 'static,
    {
        let path = D::path();
        let method = D::methods().first().map_or(Method::GET, actix_method);
        if !self.routes_only {
            self.describe(&path, &method, &D::operation(), Args::describe, F::Output::describe);
        }
        let route = if method == Method::GET {
            Route::new().to(handler)
        } else {
            Route::new().to(move |req: HttpRequest, payload: web::Payload| {
                rehearsal::call(handler.clone(), req, payload.into_inner())
            })
        };
        self.route(path, method, route);
    }

    /// Adds a route that accepts one method.
    fn route(&mut self, path: String, method: Method, route: Route) {
        // HEAD is GET without its body.
        let accepted = method.clone();
        let route = route.guard(guard::fn_guard(move |request| {
            let method = &request.head().method;
            *method == accepted || (*method == Method::HEAD && accepted == Method::GET)
        }));
        self.routes.entry(path).or_default().push((method, route));
    }

    /// Writes the entry of an operation in the contract.
    fn describe(
        &mut self,
        path: &str,
        method: &Method,
        operation: &utoipa::openapi::path::Operation,
        describe_arguments: fn(&mut Description<'_>),
        describe_response: fn(&mut Description<'_>),
    ) {
        let mut operation = serde_json::to_value(operation).unwrap_or_default();
        let name = camel_case(operation["operationId"].as_str().unwrap_or_default());
        operation["operationId"] = name.into();
        if let Some(tag) = self.tags.last() {
            operation["tags"] = json!([tag["name"]]);
        }
        let mut description = Description {
            method,
            operation: &mut operation,
            schemas: &mut self.schemas,
            requests: &mut self.requests,
            collisions: &mut self.collisions,
        };
        description.name_path_parameters(path);
        describe_arguments(&mut description);
        describe_response(&mut description);
        description.finish();
        self.paths.entry(path.to_owned()).or_default().insert(method.as_str().to_ascii_lowercase(), operation);
    }

    /// The contract: the base document with all operations.
    pub fn contract(&self) -> Contract {
        let mut document = document::base();
        document["tags"] = Value::Array(self.tags.clone());
        document["paths"] = json!(self.paths);
        if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
            schemas.extend(self.schemas.clone());
        } else {
            document["components"]["schemas"] = json!(self.schemas);
        }
        labels::name_lists(&mut document);
        schema::normalise(&mut document);
        nullable::require(&mut document);
        texts::add(&mut document);
        labels::add(&mut document);
        presentation::complete(&mut document);
        let requests = self
            .requests
            .iter()
            .map(|(id, request)| {
                let mut request = request.clone();
                schema::normalise_schema(&mut request, &document);
                texts::add_to_query(&mut request);
                (*id, request)
            })
            .collect();
        schema::prune(&mut document);
        Contract::new(document, requests)
    }

    /// Every method and path.
    pub fn table(&self) -> Vec<(String, String)> {
        let rows = self
            .routes
            .iter()
            .flat_map(|(path, routes)| routes.iter().map(move |(method, _)| (method.to_string(), path.clone())));
        rows.collect()
    }

    /// Schema names that two different types share: the first would hide the second.
    pub fn collisions(&self) -> &[String] {
        &self.collisions
    }

    /// Mounts the routes: one resource per path, which lists its methods for OPTIONS and returns 405 for others. Paths
    /// with the same first segment form a scope: the router tries patterns one after another, and there are over two
    /// hundred.
    pub fn mount(self, config: &mut web::ServiceConfig) {
        let mut scopes: BTreeMap<String, Scope> = BTreeMap::new();
        // `{` sorts after every letter, so `/v1/x/summary` is matched before `/v1/x/{id}`.
        for (path, routes) in self.routes {
            match split_scope(&path) {
                Some((prefix, rest)) => {
                    let scope = scopes.remove(prefix).unwrap_or_else(|| web::scope(prefix));
                    scopes.insert(prefix.to_owned(), scope.service(resource(rest, routes)));
                }
                None => {
                    config.service(resource(&path, routes));
                }
            }
        }
        for scope in scopes.into_values() {
            config.service(scope);
        }
    }
}

/// Splits `/v1/x/{id}` into `/v1/x` and `/{id}`.
fn split_scope(path: &str) -> Option<(&str, &str)> {
    let name = path.strip_prefix("/v1/")?;
    let length = path.len() - name.len() + name.find('/').unwrap_or(name.len());
    Some(path.split_at(length)).filter(|(prefix, _)| !prefix.contains('{'))
}

fn resource(path: &str, routes: Vec<(Method, Route)>) -> Resource {
    let mut allowed: Vec<String> = routes.iter().map(|(method, _)| method.to_string()).collect();
    if allowed.iter().any(|method| method == "GET") {
        allowed.push("HEAD".to_owned());
    }
    allowed.push("OPTIONS".to_owned());
    allowed.sort();
    let allowed = allowed.join(", ");
    let other = move |req: HttpRequest| {
        std::future::ready(if req.method() == Method::OPTIONS {
            Ok(HttpResponse::NoContent().insert_header((ALLOW, allowed.clone())).finish())
        } else {
            Err(ApiError::new(Code::MethodNotAllowed).header("Allow", allowed.clone()))
        })
    };
    let resource = routes.into_iter().fold(Resource::new(path), |resource, (_, route)| resource.route(route));
    resource.default_service(web::to(other))
}

fn actix_method(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Delete => Method::DELETE,
        _ => Method::GET,
    }
}

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        name + letters.as_str()
    })
}
