//! The tables, as the migrations create them. A test compares them with both databases.
#![allow(missing_docs, reason = "diesel's macro writes the items; the migrations document the columns")]

use diesel::{allow_columns_to_appear_in_same_group_by_clause, allow_tables_to_appear_in_same_query, joinable, table};

table! {
    deployment (id) {
        id -> Integer,
        master_key_check -> Binary,
        created_at -> Timestamp,
    }
}

table! {
    restores (id) {
        id -> Text,
        number -> Integer,
        confirmed_at -> Timestamp,
        feed_position -> BigInt,
        tag -> Binary,
    }
}

table! {
    restored_chains (restore_id, chain) {
        restore_id -> Text,
        chain -> Text,
        kept -> BigInt,
        link -> Binary,
    }
}

table! {
    signing_keys (kid) {
        kid -> Text,
        public_key -> Binary,
        sealed_private_key -> Binary,
        created_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
        mac -> Nullable<Binary>,
    }
}

table! {
    statistics_keys (kid) {
        kid -> Text,
        public_key -> Binary,
        sealed_private_key -> Binary,
        created_at -> Timestamp,
    }
}

table! {
    services (id) {
        id -> Text,
        name -> Text,
        time_zone -> Text,
        age_lower_birthday -> Integer,
        age_upper_birthday -> Integer,
        opened_on -> Date,
        closed_on -> Nullable<Date>,
        wrapped_key -> Binary,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        late_entry_days -> Integer,
        placement_review_months -> Text,
    }
}

table! {
    service_departements (service_id, departement_code) {
        service_id -> Text,
        departement_code -> Text,
    }
}

table! {
    service_childcare_groups (service_id, childcare_group) {
        service_id -> Text,
        childcare_group -> Text,
    }
}

table! {
    positions (id) {
        id -> Text,
        service_id -> Text,
        title -> Text,
        fte_percent -> Integer,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        counted -> Bool,
        created_at -> Timestamp,
        version -> Integer,
    }
}

table! {
    users (id) {
        id -> Text,
        email -> Text,
        display_name -> Text,
        password_hash -> Text,
        administrator -> Bool,
        disabled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        version -> Integer,
        updated_at -> Timestamp,
        last_signed_in_at -> Nullable<Timestamp>,
        sealed_totp_secret -> Nullable<Binary>,
        totp_confirmed_at -> Nullable<Timestamp>,
        totp_last_step -> BigInt,
        mac -> Nullable<Binary>,
    }
}

table! {
    recovery_codes (user_id, code_mac) {
        user_id -> Text,
        code_mac -> Binary,
    }
}

table! {
    password_resets (user_id) {
        user_id -> Text,
        token_hash -> Binary,
        expires_at -> Timestamp,
        issued_by -> Nullable<Text>,
        mac -> Nullable<Binary>,
    }
}

table! {
    refresh_tokens (token_hash) {
        token_hash -> Binary,
        session_id -> Text,
        user_id -> Text,
        used_at -> Nullable<Timestamp>,
        expires_at -> Timestamp,
        session_ends_at -> Timestamp,
        issued_at -> Nullable<Timestamp>,
        address -> Nullable<Text>,
        mac -> Nullable<Binary>,
    }
}

table! {
    revocations (revoked) {
        revoked -> Text,
        until -> Timestamp,
        mac -> Nullable<Binary>,
    }
}

table! {
    notices (id) {
        id -> Text,
        user_id -> Nullable<Text>,
        service_id -> Nullable<Text>,
        kind -> Text,
        about -> Text,
        author -> Text,
        rights_before -> Nullable<Text>,
        rights_after -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

table! {
    sign_in_attempts (subject) {
        subject -> Binary,
        attempts -> Integer,
        since -> Timestamp,
    }
}

table! {
    known_callers (subject) {
        subject -> Binary,
        seen_at -> Timestamp,
    }
}

table! {
    memberships (user_id, service_id) {
        user_id -> Text,
        service_id -> Text,
        role -> Text,
        requested_by -> Nullable<Text>,
        mac -> Nullable<Binary>,
    }
}

table! {
    invitations (id) {
        id -> Text,
        token_hash -> Binary,
        administrator -> Bool,
        service_id -> Nullable<Text>,
        role -> Nullable<Text>,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        issued_by -> Nullable<Text>,
        mac -> Nullable<Binary>,
    }
}

table! {
    clients (id) {
        id -> Text,
        name -> Text,
        secret_hash -> Binary,
        permissions -> Text,
        disabled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        version -> Integer,
        updated_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        networks -> Nullable<Text>,
        last_used_at -> Nullable<Timestamp>,
        former_secret_hash -> Nullable<Binary>,
        former_secret_until -> Nullable<Timestamp>,
        partner_name -> Nullable<Text>,
        partner_kind -> Nullable<Text>,
        partner_territory -> Nullable<Text>,
        made_by -> Nullable<Text>,
        requested_by -> Nullable<Text>,
        mac -> Nullable<Binary>,
    }
}

table! {
    client_services (client_id, service_id) {
        client_id -> Text,
        service_id -> Text,
        mac -> Nullable<Binary>,
    }
}

table! {
    data_keys (owner_id) {
        owner_id -> Text,
        service_id -> Text,
        wrapped_key -> Binary,
        created_at -> Timestamp,
        holder_id -> Text,
    }
}

table! {
    households (id) {
        id -> Text,
        service_id -> Text,
        commune_code -> Text,
        address -> Nullable<Binary>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    children (id) {
        id -> Text,
        service_id -> Text,
        household_id -> Text,
        identity -> Binary,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        token_scheme -> Integer,
    }
}

table! {
    contacts (id) {
        id -> Text,
        service_id -> Text,
        household_id -> Text,
        relation -> Text,
        holds_parental_authority -> Nullable<Bool>,
        identity -> Binary,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    blind_tokens (service_id, kind, token, subject_id) {
        service_id -> Text,
        kind -> Text,
        token -> Binary,
        subject_id -> Text,
        household_id -> Text,
    }
}

table! {
    organisations (id) {
        id -> Text,
        service_id -> Text,
        kind -> Text,
        name -> Text,
        name_key -> Text,
        commune_code -> Text,
        siret -> Nullable<Text>,
        finess -> Nullable<Text>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    cases (id) {
        id -> Text,
        service_id -> Text,
        subject -> Text,
        household_id -> Nullable<Text>,
        child_id -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        commune_code -> Text,
        status -> Text,
        opened_on -> Date,
        closed_on -> Nullable<Date>,
        outcome -> Nullable<Text>,
        next_follow_up_on -> Nullable<Date>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        next_key -> Date,
        priority -> Text,
        priority_key -> Integer,
    }
}

table! {
    case_members (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        user_id -> Text,
        capacity -> Text,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    case_steps (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        step -> Text,
        reached_on -> Date,
        note -> Nullable<Binary>,
        author -> Text,
        created_at -> Timestamp,
        version -> Integer,
        updated_at -> Timestamp,
        placement_id -> Nullable<Text>,
    }
}

table! {
    complex_situations (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        flagged_on -> Date,
        ended_on -> Nullable<Date>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    complex_situation_grounds (situation_id, ground) {
        situation_id -> Text,
        ground -> Text,
    }
}

table! {
    case_discussions (id) {
        id -> Text,
        service_id -> Text,
        situation_id -> Text,
        held_on -> Date,
        decision -> Binary,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    appointment_works (appointment_id) {
        appointment_id -> Text,
        intervention_id -> Text,
    }
}

table! {
    case_notes (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        intervention_id -> Nullable<Text>,
        kind -> Text,
        text -> Binary,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    case_note_readers (note_id, user_id) {
        note_id -> Text,
        user_id -> Text,
        position -> Integer,
    }
}

table! {
    recommendations (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        intervention_id -> Nullable<Text>,
        text -> Binary,
        kind -> Text,
        addressed_to -> Text,
        adaptation -> Nullable<Text>,
        made_on -> Date,
        applied -> Nullable<Bool>,
        checked_on -> Nullable<Date>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    absences (id) {
        id -> Text,
        service_id -> Text,
        user_id -> Text,
        starts_on -> Date,
        ends_on -> Date,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    case_suspensions (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        reason -> Text,
        starts_on -> Date,
        resumes_on -> Nullable<Date>,
        resumed_on -> Nullable<Date>,
        follow_up_on -> Nullable<Date>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    procedures (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        kind -> Text,
        organisation_id -> Nullable<Text>,
        waiting_since -> Nullable<Date>,
        filed_on -> Nullable<Date>,
        complete_on -> Nullable<Date>,
        decided_on -> Nullable<Date>,
        notified_on -> Nullable<Date>,
        expires_on -> Nullable<Date>,
        outcome -> Nullable<Text>,
        next_on -> Nullable<Date>,
        next_key -> Date,
        expires_key -> Date,
        note -> Nullable<Binary>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    goals (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        title -> Binary,
        set_on -> Date,
        target_on -> Nullable<Date>,
        closed_on -> Nullable<Date>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    goal_reviews (id) {
        id -> Text,
        service_id -> Text,
        goal_id -> Text,
        reviewed_on -> Date,
        attainment -> Integer,
        comment -> Nullable<Binary>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    interventions (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Nullable<Text>,
        act_id -> Text,
        position -> Integer,
        #[sql_name = "type"]
        type_ -> Text,
        mode -> Text,
        held_on -> Date,
        minutes -> Integer,
        travel_minutes -> Integer,
        place -> Text,
        organisation_id -> Nullable<Text>,
        on_school_time -> Bool,
        next_action_on -> Nullable<Date>,
        note -> Nullable<Binary>,
        author -> Text,
        created_at -> Timestamp,
        version -> Integer,
        updated_at -> Timestamp,
    }
}

table! {
    intervention_professionals (act_id, user_id) {
        act_id -> Text,
        user_id -> Text,
        position -> Integer,
    }
}

table! {
    resource_people (id) {
        id -> Text,
        service_id -> Text,
        name -> Text,
        name_key -> Text,
        profession -> Text,
        organisation_id -> Nullable<Text>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        left_on -> Nullable<Date>,
    }
}

table! {
    intervention_resource_people (act_id, person_id) {
        act_id -> Text,
        person_id -> Text,
        position -> Integer,
    }
}

table! {
    intervention_participants (intervention_id, kind) {
        intervention_id -> Text,
        kind -> Text,
        number -> Integer,
    }
}

table! {
    placements (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        organisation_id -> Text,
        childcare_type -> Text,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        stage -> Text,
        cancelled_on -> Nullable<Date>,
        cancel_reason -> Nullable<Text>,
        weekly_minutes -> Nullable<Integer>,
        weekdays -> Text,
        adaptations -> Text,
        is_main -> Bool,
        end_reason -> Nullable<Text>,
    }
}

table! {
    placement_reviews (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        placement_id -> Text,
        months -> Integer,
        due_on -> Date,
        answer -> Nullable<Text>,
        answered_on -> Nullable<Date>,
        informed_by -> Nullable<Text>,
        note -> Nullable<Binary>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    case_events (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        version -> Integer,
        action -> Text,
        outcome -> Nullable<Text>,
        happened_on -> Date,
        author -> Text,
        created_at -> Timestamp,
        object_kind -> Nullable<Text>,
        object_id -> Nullable<Text>,
    }
}

table! {
    corrections (id) {
        id -> Text,
        service_id -> Text,
        case_id -> Text,
        object_kind -> Text,
        object_id -> Text,
        version -> Integer,
        removed_for -> Nullable<Text>,
        entered_by -> Text,
        key_owner -> Text,
        changes -> Binary,
        author -> Text,
        created_at -> Timestamp,
    }
}

table! {
    child_merges (id) {
        id -> Text,
        service_id -> Text,
        survivor_child_id -> Text,
        survivor_household_id -> Text,
        survivor_case_id -> Nullable<Text>,
        absorbed_child_id -> Text,
        absorbed_household_id -> Nullable<Text>,
        absorbed_case_id -> Nullable<Text>,
        moved -> Text,
        kept -> Binary,
        reason -> Nullable<Binary>,
        author -> Text,
        created_at -> Timestamp,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<Text>,
        version -> Integer,
    }
}

table! {
    referrals (id) {
        id -> Text,
        service_id -> Text,
        status -> Text,
        subject -> Text,
        origin -> Text,
        origin_organisation_id -> Nullable<Text>,
        channel -> Text,
        received_on -> Date,
        urgency -> Text,
        household_id -> Nullable<Text>,
        child_id -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        commune_code -> Text,
        current_childcare -> Nullable<Text>,
        current_childcare_organisation_id -> Nullable<Text>,
        recognition_status -> Nullable<Text>,
        need_domain -> Nullable<Text>,
        disability_family -> Nullable<Text>,
        concerns_school_time -> Bool,
        description -> Nullable<Binary>,
        external_id -> Nullable<Text>,
        author -> Text,
        waiting_since -> Nullable<Date>,
        decided_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        redirected_to_id -> Nullable<Text>,
        case_id -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        annulled_on -> Nullable<Date>,
        former_external_id -> Nullable<Text>,
    }
}

table! {
    referral_needs (referral_id, need) {
        referral_id -> Text,
        need -> Text,
        position -> Integer,
    }
}

table! {
    referral_agreements (referral_id, purpose) {
        referral_id -> Text,
        purpose -> Text,
        given_by -> Text,
        given_on -> Date,
    }
}

table! {
    referral_events (id) {
        id -> Text,
        service_id -> Text,
        referral_id -> Text,
        version -> Integer,
        action -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        reason -> Nullable<Text>,
        overridden_rules -> Text,
        note -> Nullable<Binary>,
        author -> Text,
        happened_on -> Date,
        created_at -> Timestamp,
    }
}

table! {
    kit_settings (service_id) {
        service_id -> Text,
        loan_days -> Integer,
        longest_loan_days -> Integer,
        buffer_days -> Integer,
        book_ahead_days -> Integer,
        proposal_hours -> Integer,
        closed_weekdays -> Text,
        version -> Integer,
        updated_at -> Timestamp,
    }
}

table! {
    kit_closings (service_id, starts_on) {
        service_id -> Text,
        starts_on -> Date,
        ends_on -> Date,
    }
}

table! {
    kits (id) {
        id -> Text,
        service_id -> Text,
        title_fr -> Text,
        title_en -> Nullable<Text>,
        title_key -> Text,
        description_fr -> Nullable<Text>,
        description_en -> Nullable<Text>,
        picture_url -> Nullable<Text>,
        loan_days -> Nullable<Integer>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    kit_themes (kit_id, theme) {
        kit_id -> Text,
        theme -> Text,
    }
}

table! {
    kit_audiences (kit_id, audience) {
        kit_id -> Text,
        audience -> Text,
    }
}

table! {
    kit_items (id) {
        id -> Text,
        service_id -> Text,
        kit_id -> Text,
        category -> Text,
        label_fr -> Text,
        label_en -> Nullable<Text>,
        quantity -> Integer,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    kit_copies (id) {
        id -> Text,
        service_id -> Text,
        kit_id -> Text,
        label -> Text,
        condition -> Text,
        home_site -> Text,
        out_of_service_since -> Nullable<Date>,
        out_of_service_reason -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    kit_calendars (id) {
        id -> Text,
        service_id -> Text,
        name -> Text,
        token_hash -> Binary,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    reservations (id) {
        id -> Text,
        service_id -> Text,
        kit_id -> Text,
        copy_id -> Nullable<Text>,
        status -> Text,
        borrower_kind -> Text,
        household_id -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        identity -> Nullable<Binary>,
        case_id -> Nullable<Text>,
        commune_code -> Text,
        starts_on -> Date,
        due_on -> Date,
        asked_days -> Nullable<Integer>,
        buffer_days -> Integer,
        blocked_until -> Date,
        queued -> Bool,
        waits_until -> Nullable<Date>,
        proposal_expires_at -> Nullable<Timestamp>,
        extensions -> Integer,
        handed_out_on -> Nullable<Date>,
        returned_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        decided_on -> Nullable<Date>,
        note -> Nullable<Binary>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    kit_days (copy_id, day) {
        copy_id -> Text,
        day -> Date,
        reservation_id -> Text,
    }
}

table! {
    kit_checks (id) {
        id -> Text,
        service_id -> Text,
        copy_id -> Text,
        reservation_id -> Nullable<Text>,
        moment -> Text,
        condition -> Text,
        checked_on -> Date,
        missing -> Integer,
        damaged -> Integer,
        author -> Text,
        created_at -> Timestamp,
    }
}

table! {
    kit_defects (id) {
        id -> Text,
        service_id -> Text,
        copy_id -> Text,
        item_id -> Text,
        kind -> Text,
        quantity -> Integer,
        status -> Text,
        found_on -> Date,
        check_id -> Text,
        settled_on -> Nullable<Date>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    stored_replies (principal, key_mac) {
        principal -> Text,
        key_mac -> Binary,
        fingerprint -> Binary,
        reply -> Binary,
        owners -> Text,
        created_at -> Timestamp,
    }
}

table! {
    changes (id) {
        id -> Text,
        service_id -> Text,
        resource -> Text,
        object_id -> Text,
        kind -> Text,
        deletion_reason -> Nullable<Text>,
        happened_at -> Timestamp,
        position -> Nullable<BigInt>,
        parent_id -> Nullable<Text>,
        merged_into_id -> Nullable<Text>,
    }
}

table! {
    audit_events (id) {
        id -> Text,
        chain -> Text,
        principal -> Text,
        operation -> Text,
        request_id -> Text,
        outcome -> Text,
        code -> Nullable<Text>,
        target_id -> Nullable<Text>,
        changed -> Text,
        opened -> Text,
        address -> Nullable<Text>,
        happened_at -> Timestamp,
        position -> Nullable<BigInt>,
        link -> Nullable<Binary>,
        mac -> Nullable<Binary>,
    }
}

table! {
    audit_cut_overs (chain) {
        chain -> Text,
        position -> BigInt,
        link -> Binary,
        recorded_at -> Timestamp,
        mac -> Binary,
    }
}

table! {
    audit_objects (event_id, object_id) {
        event_id -> Text,
        object_id -> Text,
    }
}

table! {
    conventions (id) {
        id -> Text,
        service_id -> Text,
        collectivity_kind -> Text,
        collectivity_code -> Text,
        reference -> Nullable<Text>,
        status -> Text,
        starts_on -> Date,
        ends_on -> Date,
        proposed_on -> Nullable<Date>,
        signed_on -> Nullable<Date>,
        declined_on -> Nullable<Date>,
        terminated_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        renews_id -> Nullable<Text>,
        terms_number -> Integer,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    convention_years (service_id, collectivity_kind, collectivity_code, year) {
        service_id -> Text,
        collectivity_kind -> Text,
        collectivity_code -> Text,
        year -> Integer,
        convention_id -> Text,
    }
}

table! {
    convention_terms (convention_id, number) {
        convention_id -> Text,
        number -> Integer,
        effective_on -> Date,
        ends_on -> Date,
        signed_on -> Nullable<Date>,
        summary -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

table! {
    convention_services (convention_id, number, complementary_service) {
        convention_id -> Text,
        number -> Integer,
        complementary_service -> Text,
        yearly_quota -> Nullable<Integer>,
    }
}

table! {
    convention_signatories (convention_id, position) {
        convention_id -> Text,
        position -> Integer,
        party -> Text,
        name -> Text,
        capacity -> Text,
    }
}

table! {
    convention_documents (convention_id, position) {
        convention_id -> Text,
        position -> Integer,
        title -> Text,
        url -> Text,
    }
}

table! {
    convention_suspensions (convention_id, starts_on) {
        convention_id -> Text,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
    }
}

table! {
    convention_events (id) {
        id -> Text,
        service_id -> Text,
        convention_id -> Text,
        version -> Integer,
        action -> Text,
        happened_on -> Date,
        reason -> Nullable<Text>,
        author -> Text,
        created_at -> Timestamp,
    }
}

table! {
    contributions (id) {
        id -> Text,
        service_id -> Text,
        convention_id -> Text,
        year -> Integer,
        basis -> Text,
        population -> Nullable<Integer>,
        population_kind -> Nullable<Text>,
        population_vintage -> Nullable<Integer>,
        population_source -> Nullable<Text>,
        rate_cents -> Nullable<Integer>,
        yearly_cents -> BigInt,
        first_month -> Integer,
        last_month -> Integer,
        amount_cents -> BigInt,
        frozen_on -> Nullable<Date>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    instalments (id) {
        id -> Text,
        service_id -> Text,
        convention_id -> Text,
        contribution_id -> Text,
        number -> Integer,
        due_on -> Date,
        amount_cents -> BigInt,
        received_cents -> BigInt,
        waived_cents -> BigInt,
        called_on -> Nullable<Date>,
        call_reference -> Nullable<Text>,
        waived_on -> Nullable<Date>,
        waiver_reason -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    payments (id) {
        id -> Text,
        service_id -> Text,
        convention_id -> Text,
        instalment_id -> Text,
        received_on -> Date,
        amount_cents -> BigInt,
        reference -> Nullable<Text>,
        author -> Text,
        created_at -> Timestamp,
    }
}

table! {
    fundings (id) {
        id -> Text,
        service_id -> Text,
        year -> Integer,
        funder -> Text,
        basis -> Text,
        share_basis_points -> Nullable<Integer>,
        planned_cents -> Nullable<BigInt>,
        received_cents -> Nullable<BigInt>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    boundary_changes (id) {
        id -> Text,
        service_id -> Text,
        commune_code -> Text,
        effective_on -> Date,
        from_epci -> Nullable<Text>,
        to_epci -> Nullable<Text>,
        source -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    actions (id) {
        id -> Text,
        service_id -> Text,
        kind -> Text,
        title -> Text,
        status -> Text,
        held_on -> Date,
        starts_at -> Nullable<Text>,
        duration_minutes -> Integer,
        place -> Text,
        commune_code -> Text,
        organiser_role -> Text,
        organiser_id -> Nullable<Text>,
        convention_id -> Nullable<Text>,
        preparation_minutes -> Integer,
        travel_minutes -> Integer,
        places -> Nullable<Integer>,
        registration_closes_on -> Nullable<Date>,
        cancellation_reason -> Nullable<Text>,
        evaluation_note -> Nullable<Binary>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        planned_duration_minutes -> Nullable<Integer>,
        planned_preparation_minutes -> Nullable<Integer>,
        planned_travel_minutes -> Nullable<Integer>,
    }
}

table! {
    action_topics (action_id, topic) {
        action_id -> Text,
        topic -> Text,
    }
}

table! {
    action_speakers (action_id, position) {
        action_id -> Text,
        position -> Integer,
        role -> Text,
        organisation_id -> Nullable<Text>,
    }
}

table! {
    action_participants (action_id, participant_type) {
        action_id -> Text,
        participant_type -> Text,
        number -> Integer,
    }
}

table! {
    action_ratings (action_id, rating) {
        action_id -> Text,
        rating -> Text,
        number -> Integer,
    }
}

table! {
    action_registrations (id) {
        id -> Text,
        service_id -> Text,
        action_id -> Text,
        organisation_id -> Nullable<Text>,
        participant_type -> Text,
        seats -> Integer,
        status -> Text,
        attended -> Nullable<Integer>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    referents (id) {
        id -> Text,
        service_id -> Text,
        organisation_id -> Text,
        identity -> Binary,
        appointed_on -> Date,
        left_on -> Nullable<Date>,
        departure_reason -> Nullable<Text>,
        charter_version -> Nullable<Text>,
        signed_by_referent_on -> Nullable<Date>,
        signed_by_structure_on -> Nullable<Date>,
        signed_by_service_on -> Nullable<Date>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    referent_attendances (id) {
        id -> Text,
        service_id -> Text,
        referent_id -> Text,
        kind -> Text,
        held_on -> Date,
        action_id -> Nullable<Text>,
        author -> Text,
        created_at -> Timestamp,
    }
}

table! {
    surveys (id) {
        id -> Text,
        service_id -> Text,
        moment -> Text,
        title_fr -> Text,
        title_en -> Nullable<Text>,
        opens_on -> Date,
        closes_on -> Date,
        closes_at -> Nullable<Timestamp>,
        issued -> Integer,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    survey_questions (survey_id, position) {
        survey_id -> Text,
        position -> Integer,
        text_fr -> Text,
        text_en -> Nullable<Text>,
    }
}

table! {
    survey_tokens (token_hash) {
        token_hash -> Binary,
        survey_id -> Text,
    }
}

table! {
    survey_counts (survey_id, position, rating) {
        survey_id -> Text,
        position -> Integer,
        rating -> Text,
        number -> Integer,
    }
}

table! {
    statistics_records (id) {
        id -> Text,
        service_id -> Text,
        population -> Text,
        year -> Integer,
        quarters -> Integer,
        number -> Integer,
        dimensions -> Text,
        household -> Nullable<Text>,
        referrer -> Nullable<Text>,
        link -> Nullable<Binary>,
        found -> Integer,
        accounted -> Integer,
        frozen_through -> Integer,
        generation -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    statistics_years (service_id, year) {
        service_id -> Text,
        year -> Integer,
        published_through -> Integer,
        cut_off -> Timestamp,
        generation -> Integer,
        unlinked -> Bool,
        replaced_through -> Integer,
    }
}

table! {
    statistics_replaced_records (id) {
        id -> Text,
        service_id -> Text,
        population -> Text,
        year -> Integer,
        quarters -> Integer,
        number -> Integer,
        dimensions -> Text,
        household -> Nullable<Text>,
        referrer -> Nullable<Text>,
    }
}

table! {
    statistics_counted (service_id, year, link) {
        service_id -> Text,
        year -> Integer,
        link -> Binary,
    }
}

table! {
    statistics_specs (id) {
        id -> Text,
        service_id -> Text,
        code -> Text,
        version -> Integer,
        body -> Text,
        sha256 -> Text,
        author -> Text,
        created_at -> Timestamp,
    }
}

table! {
    statistics_settings (service_id) {
        service_id -> Text,
        spec_code -> Nullable<Text>,
        open_threshold -> Integer,
        partner_threshold -> Integer,
        reason -> Text,
        author -> Text,
        version -> Integer,
        updated_at -> Timestamp,
        mac -> Nullable<Binary>,
    }
}

table! {
    statistics_builds (id) {
        id -> Text,
        service_id -> Text,
        year -> Integer,
        quarter -> Integer,
        status -> Text,
        reason -> Nullable<Text>,
        published_through -> Nullable<Integer>,
        cut_off -> Nullable<Timestamp>,
        proved -> Integer,
        to_prove -> Integer,
        seen_at -> Nullable<Timestamp>,
        result -> Nullable<Text>,
        refusal -> Nullable<Text>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        records -> Text,
        attempts -> Integer,
        trial_spec -> Nullable<Text>,
    }
}

table! {
    statistics_releases (id) {
        id -> Text,
        service_id -> Text,
        build_id -> Text,
        year -> Integer,
        quarter -> Integer,
        tier -> Text,
        number -> Integer,
        document -> Binary,
        sha256 -> Text,
        key_id -> Text,
        signature -> Binary,
        domains -> Text,
        supersedes -> Nullable<Text>,
        published_at -> Timestamp,
        generation -> Integer,
    }
}

table! {
    indicator_targets (id) {
        id -> Text,
        service_id -> Text,
        indicator -> Text,
        year -> Integer,
        value -> Integer,
        note -> Nullable<Text>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    statistics_facts (id) {
        id -> Text,
        service_id -> Text,
        population -> Text,
        year -> Integer,
        period -> Text,
        coordinates -> Text,
        source -> Text,
        published_on -> Date,
        used_at -> Nullable<Timestamp>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        reference -> Text,
        confirmed_at -> Nullable<Timestamp>,
        confirmed_by -> Nullable<Text>,
    }
}

table! {
    appointments (id) {
        id -> Text,
        service_id -> Text,
        status -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        planned_on -> Date,
        starts_at -> Text,
        minutes -> Integer,
        place -> Text,
        organisation_id -> Nullable<Text>,
        on_school_time -> Bool,
        content -> Nullable<Binary>,
        cancelled_by -> Nullable<Text>,
        excused -> Nullable<Bool>,
        author -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        start_key -> Text,
        planned_minutes -> Nullable<Integer>,
    }
}

table! {
    appointment_cases (appointment_id, case_id) {
        appointment_id -> Text,
        case_id -> Text,
        position -> Integer,
        intervention_id -> Nullable<Text>,
    }
}

table! {
    appointment_professionals (appointment_id, user_id) {
        appointment_id -> Text,
        user_id -> Text,
        position -> Integer,
    }
}

table! {
    appointment_participants (appointment_id, kind) {
        appointment_id -> Text,
        kind -> Text,
        number -> Integer,
    }
}

table! {
    appointment_moves (id) {
        id -> Text,
        appointment_id -> Text,
        planned_on -> Date,
        starts_at -> Text,
        minutes -> Integer,
        author -> Text,
        created_at -> Timestamp,
    }
}

table! {
    agenda_calendars (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        token_hash -> Binary,
        created_at -> Timestamp,
    }
}

// One line for each pair of tables that meet in a query. All pairs of all tables would be some 6,600 implementations, which
// each build of what depends on them checks for coherence. A query that needs another pair does not compile: add its line.
allow_tables_to_appear_in_same_query!(action_participants, actions);
allow_tables_to_appear_in_same_query!(action_registrations, actions);
allow_tables_to_appear_in_same_query!(action_speakers, actions);
allow_tables_to_appear_in_same_query!(appointment_cases, appointments);
allow_tables_to_appear_in_same_query!(appointment_cases, cases);
allow_tables_to_appear_in_same_query!(appointment_cases, children);
allow_tables_to_appear_in_same_query!(appointment_cases, data_keys);
allow_tables_to_appear_in_same_query!(appointment_cases, services);
allow_tables_to_appear_in_same_query!(appointment_moves, appointments);
allow_tables_to_appear_in_same_query!(appointment_participants, appointments);
allow_tables_to_appear_in_same_query!(appointment_professionals, appointments);
allow_tables_to_appear_in_same_query!(appointment_professionals, users);
allow_tables_to_appear_in_same_query!(appointments, cases);
allow_tables_to_appear_in_same_query!(appointments, users);
allow_tables_to_appear_in_same_query!(appointments, organisations);
allow_tables_to_appear_in_same_query!(audit_events, audit_objects);
allow_tables_to_appear_in_same_query!(audit_events, clients);
allow_tables_to_appear_in_same_query!(audit_events, organisations);
allow_tables_to_appear_in_same_query!(audit_events, referrals);
allow_tables_to_appear_in_same_query!(audit_events, statistics_releases);
allow_tables_to_appear_in_same_query!(blind_tokens, children);
allow_tables_to_appear_in_same_query!(blind_tokens, data_keys);
allow_tables_to_appear_in_same_query!(blind_tokens, services);
allow_tables_to_appear_in_same_query!(case_members, cases);
allow_tables_to_appear_in_same_query!(case_members, users);
allow_tables_to_appear_in_same_query!(case_steps, cases);
allow_tables_to_appear_in_same_query!(case_steps, interventions);
allow_tables_to_appear_in_same_query!(case_steps, placements);
allow_tables_to_appear_in_same_query!(cases, children);
allow_tables_to_appear_in_same_query!(cases, data_keys);
allow_tables_to_appear_in_same_query!(cases, households);
allow_tables_to_appear_in_same_query!(cases, intervention_participants);
allow_tables_to_appear_in_same_query!(cases, interventions);
allow_tables_to_appear_in_same_query!(cases, organisations);
allow_tables_to_appear_in_same_query!(cases, placements);
allow_tables_to_appear_in_same_query!(cases, services);
allow_tables_to_appear_in_same_query!(cases, referral_needs);
allow_tables_to_appear_in_same_query!(cases, referrals);
allow_tables_to_appear_in_same_query!(cases, statistics_counted);
allow_tables_to_appear_in_same_query!(cases, statistics_records);
allow_tables_to_appear_in_same_query!(child_merges, data_keys);
allow_tables_to_appear_in_same_query!(child_merges, services);
allow_tables_to_appear_in_same_query!(children, contacts);
allow_tables_to_appear_in_same_query!(children, data_keys);
allow_tables_to_appear_in_same_query!(children, households);
allow_tables_to_appear_in_same_query!(children, services);
allow_tables_to_appear_in_same_query!(client_services, clients);
allow_tables_to_appear_in_same_query!(clients, organisations);
allow_tables_to_appear_in_same_query!(clients, referrals);
allow_tables_to_appear_in_same_query!(clients, statistics_releases);
allow_tables_to_appear_in_same_query!(convention_suspensions, conventions);
allow_tables_to_appear_in_same_query!(contributions, conventions);
allow_tables_to_appear_in_same_query!(contributions, instalments);
allow_tables_to_appear_in_same_query!(convention_documents, convention_services);
allow_tables_to_appear_in_same_query!(convention_documents, convention_signatories);
allow_tables_to_appear_in_same_query!(convention_documents, convention_terms);
allow_tables_to_appear_in_same_query!(convention_documents, conventions);
allow_tables_to_appear_in_same_query!(convention_services, convention_signatories);
allow_tables_to_appear_in_same_query!(convention_services, convention_terms);
allow_tables_to_appear_in_same_query!(convention_services, conventions);
allow_tables_to_appear_in_same_query!(convention_signatories, convention_terms);
allow_tables_to_appear_in_same_query!(convention_signatories, conventions);
allow_tables_to_appear_in_same_query!(convention_terms, conventions);
allow_tables_to_appear_in_same_query!(convention_years, conventions);
allow_tables_to_appear_in_same_query!(conventions, instalments);
allow_tables_to_appear_in_same_query!(data_keys, services);
allow_tables_to_appear_in_same_query!(data_keys, statistics_counted);
allow_tables_to_appear_in_same_query!(data_keys, statistics_records);
allow_tables_to_appear_in_same_query!(instalments, payments);
allow_tables_to_appear_in_same_query!(intervention_participants, interventions);
allow_tables_to_appear_in_same_query!(intervention_professionals, interventions);
allow_tables_to_appear_in_same_query!(intervention_professionals, users);
allow_tables_to_appear_in_same_query!(interventions, users);
allow_tables_to_appear_in_same_query!(interventions, placements);
allow_tables_to_appear_in_same_query!(invitations, users);
allow_tables_to_appear_in_same_query!(kit_audiences, kit_copies);
allow_tables_to_appear_in_same_query!(kit_audiences, kit_days);
allow_tables_to_appear_in_same_query!(kit_audiences, kit_themes);
allow_tables_to_appear_in_same_query!(kit_audiences, kits);
allow_tables_to_appear_in_same_query!(kit_audiences, reservations);
allow_tables_to_appear_in_same_query!(kit_closings, kit_settings);
allow_tables_to_appear_in_same_query!(kit_copies, kit_days);
allow_tables_to_appear_in_same_query!(kit_copies, kit_defects);
allow_tables_to_appear_in_same_query!(kit_copies, kit_themes);
allow_tables_to_appear_in_same_query!(kit_copies, kits);
allow_tables_to_appear_in_same_query!(kit_copies, reservations);
allow_tables_to_appear_in_same_query!(kit_days, kit_themes);
allow_tables_to_appear_in_same_query!(kit_days, kits);
allow_tables_to_appear_in_same_query!(kit_days, reservations);
allow_tables_to_appear_in_same_query!(kit_themes, kits);
allow_tables_to_appear_in_same_query!(kit_themes, reservations);
allow_tables_to_appear_in_same_query!(kits, reservations);
allow_tables_to_appear_in_same_query!(memberships, users);
allow_tables_to_appear_in_same_query!(organisations, referents);
allow_tables_to_appear_in_same_query!(organisations, referrals);
allow_tables_to_appear_in_same_query!(organisations, reservations);
allow_tables_to_appear_in_same_query!(organisations, statistics_releases);
allow_tables_to_appear_in_same_query!(password_resets, refresh_tokens);
allow_tables_to_appear_in_same_query!(referent_attendances, referents);
allow_tables_to_appear_in_same_query!(referral_agreements, referrals);
allow_tables_to_appear_in_same_query!(referral_needs, referrals);
allow_tables_to_appear_in_same_query!(referrals, statistics_releases);
allow_tables_to_appear_in_same_query!(service_childcare_groups, service_departements);
allow_tables_to_appear_in_same_query!(service_childcare_groups, services);
allow_tables_to_appear_in_same_query!(service_departements, services);
allow_tables_to_appear_in_same_query!(statistics_builds, statistics_releases);
allow_tables_to_appear_in_same_query!(statistics_counted, statistics_records);
allow_tables_to_appear_in_same_query!(survey_counts, survey_questions);
allow_tables_to_appear_in_same_query!(survey_tokens, surveys);

joinable!(service_departements -> services (service_id));
joinable!(service_childcare_groups -> services (service_id));
joinable!(positions -> services (service_id));
joinable!(memberships -> users (user_id));
joinable!(recovery_codes -> users (user_id));
joinable!(password_resets -> users (user_id));
joinable!(refresh_tokens -> users (user_id));
joinable!(memberships -> services (service_id));
joinable!(invitations -> services (service_id));
joinable!(client_services -> clients (client_id));
joinable!(client_services -> services (service_id));
joinable!(data_keys -> services (service_id));
joinable!(households -> services (service_id));
joinable!(children -> services (service_id));
joinable!(children -> households (household_id));
joinable!(contacts -> services (service_id));
joinable!(contacts -> households (household_id));
joinable!(blind_tokens -> services (service_id));
joinable!(blind_tokens -> households (household_id));
joinable!(organisations -> services (service_id));
joinable!(case_members -> services (service_id));
joinable!(case_members -> cases (case_id));
joinable!(case_members -> users (user_id));
joinable!(cases -> services (service_id));
joinable!(cases -> households (household_id));
joinable!(cases -> children (child_id));
joinable!(cases -> organisations (organisation_id));
joinable!(case_steps -> services (service_id));
joinable!(case_steps -> cases (case_id));
allow_tables_to_appear_in_same_query!(cases, goals);
allow_tables_to_appear_in_same_query!(cases, procedures);
allow_tables_to_appear_in_same_query!(case_members, procedures);
allow_tables_to_appear_in_same_query!(complex_situations, cases);
allow_tables_to_appear_in_same_query!(complex_situations, complex_situation_grounds);
allow_tables_to_appear_in_same_query!(complex_situation_grounds, cases);
allow_tables_to_appear_in_same_query!(complex_situations, case_discussions);
allow_tables_to_appear_in_same_query!(case_discussions, cases);
joinable!(complex_situations -> services (service_id));
joinable!(complex_situations -> cases (case_id));
joinable!(complex_situation_grounds -> complex_situations (situation_id));
joinable!(case_discussions -> services (service_id));
joinable!(case_discussions -> complex_situations (situation_id));
allow_tables_to_appear_in_same_query!(case_suspensions, cases);
allow_tables_to_appear_in_same_query!(case_suspensions, case_members);
joinable!(case_suspensions -> services (service_id));
joinable!(case_suspensions -> cases (case_id));
joinable!(procedures -> services (service_id));
joinable!(procedures -> cases (case_id));
joinable!(procedures -> organisations (organisation_id));
allow_tables_to_appear_in_same_query!(goal_reviews, goals);
allow_tables_to_appear_in_same_query!(placement_reviews, placements);
allow_tables_to_appear_in_same_query!(placement_reviews, cases);
allow_tables_to_appear_in_same_query!(case_members, placement_reviews);
allow_tables_to_appear_in_same_query!(case_members, placements);
allow_tables_to_appear_in_same_query!(organisations, placements);
joinable!(placement_reviews -> services (service_id));
joinable!(placement_reviews -> cases (case_id));
joinable!(placement_reviews -> placements (placement_id));
joinable!(goals -> services (service_id));
joinable!(goals -> cases (case_id));
joinable!(goal_reviews -> services (service_id));
joinable!(goal_reviews -> goals (goal_id));
allow_tables_to_appear_in_same_query!(goal_reviews, cases);
joinable!(absences -> services (service_id));
joinable!(absences -> users (user_id));
allow_tables_to_appear_in_same_query!(absences, users);
allow_tables_to_appear_in_same_query!(case_notes, cases);
allow_tables_to_appear_in_same_query!(case_notes, case_note_readers);
allow_tables_to_appear_in_same_query!(case_note_readers, users);
allow_tables_to_appear_in_same_query!(recommendations, cases);
joinable!(resource_people -> services (service_id));
joinable!(resource_people -> organisations (organisation_id));
joinable!(intervention_resource_people -> resource_people (person_id));
allow_tables_to_appear_in_same_query!(resource_people, organisations);
allow_tables_to_appear_in_same_query!(intervention_resource_people, resource_people);
allow_tables_to_appear_in_same_query!(intervention_resource_people, interventions);
joinable!(case_notes -> services (service_id));
joinable!(case_notes -> cases (case_id));
joinable!(case_notes -> interventions (intervention_id));
joinable!(case_note_readers -> case_notes (note_id));
joinable!(case_note_readers -> users (user_id));
joinable!(recommendations -> services (service_id));
joinable!(recommendations -> cases (case_id));
joinable!(recommendations -> interventions (intervention_id));
allow_tables_to_appear_in_same_query!(absences, cases);
allow_tables_to_appear_in_same_query!(absences, case_members);
allow_tables_to_appear_in_same_query!(cases, users);
diesel::allow_tables_to_appear_in_same_query!(password_resets, users);
joinable!(appointment_works -> appointments (appointment_id));
joinable!(appointment_works -> interventions (intervention_id));
joinable!(appointments -> services (service_id));
joinable!(appointments -> organisations (organisation_id));
joinable!(appointment_cases -> appointments (appointment_id));
joinable!(appointment_cases -> cases (case_id));
joinable!(appointment_cases -> interventions (intervention_id));
joinable!(appointment_professionals -> appointments (appointment_id));
joinable!(appointment_professionals -> users (user_id));
joinable!(appointment_participants -> appointments (appointment_id));
joinable!(appointment_moves -> appointments (appointment_id));
joinable!(agenda_calendars -> users (user_id));
joinable!(interventions -> services (service_id));
joinable!(interventions -> cases (case_id));
joinable!(interventions -> organisations (organisation_id));
joinable!(intervention_participants -> interventions (intervention_id));
joinable!(intervention_professionals -> users (user_id));
joinable!(placements -> services (service_id));
joinable!(placements -> cases (case_id));
joinable!(placements -> organisations (organisation_id));
joinable!(referrals -> services (service_id));
joinable!(referrals -> households (household_id));
joinable!(referrals -> children (child_id));
joinable!(referrals -> cases (case_id));
joinable!(referral_needs -> referrals (referral_id));
joinable!(referral_agreements -> referrals (referral_id));
joinable!(referral_events -> services (service_id));
joinable!(referral_events -> referrals (referral_id));
joinable!(kit_settings -> services (service_id));
joinable!(kit_closings -> services (service_id));
joinable!(kits -> services (service_id));
joinable!(kit_themes -> kits (kit_id));
joinable!(kit_audiences -> kits (kit_id));
joinable!(kit_items -> services (service_id));
joinable!(kit_items -> kits (kit_id));
joinable!(kit_copies -> services (service_id));
joinable!(kit_copies -> kits (kit_id));
joinable!(kit_calendars -> services (service_id));
joinable!(reservations -> services (service_id));
joinable!(reservations -> kits (kit_id));
joinable!(reservations -> kit_copies (copy_id));
joinable!(reservations -> households (household_id));
joinable!(reservations -> organisations (organisation_id));
joinable!(reservations -> cases (case_id));
joinable!(kit_days -> kit_copies (copy_id));
joinable!(kit_days -> reservations (reservation_id));
joinable!(kit_checks -> services (service_id));
joinable!(kit_checks -> kit_copies (copy_id));
joinable!(kit_checks -> reservations (reservation_id));
joinable!(kit_defects -> services (service_id));
joinable!(kit_defects -> kit_copies (copy_id));
joinable!(kit_defects -> kit_items (item_id));
joinable!(kit_defects -> kit_checks (check_id));
joinable!(conventions -> services (service_id));
joinable!(convention_years -> services (service_id));
joinable!(convention_years -> conventions (convention_id));
joinable!(convention_terms -> conventions (convention_id));
joinable!(convention_signatories -> conventions (convention_id));
joinable!(convention_documents -> conventions (convention_id));
joinable!(convention_suspensions -> conventions (convention_id));
joinable!(convention_events -> services (service_id));
joinable!(convention_events -> conventions (convention_id));
joinable!(contributions -> services (service_id));
joinable!(contributions -> conventions (convention_id));
joinable!(instalments -> services (service_id));
joinable!(instalments -> conventions (convention_id));
joinable!(instalments -> contributions (contribution_id));
joinable!(payments -> services (service_id));
joinable!(payments -> conventions (convention_id));
joinable!(payments -> instalments (instalment_id));
joinable!(fundings -> services (service_id));
joinable!(boundary_changes -> services (service_id));
joinable!(actions -> services (service_id));
joinable!(actions -> organisations (organiser_id));
joinable!(actions -> conventions (convention_id));
joinable!(action_topics -> actions (action_id));
joinable!(action_speakers -> actions (action_id));
joinable!(action_speakers -> organisations (organisation_id));
joinable!(action_participants -> actions (action_id));
joinable!(action_ratings -> actions (action_id));
joinable!(action_registrations -> services (service_id));
joinable!(action_registrations -> actions (action_id));
joinable!(action_registrations -> organisations (organisation_id));
joinable!(referents -> services (service_id));
joinable!(referents -> organisations (organisation_id));
joinable!(referent_attendances -> services (service_id));
joinable!(referent_attendances -> referents (referent_id));
joinable!(referent_attendances -> actions (action_id));
joinable!(surveys -> services (service_id));
joinable!(survey_questions -> surveys (survey_id));
joinable!(survey_tokens -> surveys (survey_id));
joinable!(survey_counts -> surveys (survey_id));
joinable!(statistics_records -> services (service_id));
joinable!(statistics_years -> services (service_id));
joinable!(statistics_replaced_records -> services (service_id));
joinable!(statistics_counted -> services (service_id));
joinable!(statistics_specs -> services (service_id));
joinable!(statistics_settings -> services (service_id));
joinable!(indicator_targets -> services (service_id));
joinable!(statistics_facts -> services (service_id));
joinable!(statistics_builds -> services (service_id));
joinable!(statistics_releases -> services (service_id));
joinable!(changes -> services (service_id));

allow_columns_to_appear_in_same_group_by_clause!(actions::kind, action_participants::participant_type,);
allow_columns_to_appear_in_same_group_by_clause!(actions::held_on, action_participants::participant_type,);
allow_columns_to_appear_in_same_group_by_clause!(actions::commune_code, action_participants::participant_type,);
allow_columns_to_appear_in_same_group_by_clause!(interventions::held_on, intervention_participants::kind,);
