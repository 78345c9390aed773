//! A TCP proxy that can stop forwarding without closing anything, as a network that drops packets.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Default)]
struct State {
    is_stalled: AtomicBool,
    has_ended: AtomicBool,
}

/// A proxy in front of one port of this machine.
pub struct Proxy {
    pub port: u16,
    state: Arc<State>,
}

impl Proxy {
    pub fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            while !shared.has_ended.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((inner, _)) => serve(inner, target, &shared),
                    Err(_) => std::thread::sleep(Duration::from_millis(5)),
                }
            }
        });
        Self { port, state }
    }

    /// From now on, nothing passes; new connections get no answer.
    pub fn stall(&self) {
        self.state.is_stalled.store(true, Ordering::Relaxed);
    }

    /// Forwards again, with what has waited.
    pub fn go_on(&self) {
        self.state.is_stalled.store(false, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.has_ended.store(true, Ordering::Relaxed);
    }
}

/// Forwards in both directions, on two threads.
fn serve(inner: TcpStream, target: u16, state: &Arc<State>) {
    let Ok(outer) = TcpStream::connect(("127.0.0.1", target)) else { return };
    for stream in [&inner, &outer] {
        let _ = stream.set_nonblocking(false);
        let _ = stream.set_nodelay(true);
        let _ = stream.set_read_timeout(Some(Duration::from_millis(20)));
    }
    let pairs = [(inner.try_clone(), outer.try_clone()), (Ok(outer), Ok(inner))];
    for (from, to) in pairs {
        let (Ok(from), Ok(to)) = (from, to) else { return };
        let state = Arc::clone(state);
        std::thread::spawn(move || forward(from, to, &state));
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, state: &State) {
    let mut part = vec![0; 64 * 1024];
    while !state.has_ended.load(Ordering::Relaxed) {
        if state.is_stalled.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        }
        match from.read(&mut part) {
            Ok(0) => break,
            Ok(length) => {
                // What was read just before the stall is not forwarded during it.
                while state.is_stalled.load(Ordering::Relaxed) && !state.has_ended.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(5));
                }
                if to.write_all(&part[..length]).is_err() {
                    break;
                }
            }
            Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {}
            Err(_) => break,
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
