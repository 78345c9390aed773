-- A position can be corrected: it has versions, like every object that can.

ALTER TABLE positions ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
