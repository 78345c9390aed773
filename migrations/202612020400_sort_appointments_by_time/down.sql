DROP INDEX appointments_start;
ALTER TABLE appointments DROP COLUMN start_key;
