//! What the program refuses or warns of on its own machine: files that others may write, secrets that others may read,
//! output that cannot be written.

use std::fs::{File, Permissions, set_permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::harness::process::{Server, program};

fn mode(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn command(data: &TempDir, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command.env("PASSERELLE_DATA_DIR", data.path()).env("PASSERELLE_SANDBOX", "false");
    command
}

#[track_caller]
fn errors(output: &Output, code: i32) -> String {
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    errors
}

/// A data directory that was used once.
fn used() -> TempDir {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data);
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));
    data
}

#[test]
fn a_file_that_others_may_write_is_not_used() {
    let data = used();
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let writing: [&[&str]; 3] = [&serve, &["migrate"], &["user", "invite", "--administrator"]];
    let at = |name: &str| data.path().join(name);
    for (name, own_mode) in [("passerelle.sqlite3", 0o600), ("audit-heads.jsonl", 0o600), ("", 0o700)] {
        for others in [0o020, 0o002, 0o1002] {
            mode(&at(name), own_mode | others);
            for arguments in writing {
                let sentence = errors(&command(&data, arguments).output().unwrap(), 2);
                assert!(sentence.contains("others may write the") && sentence.contains("chmod go-w"), "{sentence}");
            }
        }
        mode(&at(name), own_mode);
    }
    // A key file that others may write is refused even to commands that only read.
    mode(&at("master.key"), 0o620);
    for arguments in [&serve[..], &["user", "list"], &["audit", "verify"]] {
        let sentence = errors(&command(&data, arguments).output().unwrap(), 2);
        assert!(sentence.contains("others may write the key file"), "{arguments:?}: {sentence}");
    }
    let given = data.path().join("given.key");
    std::fs::copy(at("master.key"), &given).unwrap();
    mode(&given, 0o606);
    let output = command(&data, &["user", "list"]).env("PASSERELLE_MASTER_KEY_FILE", &given).output().unwrap();
    assert!(errors(&output, 2).contains("others may write the key file"));
    mode(&given, 0o600);
    assert!(command(&data, &["user", "list"]).env("PASSERELLE_MASTER_KEY_FILE", &given).status().unwrap().success());
}

#[test]
fn a_secret_of_the_command_line_does_not_go_unnoticed() {
    let data = used();
    let key = std::fs::read_to_string(data.path().join("master.key")).unwrap();
    let as_flag = command(&data, &["user", "list", "--master-key", key.trim()]).output().unwrap();
    let warning = errors(&as_flag, 0);
    assert!(warning.contains("can read the master key in --master-key") && !warning.contains(key.trim()), "{warning}");
    let from_environment = command(&data, &["user", "list"]).env("PASSERELLE_MASTER_KEY", key.trim()).output().unwrap();
    assert_eq!(errors(&from_environment, 0), "");
    let url = "postgres://passerelle:a-password@127.0.0.1:1/none";
    let output = command(&data, &["user", "list", "--master-key", key.trim(), "--database-url", url]).output().unwrap();
    let warnings = errors(&output, 2);
    assert!(warnings.contains("the password in --database-url") && !warnings.contains("a-password"), "{warnings}");
}

#[test]
fn the_first_invitation_is_in_no_log() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data);
    let invitation = server.invitation();
    let file = data.path().join("first-invitation");
    assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    server.signal("-TERM");
    let (_, logged, printed) = server.end();
    assert_eq!(printed, "");
    assert!(logged.iter().any(|line| line.contains(file.to_str().unwrap())), "{logged:#?}");
    assert!(!logged.iter().any(|line| line.contains(&invitation)), "{logged:#?}");
}

#[test]
fn a_full_device_does_not_make_a_command_panic() {
    let data = used();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for arguments in [
        &["openapi"][..],
        &["keygen"],
        &["migrate"],
        &["audit", "verify"],
        &["keys", "list"],
        &["keys", "rotate"],
        &["user", "invite", "--administrator"],
        &["restore", "confirm"],
        &["release", "audit"],
    ] {
        let output = command(&data, arguments).stdout(full()).output().unwrap();
        let sentence = errors(&output, 2);
        assert!(
            sentence.contains("cannot write to standard output: No space left on device"),
            "{arguments:?}: {sentence}"
        );
    }
    // Nor does a full log.
    let output = command(&data, &["user", "disable", "nobody@example.org"]).stderr(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
