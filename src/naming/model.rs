//! The names that rows ask for, and those that were found. Pure.

use std::collections::{BTreeSet, HashMap};

use crate::accounts::names::model::Names as AccountNames;
use crate::auth::PrincipalId;
use crate::db::Id;
use crate::privacy::Secret;

/// A response that shows names beside its identifiers.
pub trait Named {
    /// Names every identifier that it shows. It is called twice: the first time, `names` learns what to look for; the second
    /// time, it fills the names in.
    fn show_names(&mut self, names: &mut Names);
}

/// The objects whose names are to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Organisations of the directory.
    pub organisations: BTreeSet<Id>,
    /// Kits.
    pub kits: BTreeSet<Id>,
    /// Copies of kits.
    pub copies: BTreeSet<Id>,
    /// Items of kits.
    pub items: BTreeSet<Id>,
    /// Conventions.
    pub conventions: BTreeSet<Id>,
    /// Collective actions.
    pub actions: BTreeSet<Id>,
    /// Cases: the name of the child or of the structure.
    pub cases: BTreeSet<Id>,
    /// Children.
    pub children: BTreeSet<Id>,
    /// Households: the names of their children.
    pub households: BTreeSet<Id>,
    /// Users and clients, as columns store them.
    pub accounts: BTreeSet<String>,
}

/// The names that were read and that the caller may see.
#[derive(Debug, Default)]
pub struct Known {
    /// Names of organisations.
    pub organisations: HashMap<Id, String>,
    /// Titles of kits, in the language of the call.
    pub kits: HashMap<Id, String>,
    /// Labels of copies.
    pub copies: HashMap<Id, String>,
    /// Titles of their kits, in the language of the call.
    pub kits_of_copies: HashMap<Id, String>,
    /// Labels of items, in the language of the call.
    pub items: HashMap<Id, String>,
    /// Names of the local authorities of conventions.
    pub conventions: HashMap<Id, String>,
    /// Titles of actions.
    pub actions: HashMap<Id, String>,
    /// Names of the children or structures of cases.
    pub cases: HashMap<Id, Secret<String>>,
    /// Names of children.
    pub children: HashMap<Id, Secret<String>>,
    /// Names of households.
    pub households: HashMap<Id, Secret<String>>,
    /// Names of users and clients.
    pub accounts: AccountNames,
}

/// What rows ask for, then what they show.
#[derive(Debug)]
pub enum Names {
    /// The rows say what they need.
    Asked(Box<Wanted>),
    /// The rows get what was found.
    Found(Box<Known>),
}

macro_rules! names {
    ($($(#[$meta:meta])* $name:ident in $kind:ident: $text:ty;)+) => {$(
        $(#[$meta])*
        pub fn $name(&mut self, id: Option<Id>, name: &mut Option<$text>) {
            let Some(id) = id else { return };
            match self {
                Self::Asked(wanted) => drop(wanted.$kind.insert(id)),
                Self::Found(known) => *name = known.$kind.get(&id).cloned(),
            }
        }
    )+};
}

impl Names {
    names! {
        /// The name of an organisation.
        organisation in organisations: String;
        /// The title of a kit.
        kit in kits: String;
        /// The label of a copy.
        copy in copies: String;
        /// The label of an item.
        item in items: String;
        /// The local authority of a convention.
        convention in conventions: String;
        /// The title of an action.
        action in actions: String;
        /// The child or the structure of a case.
        case in cases: Secret<String>;
        /// The name of a child.
        child in children: Secret<String>;
        /// The names of the children of a household.
        household in households: Secret<String>;
    }

    /// The title of the kit of a copy.
    pub fn kit_of_copy(&mut self, copy: Id, title: &mut Option<String>) {
        match self {
            Self::Asked(wanted) => drop(wanted.copies.insert(copy)),
            Self::Found(known) => *title = known.kits_of_copies.get(&copy).cloned(),
        }
    }

    /// The name of a user or a client, as columns store it: `user:…`, `client:…`.
    pub fn author(&mut self, author: Option<&str>, name: &mut Option<String>) {
        let Some(author) = author else { return };
        match self {
            Self::Asked(wanted) => drop(wanted.accounts.insert(author.to_owned())),
            Self::Found(known) => *name = known.accounts.of(author),
        }
    }

    /// The name of a user.
    pub fn user(&mut self, user: Option<Id>, name: &mut Option<String>) {
        let user = user.map(|user| PrincipalId::User(user).to_string());
        self.author(user.as_deref(), name);
    }
}

impl<T: Named> Named for Vec<T> {
    fn show_names(&mut self, names: &mut Names) {
        for one in self {
            one.show_names(names);
        }
    }
}

impl<T: Named> Named for Option<T> {
    fn show_names(&mut self, names: &mut Names) {
        if let Some(one) = self {
            one.show_names(names);
        }
    }
}

impl<A: Named, B: Named> Named for (A, B) {
    fn show_names(&mut self, names: &mut Names) {
        self.0.show_names(names);
        self.1.show_names(names);
    }
}

/// The name of a household: the names of its children.
pub fn household_name(children: &[Secret<String>]) -> Secret<String> {
    let mut names: Vec<&str> = children.iter().map(|name| name.reveal().as_str()).collect();
    names.sort_unstable();
    Secret::new(names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row {
        kit_id: Id,
        kit_title: Option<String>,
    }

    impl Named for Row {
        fn show_names(&mut self, names: &mut Names) {
            names.kit(Some(self.kit_id), &mut self.kit_title);
        }
    }

    #[test]
    fn rows_ask_once_for_each_object_and_get_what_was_found() {
        let (known, unknown) = (Id::from(uuid::Uuid::from_u128(1)), Id::from(uuid::Uuid::from_u128(2)));
        let row = |kit_id| Row { kit_id, kit_title: None };
        let mut rows = vec![row(known), row(known), row(unknown)];
        let mut names = Names::Asked(Box::default());
        rows.show_names(&mut names);
        let Names::Asked(wanted) = names else { panic!("still asking") };
        assert_eq!(wanted.kits, BTreeSet::from([known, unknown]));
        let kits = HashMap::from([(known, "Sensorielle".to_owned())]);
        rows.show_names(&mut Names::Found(Box::new(Known { kits, ..Known::default() })));
        let titles: Vec<_> = rows.into_iter().map(|row| row.kit_title).collect();
        assert_eq!(titles, [Some("Sensorielle".to_owned()), Some("Sensorielle".to_owned()), None]);
    }

    #[test]
    fn a_household_has_the_names_of_its_children() {
        let names = [Secret::new("Zoé Exemple".to_owned()), Secret::new("Noé Exemple".to_owned())];
        assert_eq!(household_name(&names).reveal(), "Noé Exemple, Zoé Exemple");
    }
}
