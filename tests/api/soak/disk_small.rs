//! A file system of 60 MB that fills up under 24 writers. In the long version only, and only where the user may mount.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::http::Connection;
use super::ledger::{Ledger, write_during};
use super::world::{Store, World};
use super::{assert_none, is_long, print_figures, rounds, spread, wait_until};

/// A mounted file system in memory, unmounted when it is dropped.
struct Small {
    directory: tempfile::TempDir,
}

impl Small {
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=60m", "tmpfs"]).arg(directory.path()).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self { directory }),
            refused => {
                eprintln!("skipped: this user may not mount a file system: {refused:?}");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Takes all space but this many kilobytes.
    fn fill(&self, free: u64) {
        let output = Command::new("df").args(["--output=avail", "-k"]).arg(self.path()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let available: u64 = text.lines().nth(1).unwrap().trim().parse().unwrap();
        let ballast = vec![0; usize::try_from(available.saturating_sub(free) * 1024).unwrap()];
        std::fs::write(self.path().join("ballast"), ballast).unwrap();
    }

    fn empty(&self) {
        let _ = std::fs::remove_file(self.path().join("ballast"));
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

#[test]
fn a_file_system_that_fills_up_loses_nothing() {
    if !is_long() {
        return;
    }
    let Some(small) = Small::mount() else { return };
    let file = small.path().join("passerelle.sqlite3");
    let address = format!("sqlite:{}", file.display());
    let (mut world, mut server) = World::begin(Store::File(file), &address, 12, &[]);
    (world.writers, world.has_long_texts) = (24, true);
    let mut ledger = Ledger::of_stored(&world);
    let (mut lost, mut unsaid, mut filled, mut unready, mut restarts) = (0, 0, 0, 0, 0);
    let mut healed = Vec::new();
    for round in rounds(8) {
        if round % 20 == 19 {
            world.renew(&server);
        }
        small.fill([200, 500, 1000, 1500][round % 4]);
        let (written, was_unready) = write_during(&world, &server.address, || {
            let mut caller = Connection::to(&server.address).with_patience(Duration::from_secs(10));
            wait_until(Duration::from_secs(4), || caller.status("/health/ready") == 503).is_some()
        });
        filled += usize::from(written.count("503") + written.count("500") > 0);
        unready += usize::from(was_unready);
        ledger.add(written);
        small.empty();
        let (written, back) = write_during(&world, &server.address, || {
            let mut caller = Connection::to(&server.address).with_patience(Duration::from_secs(10));
            let back = wait_until(Duration::from_secs(10), || caller.status("/health/ready") == 200);
            std::thread::sleep(Duration::from_secs(1));
            back
        });
        let writes_again = written.total() > 0;
        ledger.add(written);
        if let Some(back) = back.filter(|_| writes_again) {
            healed.push(back);
        } else {
            ledger.faults.push(format!("round {round}: not healed"));
            restarts += 1;
            server = world.start();
        }
        ledger.settle(&world, &server.address);
        let found = ledger.compare(&world, &format!("round {round}"));
        (lost, unsaid) = (lost + found.0, unsaid + found.1);
        let size = std::fs::metadata(small.path().join("passerelle.sqlite3")).map_or(0, |file| file.len());
        if size > 40 << 20 || restarts > 10 {
            break;
        }
    }
    let figures = [
        ("rounds in which a write was refused", filled.to_string()),
        ("acknowledged", ledger.total().to_string()),
        ("responses", ledger.outcomes()),
        ("acknowledged and not stored", lost.to_string()),
        ("refused and stored", unsaid.to_string()),
        ("rounds in which readiness failed", unready.to_string()),
        ("ready after there is space again", spread(&healed)),
        ("did not heal without a restart", restarts.to_string()),
    ];
    print_figures("disk: a file system of 60 MB", &figures);
    assert!(filled > 0, "the file system did not fill up");
    assert_none(&ledger.faults);
}
