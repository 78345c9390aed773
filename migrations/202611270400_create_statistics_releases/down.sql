DROP TABLE statistics_releases;
DROP TABLE statistics_builds;
