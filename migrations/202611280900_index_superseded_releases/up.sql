CREATE INDEX statistics_releases_supersedes ON statistics_releases (supersedes);
