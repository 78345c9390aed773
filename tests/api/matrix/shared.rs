//! Fixtures shared by the allowed calls of many operations. Making a fixture takes a hundred calls, so one is used
//! until the state that earlier calls left it in does not allow an operation.

use std::collections::HashMap;
use std::rc::Rc;

use super::fixture::{Contents, Fixture};
use super::recipes::{Recipe, recipe};
use crate::harness::contract::Operation;
use crate::harness::{Caller, Response, TestApp};

/// The fixtures in use.
pub struct Shared<'a> {
    app: &'a TestApp,
    administrator: Caller,
    everything: Rc<Fixture>,
    newer: HashMap<Contents, Rc<Fixture>>,
    made: usize,
}

impl<'a> Shared<'a> {
    /// Begins with one fixture that has everything.
    pub async fn new(app: &'a TestApp) -> Self {
        let administrator = app.administrator().await;
        let everything = Rc::new(Fixture::new(app, Contents::Everything).await);
        Self { app, administrator, everything, newer: HashMap::new(), made: 1 }
    }

    /// The fixture with everything.
    pub fn everything(&self) -> Rc<Fixture> {
        Rc::clone(&self.everything)
    }

    /// The administrator of the deployment.
    pub fn administrator(&self) -> &Caller {
        &self.administrator
    }

    /// The operations in an order in which few calls prevent a later one: reads, creations, the other writes, removals.
    pub fn ordered(mut operations: Vec<Operation>) -> Vec<Operation> {
        operations.sort_by_key(|operation| match operation.method.as_str() {
            "GET" => 0,
            "POST" if operation.said["responses"].get("201").is_some() => 1,
            "DELETE" => 3,
            _ => 2,
        });
        operations
    }

    /// Makes the allowed call of an operation, which must succeed: on the fixture in use or, if earlier calls prevent
    /// it there, on a new one.
    pub async fn allowed(
        &mut self,
        operation: &Operation,
        make: impl AsyncFn(&Caller, &Recipe) -> Response,
    ) -> Response {
        let name = format!("{} {}", operation.method, operation.path);
        let contents = Contents::of_tag(operation.said["tags"][0].as_str().unwrap());
        let used = Rc::clone(self.newer.get(&contents).unwrap_or(&self.everything));
        let (response, status) = self.tried(operation, &used, &make).await;
        if response.status == status {
            return response;
        }
        let new = Rc::new(Fixture::new(self.app, contents).await);
        self.newer.insert(contents, Rc::clone(&new));
        self.made += 1;
        let (again, status) = self.tried(operation, &new, &make).await;
        assert_eq!(again.status, status, "{name}: {}", again.text());
        again
    }

    async fn tried(
        &self,
        operation: &Operation,
        fixture: &Fixture,
        make: &impl AsyncFn(&Caller, &Recipe) -> Response,
    ) -> (Response, u16) {
        let recipe = recipe(operation.said["operationId"].as_str().unwrap(), fixture).expect("a recipe");
        let caller = if recipe.by_administrator { &self.administrator } else { &fixture.manager };
        let caller = if operation.is_public() { &self.app.anonymous() } else { caller };
        let response = make(caller, &recipe).await;
        (response, recipe.status)
    }

    /// The number of fixtures that were made.
    pub fn made(&self) -> usize {
        self.made
    }
}
