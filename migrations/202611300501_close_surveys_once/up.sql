-- When a questionnaire closes for good. Neither engine knows the time zone of a service alike: the program fills the
-- existing rows at its next start, before it serves a request.
ALTER TABLE surveys ADD COLUMN closes_at TIMESTAMP;
