DROP INDEX cases_priority;
ALTER TABLE cases DROP COLUMN priority_key;
ALTER TABLE cases DROP COLUMN priority;
DROP TABLE case_discussions;
DROP TABLE complex_situation_grounds;
DROP TABLE complex_situations;
