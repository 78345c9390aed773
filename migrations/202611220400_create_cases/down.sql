DROP TABLE case_events;
DROP TABLE placements;
DROP TABLE intervention_participants;
DROP TABLE interventions;
DROP TABLE case_steps;
DROP TABLE cases;
