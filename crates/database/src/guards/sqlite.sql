-- Triggers that the portable migrations cannot express, for SQLite. Applied again after every migration run.

CREATE TRIGGER IF NOT EXISTS referral_events_no_update BEFORE UPDATE ON referral_events
BEGIN SELECT RAISE(ABORT, 'referral_events is append-only'); END;
CREATE TRIGGER IF NOT EXISTS referral_events_no_delete BEFORE DELETE ON referral_events
BEGIN SELECT RAISE(ABORT, 'referral_events is append-only'); END;

CREATE TRIGGER IF NOT EXISTS kit_checks_no_update BEFORE UPDATE ON kit_checks
BEGIN SELECT RAISE(ABORT, 'kit_checks is append-only'); END;
CREATE TRIGGER IF NOT EXISTS kit_checks_no_delete BEFORE DELETE ON kit_checks
BEGIN SELECT RAISE(ABORT, 'kit_checks is append-only'); END;

CREATE TRIGGER IF NOT EXISTS case_events_no_update BEFORE UPDATE ON case_events
BEGIN SELECT RAISE(ABORT, 'case_events is append-only'); END;
CREATE TRIGGER IF NOT EXISTS case_events_no_delete BEFORE DELETE ON case_events
BEGIN SELECT RAISE(ABORT, 'case_events is append-only'); END;

CREATE TRIGGER IF NOT EXISTS corrections_no_update BEFORE UPDATE ON corrections
BEGIN SELECT RAISE(ABORT, 'corrections is append-only'); END;
CREATE TRIGGER IF NOT EXISTS corrections_no_delete BEFORE DELETE ON corrections
BEGIN SELECT RAISE(ABORT, 'corrections is append-only'); END;

CREATE TRIGGER IF NOT EXISTS convention_events_no_update BEFORE UPDATE ON convention_events
BEGIN SELECT RAISE(ABORT, 'convention_events is append-only'); END;
CREATE TRIGGER IF NOT EXISTS convention_events_no_delete BEFORE DELETE ON convention_events
BEGIN SELECT RAISE(ABORT, 'convention_events is append-only'); END;

CREATE TRIGGER IF NOT EXISTS statistics_keys_no_update BEFORE UPDATE ON statistics_keys
BEGIN SELECT RAISE(ABORT, 'statistics_keys is append-only'); END;
CREATE TRIGGER IF NOT EXISTS statistics_keys_no_delete BEFORE DELETE ON statistics_keys
BEGIN SELECT RAISE(ABORT, 'statistics_keys is append-only'); END;

-- Signed amounts and terms never change.
CREATE TRIGGER IF NOT EXISTS contributions_frozen_update BEFORE UPDATE ON contributions
WHEN OLD.frozen_on IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a row of contributions is frozen'); END;
CREATE TRIGGER IF NOT EXISTS contributions_frozen_delete BEFORE DELETE ON contributions
WHEN OLD.frozen_on IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a row of contributions is frozen'); END;
CREATE TRIGGER IF NOT EXISTS convention_terms_frozen_update BEFORE UPDATE ON convention_terms
WHEN OLD.signed_on IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a row of convention_terms is frozen'); END;
CREATE TRIGGER IF NOT EXISTS convention_terms_frozen_delete BEFORE DELETE ON convention_terms
WHEN OLD.signed_on IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a row of convention_terms is frozen'); END;

CREATE TRIGGER IF NOT EXISTS audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
-- The position in the chain is set once. Nothing else in a row ever changes.
-- Dropped first: that of an earlier version does not know every column.
DROP TRIGGER IF EXISTS audit_events_chained_once;
CREATE TRIGGER audit_events_chained_once BEFORE UPDATE ON audit_events
WHEN OLD.position IS NOT NULL OR OLD.link IS NOT NULL OR NEW.position IS NULL OR NEW.link IS NULL
    OR NEW.id IS NOT OLD.id OR NEW.chain IS NOT OLD.chain OR NEW.principal IS NOT OLD.principal OR NEW.operation IS
    NOT OLD.operation OR NEW.request_id IS NOT OLD.request_id OR NEW.outcome IS NOT OLD.outcome OR NEW.code IS NOT
    OLD.code OR NEW.target_id IS NOT OLD.target_id OR NEW.changed IS NOT OLD.changed OR NEW.opened IS NOT
    OLD.opened OR NEW.address IS NOT OLD.address OR NEW.happened_at IS NOT OLD.happened_at OR NEW.mac IS NOT OLD.mac
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;

CREATE TRIGGER IF NOT EXISTS statistics_specs_no_update BEFORE UPDATE ON statistics_specs
BEGIN SELECT RAISE(ABORT, 'statistics_specs is append-only'); END;
CREATE TRIGGER IF NOT EXISTS statistics_specs_no_delete BEFORE DELETE ON statistics_specs
BEGIN SELECT RAISE(ABORT, 'statistics_specs is append-only'); END;

CREATE TRIGGER IF NOT EXISTS statistics_releases_no_update BEFORE UPDATE ON statistics_releases
BEGIN SELECT RAISE(ABORT, 'statistics_releases is append-only'); END;
CREATE TRIGGER IF NOT EXISTS statistics_releases_no_delete BEFORE DELETE ON statistics_releases
BEGIN SELECT RAISE(ABORT, 'statistics_releases is append-only'); END;

CREATE TRIGGER IF NOT EXISTS restores_no_update BEFORE UPDATE ON restores
BEGIN SELECT RAISE(ABORT, 'restores is append-only'); END;
CREATE TRIGGER IF NOT EXISTS restores_no_delete BEFORE DELETE ON restores
BEGIN SELECT RAISE(ABORT, 'restores is append-only'); END;

CREATE TRIGGER IF NOT EXISTS restored_chains_no_update BEFORE UPDATE ON restored_chains
BEGIN SELECT RAISE(ABORT, 'restored_chains is append-only'); END;
CREATE TRIGGER IF NOT EXISTS restored_chains_no_delete BEFORE DELETE ON restored_chains
BEGIN SELECT RAISE(ABORT, 'restored_chains is append-only'); END;

CREATE TRIGGER IF NOT EXISTS audit_cut_overs_no_update BEFORE UPDATE ON audit_cut_overs
BEGIN SELECT RAISE(ABORT, 'audit_cut_overs is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_cut_overs_no_delete BEFORE DELETE ON audit_cut_overs
BEGIN SELECT RAISE(ABORT, 'audit_cut_overs is append-only'); END;

-- The objects that an event names. Rows of before this index are added once.
CREATE TRIGGER IF NOT EXISTS audit_events_indexed AFTER INSERT ON audit_events BEGIN
    INSERT INTO audit_objects (event_id, object_id)
    SELECT NEW.id, substr(value, instr(value, ':') + 1, 36)
    FROM json_each('["' || replace(trim(NEW.changed), ' ', '","') || '"]') WHERE value LIKE '%:%:%'
    UNION SELECT NEW.id, value
    FROM json_each('["' || replace(trim(NEW.opened), ' ', '","') || '"]') WHERE value <> ''
    UNION SELECT NEW.id, NEW.target_id WHERE NEW.target_id IS NOT NULL;
END;
INSERT INTO audit_objects (event_id, object_id)
SELECT event.id, substr(value, instr(value, ':') + 1, 36)
FROM audit_events AS event, json_each('["' || replace(trim(event.changed), ' ', '","') || '"]')
WHERE value LIKE '%:%:%' AND NOT EXISTS (SELECT 1 FROM audit_objects)
UNION SELECT event.id, value
FROM audit_events AS event, json_each('["' || replace(trim(event.opened), ' ', '","') || '"]')
WHERE value <> '' AND NOT EXISTS (SELECT 1 FROM audit_objects)
UNION SELECT event.id, event.target_id FROM audit_events AS event
WHERE event.target_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit_objects);
CREATE TRIGGER IF NOT EXISTS audit_objects_no_update BEFORE UPDATE ON audit_objects
BEGIN SELECT RAISE(ABORT, 'audit_objects is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_objects_no_delete BEFORE DELETE ON audit_objects
BEGIN SELECT RAISE(ABORT, 'audit_objects is append-only'); END;
