-- The sort key of the next follow-up: never null, so that both engines read the list from an index. The last day of the
-- calendar stands for none.
ALTER TABLE cases ADD COLUMN next_key DATE NOT NULL DEFAULT '9999-12-31';
UPDATE cases SET next_key = next_follow_up_on WHERE next_follow_up_on IS NOT NULL;
CREATE INDEX cases_next ON cases (service_id, next_key, id);
CREATE INDEX cases_commune ON cases (service_id, commune_code, opened_on, id);
CREATE INDEX cases_closed ON cases (service_id, closed_on, id) WHERE status = 'closed';
-- Finds the cases that have ever reached a step: only their latest one is then looked up.
CREATE INDEX case_steps_step ON case_steps (service_id, step, case_id);
