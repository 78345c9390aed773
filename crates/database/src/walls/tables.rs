//! What each table is. A test compares the list with the database.

/// Whose rows a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// They belong to no service.
    Deployment,
    /// This column has the service.
    Service(&'static str),
    /// Rights of accounts, which may reach several services: this column has the service. Whether an account has a right
    /// elsewhere decides who governs it, so every service reads them all, and writes its own.
    Account(&'static str),
    /// Parts of the rows of another table, which this column names.
    PartOf(&'static str, &'static str),
    /// Events of the audit journal: the chain is a service, or that of the deployment.
    Journal,
    /// What people must learn about accounts: for the person in the first column, and for the service in the second one. Each
    /// may be empty. Everybody adds rows, since who changes an account may have no right where it is told.
    Told(&'static str, &'static str),
}

/// The tables, each with its rows.
pub const TABLES: &[(&str, Rows)] = &[
    ("audit_events", Rows::Journal),
    // Found together with the events, which have policies.
    of_deployment("audit_objects"),
    of_deployment("audit_cut_overs"),
    of_deployment("deployment"),
    of_deployment("restores"),
    of_deployment("restored_chains"),
    of_deployment("signing_keys"),
    of_deployment("statistics_keys"),
    of_deployment("users"),
    of_deployment("recovery_codes"),
    of_deployment("password_resets"),
    of_deployment("refresh_tokens"),
    of_deployment("revocations"),
    of_deployment("sign_in_attempts"),
    of_deployment("known_callers"),
    ("notices", Rows::Told("user_id", "service_id")),
    of_deployment("clients"),
    // A user's own, found by a secret address.
    of_deployment("agenda_calendars"),
    of_deployment("stored_replies"),
    of_service("services", "id"),
    of_service("service_departements", "service_id"),
    of_service("service_childcare_groups", "service_id"),
    of_service("positions", "service_id"),
    ("memberships", Rows::Account("service_id")),
    of_service("invitations", "service_id"),
    ("client_services", Rows::Account("service_id")),
    of_service("data_keys", "service_id"),
    of_service("households", "service_id"),
    of_service("children", "service_id"),
    of_service("contacts", "service_id"),
    of_service("blind_tokens", "service_id"),
    of_service("child_merges", "service_id"),
    of_service("organisations", "service_id"),
    of_service("resource_people", "service_id"),
    of_service("cases", "service_id"),
    of_service("case_members", "service_id"),
    of_service("case_steps", "service_id"),
    of_service("interventions", "service_id"),
    of_service("placements", "service_id"),
    of_service("placement_reviews", "service_id"),
    of_service("goals", "service_id"),
    of_service("goal_reviews", "service_id"),
    of_service("procedures", "service_id"),
    of_service("case_suspensions", "service_id"),
    of_service("case_notes", "service_id"),
    of_service("recommendations", "service_id"),
    of_service("complex_situations", "service_id"),
    of_service("case_discussions", "service_id"),
    of_service("case_events", "service_id"),
    of_service("absences", "service_id"),
    of_service("appointments", "service_id"),
    of_service("corrections", "service_id"),
    of_service("referrals", "service_id"),
    of_service("referral_events", "service_id"),
    of_service("kit_settings", "service_id"),
    of_service("kit_closings", "service_id"),
    of_service("kits", "service_id"),
    of_service("kit_items", "service_id"),
    of_service("kit_copies", "service_id"),
    of_service("kit_calendars", "service_id"),
    of_service("reservations", "service_id"),
    of_service("kit_checks", "service_id"),
    of_service("kit_defects", "service_id"),
    of_service("changes", "service_id"),
    of_service("conventions", "service_id"),
    of_service("convention_years", "service_id"),
    of_service("convention_events", "service_id"),
    of_service("contributions", "service_id"),
    of_service("instalments", "service_id"),
    of_service("payments", "service_id"),
    of_service("fundings", "service_id"),
    of_service("boundary_changes", "service_id"),
    of_service("actions", "service_id"),
    of_service("action_registrations", "service_id"),
    of_service("referents", "service_id"),
    of_service("referent_attendances", "service_id"),
    of_service("surveys", "service_id"),
    of_service("statistics_records", "service_id"),
    of_service("statistics_years", "service_id"),
    of_service("statistics_replaced_records", "service_id"),
    of_service("statistics_counted", "service_id"),
    of_service("statistics_specs", "service_id"),
    of_service("statistics_settings", "service_id"),
    of_service("statistics_builds", "service_id"),
    of_service("statistics_releases", "service_id"),
    of_service("indicator_targets", "service_id"),
    of_service("statistics_facts", "service_id"),
    part_of("intervention_participants", "interventions", "intervention_id"),
    part_of("intervention_professionals", "interventions", "act_id"),
    part_of("intervention_resource_people", "interventions", "act_id"),
    part_of("complex_situation_grounds", "complex_situations", "situation_id"),
    part_of("appointment_cases", "appointments", "appointment_id"),
    part_of("appointment_professionals", "appointments", "appointment_id"),
    part_of("case_note_readers", "case_notes", "note_id"),
    part_of("appointment_works", "appointments", "appointment_id"),
    part_of("appointment_participants", "appointments", "appointment_id"),
    part_of("appointment_moves", "appointments", "appointment_id"),
    part_of("referral_needs", "referrals", "referral_id"),
    part_of("referral_agreements", "referrals", "referral_id"),
    part_of("kit_themes", "kits", "kit_id"),
    part_of("kit_audiences", "kits", "kit_id"),
    part_of("kit_days", "kit_copies", "copy_id"),
    part_of("convention_terms", "conventions", "convention_id"),
    part_of("convention_services", "conventions", "convention_id"),
    part_of("convention_signatories", "conventions", "convention_id"),
    part_of("convention_documents", "conventions", "convention_id"),
    part_of("convention_suspensions", "conventions", "convention_id"),
    part_of("action_topics", "actions", "action_id"),
    part_of("action_speakers", "actions", "action_id"),
    part_of("action_participants", "actions", "action_id"),
    part_of("action_ratings", "actions", "action_id"),
    part_of("survey_questions", "surveys", "survey_id"),
    part_of("survey_tokens", "surveys", "survey_id"),
    part_of("survey_counts", "surveys", "survey_id"),
];

const fn of_deployment(table: &'static str) -> (&'static str, Rows) {
    (table, Rows::Deployment)
}

const fn of_service(table: &'static str, column: &'static str) -> (&'static str, Rows) {
    (table, Rows::Service(column))
}

const fn part_of(table: &'static str, whole: &'static str, column: &'static str) -> (&'static str, Rows) {
    (table, Rows::PartOf(whole, column))
}

/// The tables whose rows never change, each with the columns that are set later, once. Triggers refuse any other change,
/// and the role that serves has no privilege for it.
pub const APPEND_ONLY: &[(&str, &[&str])] = &[
    ("audit_events", &["position", "link"]),
    ("audit_cut_overs", &[]),
    ("audit_objects", &[]),
    ("case_events", &[]),
    ("convention_events", &[]),
    ("corrections", &[]),
    ("kit_checks", &[]),
    ("referral_events", &[]),
    ("restored_chains", &[]),
    ("restores", &[]),
    ("statistics_keys", &[]),
    ("statistics_releases", &[]),
    ("statistics_specs", &[]),
];
