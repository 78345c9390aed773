DROP INDEX statistics_builds_trials;
ALTER TABLE statistics_facts DROP COLUMN confirmed_by;
ALTER TABLE statistics_facts DROP COLUMN confirmed_at;
ALTER TABLE statistics_facts DROP COLUMN reference;
ALTER TABLE statistics_facts ADD COLUMN value INTEGER NOT NULL DEFAULT 0;
