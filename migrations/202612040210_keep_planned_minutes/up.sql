-- How long an appointment that was held had been planned: its minutes are those that it took. Reopened, it is planned as before.
-- NULL for one that is not held, and for one that was held before this column.
ALTER TABLE appointments ADD COLUMN planned_minutes INTEGER
    CHECK (planned_minutes IS NULL OR (planned_minutes > 0 AND status = 'held'));
