-- The former key had no room for a cancelled placement beside another one.
DELETE FROM placements WHERE stage = 'cancelled' AND EXISTS (
    SELECT 1 FROM placements AS other
    WHERE other.case_id = placements.case_id AND other.organisation_id = placements.organisation_id
        AND other.starts_on = placements.starts_on AND (other.stage <> 'cancelled' OR other.id < placements.id)
);
DROP INDEX placements_live;
CREATE UNIQUE INDEX placements_once ON placements (case_id, organisation_id, starts_on);
