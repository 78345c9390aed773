ALTER TABLE appointments DROP COLUMN planned_minutes;
