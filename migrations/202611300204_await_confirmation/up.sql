-- Rights on tenant data that an administrator gave to themselves, or to a client whose secret they hold: who asked for them.
-- They give nothing until a second person confirms them, which clears the column.

ALTER TABLE memberships ADD COLUMN requested_by TEXT;
ALTER TABLE clients ADD COLUMN requested_by TEXT;
