-- The sort key of the list of appointments: the day and the local time, `2026-03-12T09:30`.
ALTER TABLE appointments ADD COLUMN start_key TEXT NOT NULL DEFAULT '';
UPDATE appointments SET start_key = CAST(planned_on AS TEXT) || 'T' || starts_at;
CREATE INDEX appointments_start ON appointments (service_id, start_key, id);
