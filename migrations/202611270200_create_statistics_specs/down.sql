DROP TABLE statistics_facts;
DROP TABLE statistics_settings;
DROP TABLE statistics_specs;
