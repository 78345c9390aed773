//! The pages of open data: the list of the open releases, one release, one of its tables. For people; programs use the
//! operations of `open`.
//!
//! A page is made from the document of the release alone, as the other formats are, so it cannot show more than them.

mod cells;
mod chart;
#[cfg(test)]
mod fixture;
mod handlers;
mod list;
pub(super) mod release;
pub(super) mod table;

use actix_web::web;

/// Mounts the pages. They are no operations of the contract.
pub fn mount(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/open-data").get(handlers::list).head(handlers::list))
        .service(web::redirect("/open-data/", "/open-data").permanent())
        .service(web::resource("/open-data/{release}").get(handlers::release).head(handlers::release))
        .service(web::resource("/open-data/{release}/{table}").get(handlers::table).head(handlers::table));
}
