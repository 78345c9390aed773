-- The last day on which somebody of the directory can be called upon; NULL while they can.
ALTER TABLE resource_people ADD COLUMN left_on DATE;
