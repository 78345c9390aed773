DROP TABLE kit_calendars;
DROP TABLE kit_copies;
DROP TABLE kit_items;
DROP TABLE kit_audiences;
DROP TABLE kit_themes;
DROP TABLE kits;
DROP TABLE kit_closings;
DROP TABLE kit_settings;
