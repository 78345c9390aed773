-- What the portable migrations cannot say, for PostgreSQL. Applied after them, each time.

CREATE OR REPLACE FUNCTION passerelle_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE OR REPLACE TRIGGER referral_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON referral_events
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();
CREATE OR REPLACE TRIGGER case_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_events
FOR EACH STATEMENT EXECUTE FUNCTION passerelle_append_only();
