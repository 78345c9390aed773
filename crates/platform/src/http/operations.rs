//! A handler's signature is its route and its entry in the contract.
//!
//! `#[utoipa::path]` gives the method, the path, the summary and the description. Everything else is
//! derived from the types of the handler: the permission from `Can<P>`, the parameters from
//! `Path`/`Query`, the body from `Body`, the answer from the return type, and from all of them the
//! statuses that can occur. A handler whose first argument does not say who may call does not compile.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route, Scope, guard, web};
use serde_json::{Value, json};
use utoipa::openapi::path::HttpMethod;

use super::contract::Contract;
use super::description::{Answer, Description, Signature};
use super::{document, presentation, schema};
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
    /// Whether only the routes are wanted: the document of two hundred operations is some megabytes.
    routes_only: bool,
}

impl Operations {
    /// Operations that are to be mounted and not described: what each worker needs.
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
        F::Output: Responder + Answer + 'static,
        Args: FromRequest + Signature + 'static,
    {
        let path = D::path();
        let method = D::methods().first().map_or(Method::GET, actix_method);
        if !self.routes_only {
            self.describe::<D, F, Args>(&path, &method);
        }
        // Whoever may read may ask what reading would say: HEAD is GET without its body.
        let taken = method.clone();
        let route = Route::new().guard(guard::fn_guard(move |request| {
            let asked = &request.head().method;
            *asked == taken || (*asked == Method::HEAD && taken == Method::GET)
        }));
        self.routes.entry(path).or_default().push((method, route.to(handler)));
    }

    /// Writes the entry of an operation in the contract.
    fn describe<D, F, Args>(&mut self, path: &str, method: &Method)
    where
        D: utoipa::Path,
        F: Handler<Args>,
        F::Output: Responder + Answer + 'static,
        Args: FromRequest + Signature + 'static,
    {
        let mut operation = serde_json::to_value(D::operation()).unwrap_or_default();
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
        <Args as Signature>::describe(&mut description);
        <F::Output as Answer>::describe(&mut description);
        description.finish();
        self.paths.entry(path.to_owned()).or_default().insert(method.as_str().to_ascii_lowercase(), operation);
    }

    /// The contract, from the base document and everything added.
    pub fn contract(&self) -> Contract {
        let mut document = document::base();
        document["tags"] = Value::Array(self.tags.clone());
        document["paths"] = json!(self.paths);
        if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
            schemas.extend(self.schemas.clone());
        } else {
            document["components"]["schemas"] = json!(self.schemas);
        }
        schema::normalise(&mut document);
        presentation::complete(&mut document);
        let requests = self
            .requests
            .iter()
            .map(|(id, request)| {
                let mut request = request.clone();
                schema::normalise_schema(&mut request, &document);
                (*id, request)
            })
            .collect();
        schema::prune(&mut document);
        Contract::new(document, requests)
    }

    /// Every method and path, for the test that compares routes and contract.
    pub fn table(&self) -> Vec<(String, String)> {
        let rows = self
            .routes
            .iter()
            .flat_map(|(path, routes)| routes.iter().map(move |(method, _)| (method.to_string(), path.clone())));
        rows.collect()
    }

    /// Names that two different types gave to their schemas: the second would be hidden by the first.
    pub fn collisions(&self) -> &[String] {
        &self.collisions
    }

    /// Mounts the routes: one resource a path, which says its methods to OPTIONS and answers 405 to others. Those of one stem are a
    /// scope: the router compares a request with one pattern after the other, and there are more than two hundred.
    pub fn mount(self, config: &mut web::ServiceConfig) {
        let mut scopes: BTreeMap<String, Scope> = BTreeMap::new();
        // `{` sorts after every letter: `/v1/x/summary` is matched before `/v1/x/{id}`.
        for (path, routes) in self.routes {
            match stem(&path) {
                Some((stem, rest)) => {
                    let scope = scopes.remove(stem).unwrap_or_else(|| web::scope(stem));
                    scopes.insert(stem.to_owned(), scope.service(resource(rest, routes)));
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

/// `/v1/x/{id}` as `/v1/x` and `/{id}`.
fn stem(path: &str) -> Option<(&str, &str)> {
    let name = path.strip_prefix("/v1/")?;
    let length = path.len() - name.len() + name.find('/').unwrap_or(name.len());
    Some(path.split_at(length)).filter(|(stem, _)| !stem.contains('{'))
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
