ALTER TABLE resource_people DROP COLUMN left_on;
