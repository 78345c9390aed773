-- Who issued an invitation or a password reset, and who made a client: their right is checked again at use.

ALTER TABLE invitations ADD COLUMN issued_by TEXT;
ALTER TABLE password_resets ADD COLUMN issued_by TEXT;
ALTER TABLE clients ADD COLUMN made_by TEXT;

-- The journal of the deployment knows it of what exists.
UPDATE invitations SET issued_by = (
    SELECT principal FROM audit_events
    WHERE chain = 'deployment' AND changed LIKE '% invitation:' || invitations.id || ':created%'
    ORDER BY happened_at LIMIT 1
) WHERE used_at IS NULL;
UPDATE clients SET made_by = (
    SELECT principal FROM audit_events
    WHERE chain = 'deployment' AND changed LIKE '% client:' || clients.id || ':created%'
    ORDER BY happened_at LIMIT 1
);

-- Nobody answers for the others. A reset is valid for a day, and is issued again.
DELETE FROM invitations WHERE used_at IS NULL AND issued_by IS NULL;
DELETE FROM password_resets;

CREATE INDEX invitations_issuer ON invitations (issued_by);
CREATE INDEX password_resets_issuer ON password_resets (issued_by);
