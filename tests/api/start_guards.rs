//! What the program refuses to start on: a lost database, a damaged one, one that it cannot write to. And what commands
//! that only read leave as it is.

use std::collections::BTreeMap;
use std::fs::{Permissions, set_permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::harness::process::{Server, as_other_user, program, wait_until_chained};
use crate::harness::{Database, Engine};
use crate::main_job::accounts;

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// A deployment that was used and stopped.
struct Used {
    data: TempDir,
    database: Database,
    key: String,
}

impl Used {
    fn new(engine: Engine) -> Self {
        let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap().trim().to_owned();
        let used = Self { data: tempfile::tempdir().unwrap(), database: Database::empty(engine), key };
        let url = used.database.address();
        let settings = [("DATABASE_URL", url.as_str()), ("PASSERELLE_MASTER_KEY", used.key.as_str())];
        let mut server = Server::start_with(&used.data, &settings);
        accounts(&mut server);
        wait_until_chained(&used.data, &settings);
        server.signal("-TERM");
        assert_eq!(server.end().0, Some(0));
        if engine == Engine::Sqlite {
            // The whole database in its file.
            used.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        }
        used
    }

    fn command(&self, arguments: &[&str], url: &str) -> Command {
        let mut command = program(arguments);
        command.env("PASSERELLE_DATA_DIR", self.data.path()).env("DATABASE_URL", url);
        command.env("PASSERELLE_SANDBOX", "false").env("PASSERELLE_MASTER_KEY", &self.key);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments, &self.database.address()).output().unwrap()
    }
}

/// The sentence of a command that was refused, and that nothing was printed.
#[track_caller]
fn refused(output: &Output) -> String {
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{errors}");
    errors.lines().find(|line| line.starts_with("passerelle: ")).unwrap().to_owned()
}

/// The files of a directory, with their bytes.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).map(|path| (path.clone(), std::fs::read(&path).unwrap())).collect()
}

fn mode(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

for_both_engines! {
    fn an_empty_database_beside_heads_of_events_is_refused(engine: Engine) {
        let used = Used::new(engine);
        let empty = Database::empty(engine);
        for arguments in [&SERVE[..], &["migrate"], &["user", "invite", "--administrator"], &["restore", "confirm"]] {
            let sentence = refused(&used.command(arguments, &empty.address()).output().unwrap());
            assert!(sentence.contains("does not exist or is empty"), "{arguments:?}: {sentence}");
        }
        match engine {
            Engine::Sqlite => assert_eq!(files(empty.sqlite_directory()), BTreeMap::new()),
            Engine::Postgres => assert_eq!(empty.tables(), Vec::<String>::new()),
        }
        // A file that was emptied, and a database that was migrated and never used.
        if engine == Engine::Sqlite {
            std::fs::write(empty.sqlite_file(), "").unwrap();
            refused(&used.command(&SERVE, &empty.address()).output().unwrap());
        }
        passerelle::db::migrate(&empty.url()).unwrap();
        let sentence = refused(&used.command(&SERVE, &empty.address()).output().unwrap());
        assert!(sentence.contains("does not exist or is empty"), "{sentence}");
        assert_eq!(empty.count("deployment"), 0);
    }

    fn a_command_that_reads_changes_nothing(engine: Engine) {
        let used = Used::new(engine);
        let audit: &[&str] = &["audit", "verify"];
        let lists: [&[&str]; 4] = [&["user", "list"], &["client", "list"], &["keys", "list"], &["release", "audit"]];
        let tables = used.database.tables();
        // Of an earlier version.
        for sql in ["DROP TABLE restored_chains", "DROP TABLE restores", "DELETE FROM __diesel_schema_migrations WHERE version = '202611292301'"] {
            used.database.execute(sql).unwrap();
        }
        let before = (engine == Engine::Sqlite).then(|| files(used.database.sqlite_directory()));
        let verified = used.run(audit);
        assert!(verified.status.success(), "{verified:?}");
        for list in lists {
            assert!(refused(&used.run(list)).contains("lacks 1 migration(s)"), "{list:?}");
        }
        assert_eq!(used.database.tables().len() + 2, tables.len(), "nothing was migrated");
        assert_eq!(before, (engine == Engine::Sqlite).then(|| files(used.database.sqlite_directory())));

        // Of this version, on a server that accepts no writes.
        assert!(used.run(&["migrate"]).status.success());
        if let Database::Postgres { name, .. } = &used.database {
            used.database.execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).unwrap();
            let sentence = refused(&used.run(&SERVE));
            assert!(sentence.contains("is read-only: `default_transaction_read_only` is on"), "{sentence}");
        }
        for arguments in lists.into_iter().chain([audit]) {
            let output = used.run(arguments);
            assert!(output.status.success(), "{arguments:?}: {output:?}");
        }
    }
}

#[test]
fn a_damaged_file_is_refused() {
    let used = Used::new(Engine::Sqlite);
    let file = used.database.sqlite_file();
    let pages = file.metadata().unwrap().len() / 4096;
    let intact = std::fs::read(&file).unwrap();
    let mut damaged = 0;
    for page in (1..pages).step_by(7) {
        std::fs::write(&file, &intact).unwrap();
        let mut open = std::fs::File::options().write(true).open(&file).unwrap();
        open.seek(SeekFrom::Start(page * 4096)).unwrap();
        open.write_all(&[0x55; 4096]).unwrap();
        drop(open);
        let sentence = refused(&used.run(&SERVE));
        assert!(sentence.contains("is damaged: ") && sentence.contains("restore a backup"), "page {page}: {sentence}");
        damaged += 1;
    }
    assert!(damaged > 10, "{pages} pages");
    std::fs::write(&file, "not a database, though long enough to be looked at as one. ".repeat(50)).unwrap();
    let sentence = refused(&used.run(&SERVE));
    assert!(sentence.contains("file is not a database"), "{sentence}");
}

#[test]
fn a_file_or_a_directory_that_cannot_be_written_is_refused() {
    let used = Used::new(Engine::Sqlite);
    let (file, directory) = (used.database.sqlite_file(), used.database.sqlite_directory());
    let heads = used.data.path().join("audit-heads.jsonl");
    let run = |arguments: &[&str]| {
        let mut command = used.command(arguments, &used.database.address());
        let all = [directory, used.data.path()].map(Path::to_owned);
        let all: Vec<PathBuf> = all.iter().flat_map(|of| files(of).into_keys()).chain(all.clone()).collect();
        as_other_user(&mut command, &all.iter().map(PathBuf::as_path).collect::<Vec<_>>());
        command.output().unwrap()
    };
    mode(&file, 0o400);
    for arguments in [&SERVE[..], &["user", "invite", "--administrator"]] {
        let sentence = refused(&run(arguments));
        assert!(sentence.contains("does not accept writes: attempt to write a readonly database"), "{sentence}");
    }
    mode(&file, 0o600);
    mode(directory, 0o500);
    for arguments in [&SERVE[..], &["user", "invite", "--administrator"]] {
        let sentence = refused(&run(arguments));
        assert!(sentence.contains("cannot write to the directory"), "{sentence}");
    }
    // The journal of a copy on a read-only file system is verified as it is.
    mode(&file, 0o400);
    mode(&heads, 0o400);
    mode(used.data.path(), 0o500);
    let before = files(directory);
    for arguments in [&["audit", "verify"][..], &["user", "list"]] {
        let output = run(arguments);
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(files(directory), before);
    mode(directory, 0o700);
    mode(used.data.path(), 0o700);
}

/// A program that was killed leaves its last changes in the write-ahead log: a reader must see them.
#[test]
fn a_copy_with_a_write_ahead_log_is_read_whole_or_refused() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(&data);
    accounts(&mut server);
    let settings = [("PASSERELLE_SANDBOX", "false")];
    wait_until_chained(&data, &settings);
    server.signal("-KILL");
    server.end();
    let length = |name: &str| data.path().join(name).metadata().map_or(0, |file| file.len());
    assert!(length("passerelle.sqlite3-wal") > 0);
    std::fs::remove_file(data.path().join("passerelle.sqlite3-shm")).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = program(arguments);
        command.env("PASSERELLE_DATA_DIR", data.path());
        let paths: Vec<PathBuf> = files(data.path()).into_keys().chain([data.path().to_owned()]).collect();
        as_other_user(&mut command, &paths.iter().map(PathBuf::as_path).collect::<Vec<_>>());
        command.output().unwrap()
    };
    let before = (length("passerelle.sqlite3"), length("passerelle.sqlite3-wal"));
    mode(data.path(), 0o500);
    let sentence = refused(&run(&["audit", "verify"]));
    assert!(sentence.contains("copy the database with its -wal file"), "{sentence}");
    mode(data.path(), 0o700);
    let output = run(&["audit", "verify"]);
    assert!(output.status.success(), "{output:?}");
    assert!(!String::from_utf8_lossy(&output.stdout).starts_with("0 event(s)"), "{output:?}");
    assert_eq!((length("passerelle.sqlite3"), length("passerelle.sqlite3-wal")), before, "the log stays as it was");
}

#[test]
fn a_command_that_reads_creates_no_database() {
    let data = tempfile::tempdir().unwrap();
    for arguments in [&["user", "list"][..], &["audit", "verify"]] {
        let output = program(arguments).env("PASSERELLE_DATA_DIR", data.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("there is no database"), "{output:?}");
    }
    assert_eq!(files(data.path()), BTreeMap::new());
}

#[test]
fn garbled_heads_are_refused_and_a_restore_needs_a_database() {
    let used = Used::new(Engine::Sqlite);
    let heads = used.data.path().join("audit-heads.jsonl");
    std::fs::write(&heads, "garbage\n").unwrap();
    let before = files(used.data.path());
    for url in [used.database.address(), format!("sqlite:{}", used.data.path().join("lost.sqlite3").display())] {
        let sentence = refused(&used.command(&SERVE, &url).output().unwrap());
        assert!(sentence.contains("audit-heads.jsonl is a head of the audit journal"), "{sentence}");
    }
    assert_eq!(files(used.data.path()), before);

    let elsewhere = tempfile::tempdir().unwrap();
    let nowhere = elsewhere.path().join("nowhere");
    let mut confirm = program(&["restore", "confirm"]);
    confirm.env("PASSERELLE_DATA_DIR", &nowhere).env_remove("DATABASE_URL");
    let sentence = refused(&confirm.output().unwrap());
    assert!(sentence.contains("there is no database at sqlite:"), "{sentence}");
    assert!(!nowhere.exists());
}
