DROP TABLE appointment_moves;
DROP TABLE appointment_participants;
DROP TABLE appointment_professionals;
DROP TABLE appointment_cases;
DROP TABLE appointments;
