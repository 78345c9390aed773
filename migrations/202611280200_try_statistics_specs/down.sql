ALTER TABLE statistics_builds DROP COLUMN trial_spec;
