DROP TABLE kit_defects;
DROP TABLE kit_checks;
DROP TABLE kit_days;
DROP TABLE reservations;
