DROP TABLE survey_counts;
DROP TABLE survey_tokens;
DROP TABLE survey_questions;
DROP TABLE surveys;
DROP TABLE referent_attendances;
DROP TABLE referents;
