DROP TABLE audit_cut_overs;
ALTER TABLE audit_events DROP COLUMN mac;
