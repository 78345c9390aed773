DROP TABLE statistics_counted;
DROP TABLE statistics_years;
DROP TABLE statistics_records;
