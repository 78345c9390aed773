DROP TABLE action_registrations;
DROP TABLE action_ratings;
DROP TABLE action_participants;
DROP TABLE action_speakers;
DROP TABLE action_topics;
DROP TABLE actions;
