DROP TABLE survey_ratings;
DROP TABLE survey_answers;
DROP TABLE survey_tokens;
DROP TABLE survey_questions;
DROP TABLE surveys;
DROP TABLE referent_attendances;
DROP TABLE referents;
