//! The rules of the layout, held by reading the source of the whole workspace: which module and which file may name what.
//!
//! A slice is a folder that `src/lib.rs` lists under "Slices". What slices share is in `crates/`; that it knows no slice
//! is held by the compiler. `ARCHITECTURE.md` says why.

mod graph;
mod modules;
mod rules;
mod source;
mod tokens;

use std::sync::LazyLock;

use source::Workspace;

static WORKSPACE: LazyLock<Workspace> = LazyLock::new(Workspace::read);

/// Fails with the list of places that break a rule.
#[track_caller]
fn assert_holds(rule: &str, places: fn(&Workspace) -> Vec<String>) {
    let broken = places(&WORKSPACE);
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn the_source_is_read() {
    let edges = |root: &str| {
        let package = WORKSPACE.packages.iter().find(|package| package.root == root);
        package.map_or(0, |package| package.edges.len())
    };
    assert!(edges("src") > 3000, "{}", edges("src"));
    assert!(edges("crates/platform/src") > 400, "{}", edges("crates/platform/src"));
    assert!(edges("crates/disclosure/src") > 300, "{}", edges("crates/disclosure/src"));
    assert!(WORKSPACE.packages.len() >= 6 && WORKSPACE.slices.len() >= 16);
}

#[test]
fn modules_name_each_other_without_cycles() {
    assert_holds("a cycle of top-level modules", rules::module_cycles);
}

#[test]
fn files_name_each_other_without_cycles() {
    assert_holds("a cycle of files", rules::file_cycles);
}

#[test]
fn only_stores_write_sql() {
    assert_holds("only stores write SQL", rules::sql_outside_stores);
}

#[test]
fn only_the_edge_knows_the_web_framework() {
    assert_holds(
        "actix_web or utoipa is named outside handlers, dto, mod and the platform's http",
        rules::web_outside_the_edge,
    );
}

#[test]
fn a_dto_names_no_store() {
    assert_holds("a dto names a store, ops or handlers", rules::dtos_that_name_a_store);
}

#[test]
fn a_model_is_pure() {
    assert_holds("a model holds rules, without input or output", rules::impure_models);
}

#[test]
fn a_slice_uses_another_by_its_store_ops_model_and_dto() {
    assert_holds("a slice reaches into another", rules::reaches_into_other_slices);
}

#[test]
fn every_slice_is_in_the_application() {
    assert_holds("routes that the application does not mount", rules::slices_without_a_mount);
}

#[test]
fn a_file_has_one_subject_and_says_which() {
    assert_holds("a file that does not begin by saying what it is", rules::files_that_say_nothing);
    assert_holds("a file over 400 lines: split it by meaning", rules::files_too_long);
}

#[test]
fn an_error_is_returned_never_a_stop() {
    assert_holds("the program can be stopped by a request", rules::stops);
}

#[test]
fn a_type_of_the_contract_has_a_name_of_its_own() {
    assert_holds("public types that share a name", rules::types_that_share_a_name);
}

/// A small workspace that breaks every rule once: each rule finds it.
#[test]
fn every_rule_can_fail() {
    let long = format!("//! Long.\n{}", "\n".repeat(400));
    let platform = [
        ("lib.rs", "//! Platform.\npub mod http; pub mod auth;"),
        ("http.rs", "//! Web.\npub struct Page; use actix_web::web; pub use crate::auth::f as g;"),
        (
            "auth.rs",
            "//! Auth.\nuse actix_web::HttpRequest; use crate::http::Page; pub fn f() { diesel::insert_into(t) }",
        ),
    ];
    let program = [
        (
            "lib.rs",
            "//! Map.\n\n// Slices.\npub mod kits;\npub mod loans;\n\n// Rest.\npub use passerelle_database as db;\npub mod app;",
        ),
        ("app.rs", "//! App.\nuse crate::kits; fn mount() { kits::routes(ops) }"),
        (
            "kits/mod.rs",
            "//! Kits.\npub mod dto; pub mod model; pub mod ops; pub mod store; pub mod parts; pub fn routes() {}",
        ),
        ("kits/dto.rs", "//! Dto.\nuse super::store::Row; pub struct Kit; pub struct Page;"),
        ("kits/model.rs", "//! Model.\nuse crate::db::AnyConn;"),
        ("kits/ops.rs", "//! Ops.\nuse crate::db::schema::kits; pub fn f() { crate::loans::secret() }"),
        ("kits/store.rs", "//! Store.\nuse diesel::prelude::*; pub struct Row; pub fn f(_: super::dto::Kit) {}"),
        ("kits/parts/mod.rs", "//! Parts.\npub mod inner; pub mod ops;"),
        (
            "kits/parts/inner.rs",
            "//! Inner.\nuse utoipa::ToSchema; pub fn f() { panic!(\"stop\") } fn g() { #[expect(clippy::expect_used)] h()\n.expect(\"\") }",
        ),
        ("kits/parts/ops.rs", "pub fn f() {}"),
        ("loans/mod.rs", "//! Loans.\npub mod act; pub fn routes() {} pub fn secret() {}"),
        ("loans/act.rs", "//! Act.\nuse crate::kits::parts; fn f() { parts::inner::f(); parts::ops::f() }"),
        ("loans/long.rs", long.as_str()),
    ];
    let files = |files: &[(&str, &str)]| {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<source::Files>()
    };
    let packages = [("crates/platform/src".to_owned(), files(&platform)), ("src".to_owned(), files(&program))];
    let workspace = Workspace::of(packages.into_iter().collect());

    assert_eq!(rules::module_cycles(&workspace).len(), 1, "kits and loans");
    assert!(rules::module_cycles(&workspace)[0].starts_with("kits ↔ loans\n"));
    let cycles = rules::file_cycles(&workspace);
    assert!(cycles.len() == 1 && cycles[0].starts_with("kits/dto.rs ↔ kits/store.rs\n"), "{cycles:?}");
    assert_eq!(
        rules::sql_outside_stores(&workspace),
        [
            "crates/platform/src/auth.rs:2 names diesel::insert_into",
            "src/kits/ops.rs:2 names passerelle_database::schema::kits",
        ]
    );
    assert_eq!(
        rules::web_outside_the_edge(&workspace),
        [
            "src/kits/parts/inner.rs:2 names utoipa::ToSchema",
            "crates/platform/src/auth.rs:2 names actix_web::HttpRequest",
        ]
    );
    assert_eq!(rules::dtos_that_name_a_store(&workspace), ["src/kits/dto.rs:2 names crate::kits::store::Row"]);
    assert_eq!(rules::impure_models(&workspace), ["src/kits/model.rs:2 names passerelle_database::AnyConn"]);
    assert_eq!(
        rules::reaches_into_other_slices(&workspace),
        ["src/kits/ops.rs:2 names crate::loans::secret", "src/loans/act.rs:2 names crate::kits::parts::inner::f",]
    );
    assert_eq!(rules::slices_without_a_mount(&workspace), ["loans"]);
    assert_eq!(rules::files_that_say_nothing(&workspace), ["src/kits/parts/ops.rs"]);
    assert_eq!(rules::files_too_long(&workspace), ["src/loans/long.rs"]);
    assert_eq!(rules::stops(&workspace), ["src/kits/parts/inner.rs:2 has panic!"]);
    assert_eq!(rules::types_that_share_a_name(&workspace), ["Page: crates/platform/src/http.rs, src/kits/dto.rs"]);
}
