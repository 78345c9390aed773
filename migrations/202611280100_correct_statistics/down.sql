ALTER TABLE statistics_releases DROP COLUMN generation;
ALTER TABLE statistics_builds DROP COLUMN attempts;
ALTER TABLE statistics_builds DROP COLUMN records;
DROP TABLE statistics_replaced_records;
ALTER TABLE statistics_years DROP COLUMN replaced_through;
