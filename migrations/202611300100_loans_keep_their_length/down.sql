ALTER TABLE reservations DROP COLUMN asked_days;
