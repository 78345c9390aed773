-- The code of the specification that a build tries, to see what it would show and hide: such a build is never published.
ALTER TABLE statistics_builds ADD COLUMN trial_spec TEXT;
