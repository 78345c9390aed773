DROP INDEX reservations_waiting;
DROP INDEX password_resets_expired;
DROP INDEX revocations_ended;
DROP INDEX refresh_tokens_ended;
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

DROP INDEX audit_events_position;
CREATE UNIQUE INDEX audit_events_position ON audit_events (chain, position);
DROP INDEX audit_events_waiting;
CREATE INDEX audit_events_waiting ON audit_events (id) WHERE position IS NULL;

DROP INDEX changes_of_service;
CREATE INDEX changes_of_service ON changes (service_id, position);
DROP INDEX changes_position;
CREATE UNIQUE INDEX changes_position ON changes (position);
DROP INDEX changes_waiting;
CREATE INDEX changes_waiting ON changes (id) WHERE position IS NULL;
