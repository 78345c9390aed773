DROP TABLE known_callers;
