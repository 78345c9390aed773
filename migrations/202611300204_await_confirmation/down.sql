-- What nobody confirmed must not come into force.
DELETE FROM memberships WHERE requested_by IS NOT NULL;
UPDATE clients SET disabled_at = updated_at WHERE requested_by IS NOT NULL AND disabled_at IS NULL;
ALTER TABLE clients DROP COLUMN requested_by;
ALTER TABLE memberships DROP COLUMN requested_by;
