DROP TABLE appointment_works;
