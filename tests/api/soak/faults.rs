//! Faults of a disk: the library of tests/faults/faults.c, preloaded into the program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

/// What fails.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Letters of tests/faults/faults.c.
    pub operations: &'static str,
    /// How many operations succeed first.
    pub skip: usize,
    /// How many fail then; 0: all.
    pub times: usize,
    pub error: DiskError,
}

/// An error of the operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskError {
    InputOutput = 5,
    Full = 28,
}

/// The compiled library and its control file.
pub struct Faults {
    directory: TempDir,
}

impl Faults {
    pub fn build() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/faults.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(directory.path().join("faults.so")).arg(source);
        let built = cc.output().expect("a C compiler");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Self { directory }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The settings of a program with the library.
    pub fn settings(&self) -> [(&'static str, String); 3] {
        let path = |name| self.file(name).to_string_lossy().into_owned();
        [("LD_PRELOAD", path("faults.so")), ("FAULTS_CONTROL", path("control")), ("FAULTS_CLOCK", path("clock"))]
    }

    /// From now on, this fails.
    pub fn arm(&self, fault: &Fault) {
        static GENERATION: AtomicUsize = AtomicUsize::new(1);
        let Fault { operations, skip, times, error } = fault;
        let generation = GENERATION.fetch_add(1, Ordering::Relaxed);
        let _ = std::fs::remove_file(self.file("control.hits"));
        self.replace("control", &format!("{generation} {operations} {skip} {times} {}\n", *error as i32));
    }

    /// Nothing fails any more.
    pub fn clear(&self) {
        let _ = std::fs::remove_file(self.file("control"));
    }

    /// How many operations failed since the fault was armed.
    pub fn hits(&self) -> u64 {
        self.file("control.hits").metadata().map_or(0, |metadata| metadata.len())
    }

    /// Moves the clock of the program by this many seconds from that of the machine.
    pub fn move_clock(&self, seconds: i64) {
        self.replace("clock", &seconds.to_string());
    }

    /// A reader sees the old file or the new one.
    fn replace(&self, name: &str, text: &str) {
        std::fs::write(self.file("new"), text).unwrap();
        std::fs::rename(self.file("new"), self.file(name)).unwrap();
    }
}
