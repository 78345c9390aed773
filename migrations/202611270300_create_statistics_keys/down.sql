DROP TABLE statistics_keys;
