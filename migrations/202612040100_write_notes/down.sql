DROP TABLE recommendations;
DROP TABLE case_note_readers;
DROP TABLE case_notes;
