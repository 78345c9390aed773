//! The clock of the machine jumps under the real program, as the preloaded library of tests/faults/faults.c lets it see:
//! by an hour and by a day, back again during writes, and over both changes of summer time.

use std::time::Duration;

use chrono::{DateTime, Datelike, Utc};

use super::crash::finish;
use super::faults::Faults;
use super::ledger::{Ledger, write_during};
use super::world::World;
use super::{rounds, short_or_long};

/// Seconds from now to a second before an instant of the coming year.
fn until(instant: &str) -> i64 {
    let instant: DateTime<Utc> = format!("{}-{instant}", Utc::now().year() + 1).parse().unwrap();
    (instant - Utc::now()).num_seconds() - 1
}

/// The last Sunday of a month, at one o'clock UTC.
fn last_sunday(month: u32) -> String {
    let year = Utc::now().year() + 1;
    let last = chrono::NaiveDate::from_ymd_opt(year, month, 31).unwrap();
    let day = 31 - last.weekday().num_days_from_sunday();
    format!("{month:02}-{day:02}T01:00:00Z")
}

for_both_engines! {
    fn a_clock_that_jumps_under_the_program_loses_nothing(engine: Engine) {
        let faults = Faults::build();
        let settings = faults.settings();
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (mut world, server) = World::on(engine, short_or_long(3, 12), &settings);
        let mut ledger = Ledger::of_stored(&world);
        let pause = || std::thread::sleep(Duration::from_millis(short_or_long(150, 1500)));
        let mut jumps = 0;
        for round in rounds(1) {
            // Forward with a new token, then back while the writers write.
            for (forward, back) in [(3600, 0), (86_400, 82_800), (82_800, 0), (0, -3600)] {
                faults.move_clock(forward);
                pause();
                world.renew(&server);
                let (written, ()) = write_during(&world, &server.address, || {
                    pause();
                    faults.move_clock(back);
                    pause();
                });
                jumps += 2;
                ledger.add(written);
            }
            for change in [last_sunday(3), last_sunday(10)] {
                faults.move_clock(until(&change));
                std::thread::sleep(Duration::from_millis(100));
                world.renew(&server);
                let (written, ()) = write_during(&world, &server.address, || std::thread::sleep(Duration::from_millis(short_or_long(1600, 6000))));
                jumps += 1;
                ledger.add(written);
            }
            faults.move_clock(0);
            pause();
            world.renew(&server);
            ledger.settle(&world, &server.address);
            ledger.compare(&world, &format!("round {round}"));
        }
        // The kits were asked for on a day that a moved clock has in its past.
        ledger.faults.retain(|fault| !fault.starts_with("Reservation: 422"));
        let figures = [("jumps", jumps.to_string())];
        finish(&format!("clock: {engine:?}, the clock of the machine"), &world, &server, &mut ledger, &figures);
    }
}
