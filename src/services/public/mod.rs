//! The rules of the public: who and what is in the scope of a service. One set of rules, asked at every door:
//! referrals, interventions, appointments, collective actions, loans of kits, structures and referents.
//!
//! | rule | asked by | a breach |
//! |---|---|---|
//! | age, territory | referrals | binds at the acceptance; an override with a reason sets it aside |
//! | childcare groups | referrals | likewise |
//! | school time and school staff, bridges excepted | referrals | likewise |
//! | | interventions, appointments, actions, loans, referents | is refused |
//! | territory | loans | is a warning: a loan is not an accompaniment |
//! | the family's agreement | redirections, interventions and appointments with a partner | is refused |
//! | who may give an agreement | referrals | is refused |
//! | which organisations offer a type of childcare | placements | is refused |
//!
//! The codes that the rules speak of are attributes of the code lists (`data/nomenclatures.json`): a new kind of school
//! or of bridge changes the data and not the code.

pub mod model;
