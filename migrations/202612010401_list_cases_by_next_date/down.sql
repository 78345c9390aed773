DROP INDEX case_steps_step;
DROP INDEX cases_closed;
DROP INDEX cases_commune;
DROP INDEX cases_next;
ALTER TABLE cases DROP COLUMN next_key;
