DROP TABLE child_merges;
ALTER TABLE changes DROP COLUMN merged_into_id;
DROP INDEX data_keys_holder;
ALTER TABLE data_keys DROP COLUMN holder_id;
