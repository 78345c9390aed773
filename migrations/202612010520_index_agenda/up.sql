-- What the agenda and the home page read: the open cases, what is next, what is due. Full indexes: with a state given as a
-- parameter, SQLite uses no partial one.

CREATE INDEX cases_state ON cases (service_id, status, opened_on, id);
CREATE INDEX cases_next_follow_up ON cases (service_id, next_follow_up_on, id);
CREATE INDEX actions_state ON actions (service_id, status, held_on, id);
CREATE INDEX reservations_state ON reservations (service_id, status, due_on, id);
