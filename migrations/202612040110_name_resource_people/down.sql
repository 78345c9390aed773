DROP TABLE intervention_resource_people;
DROP TABLE resource_people;
