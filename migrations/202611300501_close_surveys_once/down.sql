ALTER TABLE surveys DROP COLUMN closes_at;
