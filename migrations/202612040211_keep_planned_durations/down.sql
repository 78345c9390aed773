ALTER TABLE actions DROP COLUMN planned_travel_minutes;
ALTER TABLE actions DROP COLUMN planned_preparation_minutes;
ALTER TABLE actions DROP COLUMN planned_duration_minutes;
