-- The length that was asked for: a loan that ends on a later day, because the service is closed, gets it back when it is
-- moved. Nobody knows it of earlier reservations: NULL stands for the days from the start to the end.
ALTER TABLE reservations ADD COLUMN asked_days INTEGER CHECK (asked_days > 0);

-- A wait ends with its last day, not on the day on which a background job found it.
UPDATE reservations SET decided_on = waits_until
WHERE status = 'expired' AND copy_id IS NULL AND waits_until < decided_on;
