-- How long an action that was held had been planned to take: its minutes are those that it took. Reopened, it is planned as before.
-- NULL for one that is not held, and for one that was held before these columns.
ALTER TABLE actions ADD COLUMN planned_duration_minutes INTEGER
    CHECK (planned_duration_minutes IS NULL OR (planned_duration_minutes > 0 AND status = 'held'));
ALTER TABLE actions ADD COLUMN planned_preparation_minutes INTEGER CHECK (planned_preparation_minutes >= 0);
ALTER TABLE actions ADD COLUMN planned_travel_minutes INTEGER CHECK (planned_travel_minutes >= 0);
