-- The referrals about a structure are looked up for each new one, and before the structure is deleted.

CREATE INDEX referrals_organisation ON referrals (service_id, organisation_id, received_on, id)
    WHERE organisation_id IS NOT NULL;
