DROP TABLE case_suspensions;
