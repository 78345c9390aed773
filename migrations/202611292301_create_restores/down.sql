DROP TABLE restored_chains;
DROP TABLE restores;
