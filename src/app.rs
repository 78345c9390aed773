//! The application: the list of slices, the pages, and the order of the middleware.

mod docs;

use std::future::ready;
use std::sync::{Arc, LazyLock};

use actix_web::{HttpResponse, web};

use crate::http::contract::Contract;
use crate::http::edge::{Edge, EdgeOptions};
use crate::http::{Context, Operations, system};
use crate::privacy::MacKey;
use crate::{
    absences, accounts, actions, activity, agenda, appointments, audit, cases, changes, conventions, households,
    indicators, lending, measures, merges, organisations, reference, referents, referrals, resource_people, services,
    statements, statistics,
};

/// Every operation of the API, slice by slice: both its route and its entry in the contract.
pub fn operations() -> Operations {
    with_slices(Operations::default())
}

fn with_slices(mut ops: Operations) -> Operations {
    system::routes(&mut ops);
    accounts::routes(&mut ops);
    services::routes(&mut ops);
    organisations::routes(&mut ops);
    resource_people::routes(&mut ops);
    households::routes(&mut ops);
    referrals::routes(&mut ops);
    cases::routes(&mut ops);
    merges::routes(&mut ops);
    appointments::routes(&mut ops);
    absences::routes(&mut ops);
    lending::routes(&mut ops);
    conventions::routes(&mut ops);
    statements::routes(&mut ops);
    actions::routes(&mut ops);
    referents::routes(&mut ops);
    agenda::routes(&mut ops);
    activity::routes(&mut ops);
    indicators::routes(&mut ops);
    measures::routes(&mut ops);
    statistics::routes(&mut ops);
    changes::routes(&mut ops);
    audit::routes(&mut ops);
    reference::routes(&mut ops);
    ops
}

/// The contract, built at its first use. The instances of a process share it, with the validators that it has compiled.
static CONTRACT: LazyLock<web::Data<Contract>> = LazyLock::new(|| web::Data::new(operations().contract()));

/// The state that all workers share.
#[derive(Clone)]
pub struct Shared {
    context: web::Data<Context>,
    contract: web::Data<Contract>,
    cursor_key: web::Data<MacKey>,
    edge: web::Data<Edge>,
}

impl Shared {
    /// Shares a context with the contract of [`operations`], without rate limits.
    pub fn new(context: Context) -> Self {
        Self::behind(EdgeOptions::default(), context)
    }

    /// Shares a context, with the limits of an edge.
    pub fn behind(edge: EdgeOptions, context: Context) -> Self {
        let edge = web::Data::new(Edge::new(edge, &context.public_url));
        let cursor_key = web::Data::new(context.vault.cursor_key());
        Self { context: web::Data::new(context), contract: CONTRACT.clone(), cursor_key, edge }
    }

    /// The edge, for the server in front of the application.
    pub fn edge(&self) -> &web::Data<Edge> {
        &self.edge
    }

    /// The context.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The context, for threads that outlive a request.
    pub fn context_handle(&self) -> Arc<Context> {
        self.context.clone().into_inner()
    }
}

/// Builds the actix application of one worker.
///
/// From the outside in, the middleware is the edge (`http::middleware` documents its order), then authentication with
/// the rate limit of the principal. This is a macro because the type of an actix `App` cannot be named.
#[macro_export]
macro_rules! application {
    ($shared:expr) => {{
        let shared: $crate::app::Shared = $shared;
        actix_web::App::new()
            .configure(|config| shared.configure(config))
            .wrap(actix_web::middleware::from_fn($crate::http::authenticate))
            .wrap(actix_web::middleware::from_fn($crate::http::middleware::edge))
    }};
}

impl Shared {
    /// Mounts the shared state, every operation, and the pages.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        config.app_data(self.context.clone()).app_data(self.contract.clone()).app_data(self.cursor_key.clone());
        config.app_data(self.edge.clone());
        with_slices(Operations::routes_only()).mount(config);
        docs::mount(config);
        statistics::releases::pages::mount(config);
        config.default_service(web::to(|| ready(HttpResponse::NotFound().finish())));
    }
}
