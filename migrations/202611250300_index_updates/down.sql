DROP INDEX placements_updated;
DROP INDEX placements_case;
DROP INDEX organisations_updated;
DROP INDEX cases_updated;
DROP INDEX referrals_updated;
