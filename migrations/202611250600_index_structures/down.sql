DROP INDEX referrals_organisation;
