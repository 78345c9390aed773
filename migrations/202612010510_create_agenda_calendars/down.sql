DROP TABLE agenda_calendars;
