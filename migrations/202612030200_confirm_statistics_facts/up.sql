-- A fact says where a figure is public, and not which: the protection supposes that its readers know the true count. A second
-- person confirms it.
ALTER TABLE statistics_facts DROP COLUMN value;
ALTER TABLE statistics_facts ADD COLUMN reference TEXT NOT NULL DEFAULT '';
ALTER TABLE statistics_facts ADD COLUMN confirmed_at TIMESTAMP;
ALTER TABLE statistics_facts ADD COLUMN confirmed_by TEXT CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL));
-- Nobody was asked for a reference before.
UPDATE statistics_facts SET reference = source;
-- What a release shows is public.
UPDATE statistics_facts SET confirmed_at = used_at, confirmed_by = author WHERE used_at IS NOT NULL;

-- Trials of specifications are counted.
CREATE INDEX statistics_builds_trials ON statistics_builds (service_id, created_at) WHERE trial_spec IS NOT NULL;
