DROP INDEX reservations_state;
DROP INDEX actions_state;
DROP INDEX cases_next_follow_up;
DROP INDEX cases_state;
