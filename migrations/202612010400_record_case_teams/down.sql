DROP TABLE case_members;
