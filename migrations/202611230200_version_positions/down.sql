ALTER TABLE positions DROP COLUMN version;
