DROP INDEX password_resets_issuer;
DROP INDEX invitations_issuer;
ALTER TABLE clients DROP COLUMN made_by;
ALTER TABLE password_resets DROP COLUMN issued_by;
ALTER TABLE invitations DROP COLUMN issued_by;
