-- What the portable migrations cannot express, for PostgreSQL. Applied again after every migration run.

-- Takes the lock of an idempotency key, then looks its stored reply up. VOLATILE: each statement of the function sees
-- what was committed when it begins. So the look-up sees the reply of the call that held the lock before. If no reply
-- is stored, it waits for the lock of the object that the call is about to change, if one is given.
DROP FUNCTION IF EXISTS passerelle_stored_reply(text, bytea, bigint);
CREATE OR REPLACE FUNCTION passerelle_stored_reply(
    of_principal text, of_key bytea, lock_key bigint, then_lock integer, then_object text
)
RETURNS TABLE (taken boolean, fingerprint bytea, reply bytea, owners text, created_at timestamp)
LANGUAGE plpgsql VOLATILE AS
$$ BEGIN
    taken := pg_try_advisory_xact_lock(lock_key);
    IF taken THEN
        SELECT stored.fingerprint, stored.reply, stored.owners, stored.created_at
        INTO fingerprint, reply, owners, created_at
        FROM stored_replies AS stored WHERE stored.principal = of_principal AND stored.key_mac = of_key;
        IF NOT FOUND AND then_lock IS NOT NULL THEN
            PERFORM pg_advisory_xact_lock(then_lock, hashtext(then_object));
        END IF;
    END IF;
    RETURN NEXT;
END $$;

-- Triggers.

CREATE OR REPLACE FUNCTION passerelle_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE OR REPLACE TRIGGER referral_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON referral_events
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();
CREATE OR REPLACE TRIGGER kit_checks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kit_checks
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();
CREATE OR REPLACE TRIGGER case_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_events
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();
CREATE OR REPLACE TRIGGER corrections_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON corrections
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();
CREATE OR REPLACE TRIGGER convention_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON convention_events
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();
CREATE OR REPLACE TRIGGER statistics_keys_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statistics_keys
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();

-- Signed amounts and terms never change.
CREATE OR REPLACE FUNCTION passerelle_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a row of % is frozen', TG_TABLE_NAME; END $$;
CREATE OR REPLACE TRIGGER contributions_frozen BEFORE UPDATE OR DELETE ON contributions FOR EACH ROW
WHEN (OLD.frozen_on IS NOT NULL) EXECUTE FUNCTION passerelle_frozen();
CREATE OR REPLACE TRIGGER convention_terms_frozen BEFORE UPDATE OR DELETE ON convention_terms FOR EACH ROW
WHEN (OLD.signed_on IS NOT NULL) EXECUTE FUNCTION passerelle_frozen();

CREATE OR REPLACE TRIGGER audit_events_append_only BEFORE DELETE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();
-- The position in the chain is set once. Nothing else in a row ever changes.
CREATE OR REPLACE TRIGGER audit_events_chained_once BEFORE UPDATE ON audit_events FOR EACH ROW
WHEN (
    OLD.position IS NOT NULL OR OLD.link IS NOT NULL OR NEW.position IS NULL OR NEW.link IS NULL
    OR (NEW.id, NEW.chain, NEW.principal, NEW.operation, NEW.request_id, NEW.outcome, NEW.code, NEW.target_id,
        NEW.changed, NEW.opened, NEW.address, NEW.happened_at, NEW.mac)
    IS DISTINCT FROM (OLD.id, OLD.chain, OLD.principal, OLD.operation, OLD.request_id, OLD.outcome, OLD.code,
        OLD.target_id, OLD.changed, OLD.opened, OLD.address, OLD.happened_at, OLD.mac)
)
EXECUTE FUNCTION passerelle_append_only();

CREATE OR REPLACE TRIGGER statistics_specs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statistics_specs
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();

CREATE OR REPLACE TRIGGER statistics_releases_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statistics_releases
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();

CREATE OR REPLACE TRIGGER restores_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON restores
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();
CREATE OR REPLACE TRIGGER restored_chains_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON restored_chains
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();

CREATE OR REPLACE TRIGGER audit_cut_overs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_cut_overs
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();

-- The objects that an event names. Rows of before this index are added once.
CREATE OR REPLACE FUNCTION passerelle_objects_of(changed text, opened text, target text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE AS $$
    SELECT split_part(word, ':', 2) FROM unnest(string_to_array(trim(changed), ' ')) AS word WHERE word LIKE '%:%:%'
    UNION SELECT word FROM unnest(string_to_array(trim(opened), ' ')) AS word WHERE word <> ''
    UNION SELECT target WHERE target IS NOT NULL
$$;
CREATE OR REPLACE FUNCTION passerelle_index_objects() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    INSERT INTO audit_objects (event_id, object_id)
    SELECT NEW.id, object FROM passerelle_objects_of(NEW.changed, NEW.opened, NEW.target_id) AS object;
    RETURN NULL;
END $$;
INSERT INTO audit_objects (event_id, object_id)
SELECT event.id, object
FROM audit_events AS event, LATERAL passerelle_objects_of(event.changed, event.opened, event.target_id) AS object
WHERE NOT EXISTS (SELECT 1 FROM audit_objects);
CREATE OR REPLACE TRIGGER audit_events_indexed AFTER INSERT ON audit_events
FOR EACH ROW EXECUTE FUNCTION passerelle_index_objects();
CREATE OR REPLACE TRIGGER audit_objects_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_objects
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();
