-- The work about no case that an appointment about no case became.
CREATE TABLE appointment_works (
    appointment_id TEXT NOT NULL PRIMARY KEY REFERENCES appointments (id),
    intervention_id TEXT NOT NULL REFERENCES interventions (id) ON DELETE CASCADE
);
CREATE INDEX appointment_works_intervention ON appointment_works (intervention_id);
