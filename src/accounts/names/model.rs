//! Accounts whose names are read, and their names. Pure.

use std::collections::HashMap;

use crate::auth::PrincipalId;
use crate::db::Id;

/// The accounts whose names are to be read. A store reads them together with its rows.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// The users.
    pub users: Vec<Id>,
    /// The API clients.
    pub clients: Vec<Id>,
}

/// The names of accounts, by what columns store: `user:…`, `client:…`.
#[derive(Clone, Debug, Default)]
pub struct Names(HashMap<String, String>);

impl Names {
    /// Names that a store has read.
    pub fn new(users: Vec<(Id, String)>, clients: Vec<(Id, String)>) -> Self {
        let users = users.into_iter().map(|(id, name)| (PrincipalId::User(id).to_string(), name));
        let clients = clients.into_iter().map(|(id, name)| (PrincipalId::Client(id).to_string(), name));
        Self(users.chain(clients).collect())
    }

    /// These names and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The name of an author; none if the caller does not see it.
    pub fn of(&self, author: &str) -> Option<String> {
        self.0.get(author).cloned()
    }

    /// The name of a user; none if the caller does not see it.
    pub fn of_user(&self, user: Id) -> Option<String> {
        self.of(&PrincipalId::User(user).to_string())
    }
}
