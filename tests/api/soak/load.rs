//! A load generator: one thread, raw HTTP on connections that are kept open.
//!
//! Closed: each connection sends its next request after the response. Open: requests arrive at a rate, whatever the
//! program does. Their times count from the instant at which they were to arrive.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use actix_web::rt::{System, spawn, time};

use super::http::{has_retry_after, parse_head};

/// One request.
#[derive(Clone, Debug)]
pub struct Shot {
    /// When the response was complete, since the start.
    pub end: Duration,
    /// Since the instant at which the request was to be sent.
    pub took: Duration,
    /// How late it was sent.
    pub late: Duration,
    /// 0 if there was no response.
    pub status: u16,
    pub has_retry_after: bool,
}

/// Makes the bytes of a request from its number.
pub type Make = Rc<dyn Fn(u64) -> Vec<u8>>;

async fn send(stream: &TcpStream, request: &[u8]) -> io::Result<()> {
    let mut sent = 0;
    while sent < request.len() {
        stream.writable().await?;
        match stream.try_write(&request[sent..]) {
            Ok(length) => sent += length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Sends a request and reads the response: its status, and whether it says when to try again.
async fn exchange(stream: &TcpStream, request: &[u8]) -> io::Result<(u16, bool)> {
    send(stream, request).await?;
    let (mut received, mut part) = (Vec::with_capacity(4096), vec![0; 16 * 1024]);
    loop {
        if let Some((head, length)) = parse_head(&received)
            && received.len() >= head + length
        {
            let head = String::from_utf8_lossy(&received[..head]);
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
            return Ok((status.unwrap_or_default(), has_retry_after(&head)));
        }
        stream.readable().await?;
        match stream.try_read(&mut part) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => received.extend_from_slice(&part[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

async fn connect(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Each connection sends one request after the other.
pub fn closed(address: &str, connections: usize, duration: Duration, first: u64, make: &Make) -> Vec<Shot> {
    System::new().block_on(async {
        let (shots, number, started) = (Rc::<RefCell<Vec<Shot>>>::default(), Rc::new(Cell::new(first)), Instant::now());
        let callers = (0..connections).map(|_| {
            let (shots, number, make, address) =
                (Rc::clone(&shots), Rc::clone(&number), Rc::clone(make), address.to_owned());
            spawn(async move {
                let mut stream = None;
                while started.elapsed() < duration {
                    let request = make(number.replace(number.get() + 1));
                    let begun = Instant::now();
                    let open = match stream.take() {
                        Some(open) => Ok(open),
                        None => connect(&address).await,
                    };
                    let outcome = match open {
                        Ok(open) => exchange(&open, &request).await.inspect(|_| stream = Some(open)),
                        Err(error) => Err(error),
                    };
                    let (status, has_retry_after) = outcome.unwrap_or_default();
                    shots.borrow_mut().push(Shot {
                        end: started.elapsed(),
                        took: begun.elapsed(),
                        late: Duration::ZERO,
                        status,
                        has_retry_after,
                    });
                }
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            let _ = caller.await;
        }
        shots.take()
    })
}

/// What open arrivals share.
struct Arrivals {
    address: String,
    idle: RefCell<Vec<(TcpStream, Instant)>>,
    open: Cell<usize>,
    shots: RefCell<Vec<Shot>>,
}

/// Requests arrive at this rate. Returns the responses, and how many requests were not sent because all connections were
/// in use.
pub fn open(
    address: &str,
    rate: f64,
    duration: Duration,
    connections: usize,
    first: u64,
    make: &Make,
) -> (Vec<Shot>, usize) {
    System::new().block_on(async {
        let arrivals = Rc::new(Arrivals {
            address: address.to_owned(),
            idle: RefCell::default(),
            open: Cell::new(0),
            shots: RefCell::default(),
        });
        let (started, mut sent, mut unsent) = (Instant::now(), 0_u32, 0);
        let mut waiting = Vec::new();
        while started.elapsed() < duration {
            time::sleep(Duration::from_millis(2)).await;
            let due = started.elapsed().min(duration).as_secs_f64() * rate;
            while f64::from(sent) < due {
                let at = Duration::from_secs_f64(f64::from(sent) / rate);
                sent += 1;
                if arrivals.idle.borrow().is_empty() && arrivals.open.get() >= connections {
                    unsent += 1;
                    continue;
                }
                let request = make(first + u64::from(sent));
                waiting.push(spawn(arrive(Rc::clone(&arrivals), request, started, at)));
            }
        }
        for one in waiting {
            let _ = time::timeout(Duration::from_mins(2), one).await;
        }
        (arrivals.shots.take(), unsent)
    })
}

async fn arrive(arrivals: Rc<Arrivals>, request: Vec<u8>, started: Instant, at: Duration) {
    let late = started.elapsed().saturating_sub(at);
    // The program closes a connection that was idle for five seconds.
    let mut reused = loop {
        match arrivals.idle.borrow_mut().pop() {
            Some((stream, used)) if used.elapsed() < Duration::from_secs(3) => break Some(stream),
            Some(_) => arrivals.open.set(arrivals.open.get() - 1),
            None => break None,
        }
    };
    if reused.is_none() {
        arrivals.open.set(arrivals.open.get() + 1);
        reused = connect(&arrivals.address).await.ok();
    }
    let outcome = match reused {
        Some(stream) => exchange(&stream, &request).await.ok().map(|outcome| (outcome, stream)),
        None => None,
    };
    let end = started.elapsed();
    let (status, has_retry_after) = if let Some((outcome, stream)) = outcome {
        arrivals.idle.borrow_mut().push((stream, Instant::now()));
        outcome
    } else {
        arrivals.open.set(arrivals.open.get() - 1);
        (0, false)
    };
    let shot = Shot { end, took: end.saturating_sub(at), late, status, has_retry_after };
    arrivals.shots.borrow_mut().push(shot);
}
