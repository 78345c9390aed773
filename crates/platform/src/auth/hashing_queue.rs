//! The queue for hashing passwords, shared fairly between subscribers.
//!
//! A hash takes 19 MiB and tens of milliseconds, so few run at once and the others wait. Each subscriber has a queue of its
//! own, and the queues take turns. When too many wait, the subscriber with the longest queue gives way: a flood
//! from one subscriber costs others one turn, and never their place.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use passerelle_base::subscriber::Subscriber;

/// Queues in front of a few permits.
pub(super) struct Queue {
    state: Mutex<State>,
    permits: usize,
    room: usize,
}

struct State {
    /// Permits that are held, or on their way to a waiter.
    held: usize,
    waiting: usize,
    /// The subscribers who wait, in the order of their turns. `None` stands for all callers without a known address.
    turns: VecDeque<(Option<Subscriber>, VecDeque<Waiter>)>,
}

struct Waiter(oneshot::Sender<Permit>);

/// The right to hash one password.
pub(super) struct Permit(&'static Queue);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Queue {
    /// A queue for so many permits, in which so many may wait.
    pub(super) const fn new(permits: usize, room: usize) -> Self {
        Self { state: Mutex::new(State { held: 0, waiting: 0, turns: VecDeque::new() }), permits, room }
    }

    /// Waits for a permit; `None` if there is no room, or none any more.
    pub(super) async fn permit(&'static self, caller: Option<Subscriber>) -> Option<Permit> {
        let turn = {
            let mut state = self.state();
            if state.held < self.permits {
                state.held += 1;
                return Some(Permit(self));
            }
            if state.waiting >= self.room && !state.make_room(caller) {
                return None;
            }
            let (waiter, turn) = oneshot::channel();
            state.push(caller, Waiter(waiter));
            turn
        };
        turn.await.ok()
    }

    /// Gives a permit that was held to the next waiter.
    fn release(&'static self) {
        let unused = {
            let mut state = self.state();
            state.held -= 1;
            match state.next() {
                None => return,
                Some(waiter) => {
                    state.held += 1;
                    waiter.0.send(Permit(self)).err()
                }
            }
        };
        // The waiter has left: its permit, dropped outside the lock, goes to the next one.
        drop(unused);
    }

    /// A poisoned lock still guards a usable queue: no operation on it stops halfway.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, caller: Option<Subscriber>, waiter: Waiter) {
        self.waiting += 1;
        match self.turns.iter_mut().find(|(subscriber, _)| *subscriber == caller) {
            Some((_, queue)) => queue.push_back(waiter),
            None => self.turns.push_back((caller, VecDeque::from([waiter]))),
        }
    }

    /// The first waiter of the subscriber whose turn it is.
    fn next(&mut self) -> Option<Waiter> {
        let (subscriber, mut queue) = self.turns.pop_front()?;
        let waiter = queue.pop_front();
        if !queue.is_empty() {
            self.turns.push_back((subscriber, queue));
        }
        self.waiting -= usize::from(waiter.is_some());
        waiter
    }

    /// Refuses the last waiter of the longest queue, unless the caller's own would then be as long.
    fn make_room(&mut self, caller: Option<Subscriber>) -> bool {
        let own = self.turns.iter().find(|(subscriber, _)| *subscriber == caller).map_or(0, |(_, queue)| queue.len());
        let Some((_, longest)) = self.turns.iter_mut().max_by_key(|(_, queue)| queue.len()) else { return false };
        if longest.len() <= own + 1 {
            return false;
        }
        // Dropping its sender tells the waiter that it is refused.
        longest.pop_back();
        self.waiting -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use futures_util::FutureExt;

    use crate::auth::hashing_queue::*;

    fn subscriber(last: u8) -> Subscriber {
        Subscriber::of(Ipv4Addr::new(192, 0, 2, last).into())
    }

    fn queue(room: usize) -> &'static Queue {
        Box::leak(Box::new(Queue::new(1, room)))
    }

    #[actix_web::test]
    async fn subscribers_take_turns() {
        let queue = queue(8);
        let first = queue.permit(Some(subscriber(1))).await.unwrap();
        let mut flood: Vec<_> = (0..3).map(|_| Box::pin(queue.permit(Some(subscriber(1))))).collect();
        assert!(flood.iter_mut().all(|one| one.now_or_never().is_none()));
        let mut other = Box::pin(queue.permit(Some(subscriber(2))));
        assert!((&mut other).now_or_never().is_none());
        drop(first);
        let second = (&mut flood[0]).now_or_never().unwrap().unwrap();
        assert!((&mut other).now_or_never().is_none());
        drop(second);
        // Two more of the flood came before, but it is the other subscriber's turn.
        let third = (&mut other).now_or_never().unwrap().unwrap();
        // A waiter that has left loses its turn to the next.
        drop(flood.remove(1));
        drop(third);
        assert!((&mut flood[1]).now_or_never().unwrap().is_some());
    }

    #[actix_web::test]
    async fn a_full_queue_refuses_the_subscriber_with_the_longest() {
        let queue = queue(4);
        let held = queue.permit(None).await.unwrap();
        let mut flood: Vec<_> = (0..4).map(|_| Box::pin(queue.permit(Some(subscriber(1))))).collect();
        assert!(flood.iter_mut().all(|one| one.now_or_never().is_none()));
        assert!(queue.permit(Some(subscriber(1))).await.is_none(), "the flood has no more room");
        let mut others: Vec<_> = (2..4).map(|last| Box::pin(queue.permit(Some(subscriber(last))))).collect();
        assert!(others.iter_mut().all(|one| one.now_or_never().is_none()), "another subscriber has room");
        assert!((&mut flood[3]).now_or_never().unwrap().is_none() && (&mut flood[2]).now_or_never().unwrap().is_none());
        // The longest queue has two: a second place would be no fairer.
        assert!(queue.permit(Some(subscriber(2))).await.is_none());
        drop(held);
        assert!((&mut flood[0]).now_or_never().unwrap().is_some());
        assert!((&mut others[0]).now_or_never().unwrap().is_some());
        assert!((&mut others[1]).now_or_never().unwrap().is_some());
        let state = queue.state();
        assert_eq!((state.waiting, state.held), (0, 1), "the next of the flood has its turn");
    }
}
