-- Lists are pulled by what changed last, and placements are listed by case.

CREATE INDEX referrals_updated ON referrals (service_id, updated_at, id);
CREATE INDEX cases_updated ON cases (service_id, updated_at, id);
CREATE INDEX organisations_updated ON organisations (service_id, updated_at, id);
CREATE INDEX placements_case ON placements (case_id, starts_on, id);
CREATE INDEX placements_updated ON placements (case_id, updated_at, id);
