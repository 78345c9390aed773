//! Territories with a convention, for the stories of what is reserved for them.

use passerelle::db::Id;

use super::TestApp;

/// Riom Limagne et Volcans, which 63300 Riom is in and 63032 Beaumont is not.
pub const RIOM: &str = "200070753";

/// A convention of this EPCI with a service, signed for a calendar year, which opens complementary services.
pub fn sign(app: &TestApp, service: Id, epci: &str, year: i32, services: &[&str]) -> String {
    let id = uuid::Uuid::now_v7();
    let (first, last, now) = (format!("{year}-01-01"), format!("{year}-12-31"), format!("{year}-01-01 08:00:00"));
    let run = |sql: String| {
        app.database.execute(&sql).unwrap();
    };
    run(format!(
        "INSERT INTO conventions (id, service_id, collectivity_kind, collectivity_code, status, starts_on, ends_on, \
         proposed_on, signed_on, terms_number, author, version, created_at, updated_at) VALUES ('{id}', '{service}', \
         'epci', '{epci}', 'signed', '{first}', '{last}', '{first}', '{first}', 0, 'local', 1, '{now}', '{now}')"
    ));
    run(format!(
        "INSERT INTO convention_terms (convention_id, number, effective_on, ends_on, signed_on, created_at) \
         VALUES ('{id}', 0, '{first}', '{last}', '{first}', '{now}')"
    ));
    for code in services {
        run(format!(
            "INSERT INTO convention_services (convention_id, number, complementary_service) VALUES ('{id}', 0, '{code}')"
        ));
    }
    id.to_string()
}

/// Ends a convention before its end.
pub fn terminate(app: &TestApp, convention: &str, last: &str) {
    let sql =
        format!("UPDATE conventions SET status = 'terminated', terminated_on = '{last}' WHERE id = '{convention}'");
    app.database.execute(&sql).unwrap();
}
