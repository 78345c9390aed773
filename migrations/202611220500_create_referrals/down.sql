DROP TABLE referral_events;
DROP TABLE referral_agreements;
DROP TABLE referral_needs;
DROP TABLE referrals;
