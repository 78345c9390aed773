//! The restore of a backup, as an operator and a reader of the feed live it: the start is refused, the operator confirms,
//! the reader is told where to begin again and misses nothing, and the journal says what was lost.

use std::collections::BTreeSet;
use std::process::Output;

use passerelle::journal::{self, HeadFile, Tampering};
use passerelle::recovery;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::audit::{chain_into, drop_the_guards, verify};
use crate::harness::Database;
use crate::harness::process::{Server, program, wait_until_chained};
use crate::main_job::accounts;

type Settings<'a> = [(&'a str, &'a str)];

fn run(arguments: &[&str], data: &TempDir, settings: &Settings<'_>) -> Output {
    let mut command = program(arguments);
    command.env("PASSERELLE_DATA_DIR", data.path()).env("PASSERELLE_SANDBOX", "false");
    command.envs(settings.iter().copied()).output().unwrap()
}

/// The same public address at each start: tokens name it.
fn settings_of<'a>(url: &'a str, key: &'a str) -> [(&'a str, &'a str); 3] {
    [("DATABASE_URL", url), ("PASSERELLE_MASTER_KEY", key), ("PASSERELLE_PUBLIC_URL", "http://api.example")]
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The only line of a command that was refused.
#[track_caller]
fn refused(output: &Output) -> String {
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    // The log of `serve` goes to standard error too.
    errors.lines().find(|line| line.starts_with("passerelle: ")).unwrap().to_owned()
}

/// Records referrals and returns their identifiers.
fn refer(server: &Server, service: &str, token: &str, number: usize) -> BTreeSet<String> {
    let new = |rank: usize| {
        json!({
            "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
            "child": {"identity": {"given_name": format!("Zoé{rank}"), "family_name": "Exemple", "birth_date": "2023-04-05"}},
            "needs": ["find_childcare"]
        })
    };
    (0..number)
        .map(|rank| server.post("/v1/referrals", token, &new(rank))["referral"]["id"].as_str().unwrap().to_owned())
        .collect()
}

/// A program that keeps a copy of the referrals of the feed.
struct Reader {
    token: String,
    cursor: String,
}

impl Reader {
    fn path(&self) -> String {
        let cursor = if self.cursor.is_empty() { String::new() } else { format!("&cursor={}", self.cursor) };
        format!("/v1/changes?resource=referral&limit=500{cursor}")
    }

    /// The new referrals. Takes the cursor.
    fn follow(&mut self, server: &Server) -> BTreeSet<String> {
        let page = server.get(&self.path(), &self.token);
        page["page"]["next_cursor"].as_str().unwrap().clone_into(&mut self.cursor);
        page["data"].as_array().unwrap().iter().map(|row| row["object_id"].as_str().unwrap().to_owned()).collect()
    }

    /// The refusal of the cursor.
    fn is_refused(&self, server: &Server) -> Value {
        let authorization = format!("Bearer {}", self.token);
        let (status, problem) = server.call("GET", &self.path(), &[("Authorization", &authorization)], "");
        assert_eq!((status, &problem["code"]), (410, &json!("feed_restored")), "{problem:#}");
        problem
    }
}

/// Stops a server. It logs its address just before it listens to signals.
fn stop(server: Server) {
    assert_eq!(server.call("GET", "/health/ready", &[], "").0, 200);
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));
}

for_both_engines! {
    fn a_restore_is_refused_then_confirmed_and_nobody_misses_anything(engine: Engine) {
        let (data, original) = (tempfile::tempdir().unwrap(), Database::empty(engine));
        let key = text(&program(&["keygen"]).output().unwrap().stdout).trim().to_owned();
        let (url, heads) = (original.address(), data.path().join("audit-heads.jsonl"));
        let settings = settings_of(&url, &key);
        let mut server = Server::start_with(&data, &settings);
        let accounts = accounts(&mut server);
        let (service, token) = (accounts.service.as_str(), accounts.coordinator.as_str());
        let mut reader = Reader { token: token.to_owned(), cursor: String::new() };
        let first = refer(&server, service, token, 3);
        assert_eq!(reader.follow(&server), first);
        let slow_reader = Reader { token: token.to_owned(), cursor: reader.cursor.clone() };
        wait_until_chained(&data, &settings);
        stop(server);
        let (backup, other_copy) = (original.copy(), original.copy());

        // After the backup: ten referrals, which the reader sees.
        let server = Server::start_with(&data, &settings);
        let lost = refer(&server, service, token, 10);
        assert_eq!(reader.follow(&server), lost);
        wait_until_chained(&data, &settings);
        stop(server);
        let heads_of_another_instance = data.path().join("other-heads.jsonl");
        std::fs::copy(&heads, &heads_of_another_instance).unwrap();

        // The backup is not served, nor changed by a command, before it is confirmed.
        let url = backup.address();
        let settings = settings_of(&url, &key);
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["user", "invite", "--administrator"]] {
            let sentence = refused(&run(command, &data, &settings));
            let lacks = format!("chain {service} lacks 10 event(s)");
            for part in ["older than the heads of its audit journal", &lacks, "passerelle restore confirm"] {
                assert!(sentence.contains(part), "{command:?}: {sentence}");
            }
        }
        let verified = run(&["audit", "verify"], &data, &settings);
        assert_eq!(verified.status.code(), Some(1), "a restore that nobody confirmed");
        assert!(text(&verified.stdout).contains("its end was deleted"), "{verified:?}");
        assert_eq!(backup.count("restores"), 0);

        let confirmed = run(&["restore", "confirm"], &data, &settings);
        assert!(confirmed.status.success(), "{confirmed:?}");
        assert!(text(&confirmed.stdout).contains(&format!("lost: chain {service} lacks 10 event(s)")), "{confirmed:?}");
        let verified = run(&["audit", "verify"], &data, &settings);
        assert_eq!(verified.status.code(), Some(0), "{verified:?}");
        assert!(text(&verified.stdout).contains("were lost by the restore confirmed at"), "{verified:?}");

        // A reader who has not read past the backup goes on; the other is told where to begin again.
        let server = Server::start_with(&data, &settings);
        let new = refer(&server, service, token, 10);
        let mut slow_reader = slow_reader;
        assert_eq!(slow_reader.follow(&server), new);
        let problem = reader.is_refused(&server);
        assert!(problem["restored_at"].is_string(), "{problem:#}");
        problem["next_cursor"].as_str().unwrap().clone_into(&mut reader.cursor);
        assert_eq!(reader.follow(&server), new);
        assert_eq!(reader.follow(&server), BTreeSet::new());
        assert_eq!(reader.cursor, slow_reader.cursor);
        assert!(wait_until_chained(&data, &settings).contains("were lost by the restore confirmed at"));

        // The confirmation is in the database: an instance with a file of its own starts too.
        let others = heads_of_another_instance.display().to_string();
        let of_other = [settings[0], settings[1], settings[2], ("PASSERELLE_AUDIT_HEADS", others.as_str())];
        stop(Server::start_with(&data, &of_other));
        assert!(std::fs::read_to_string(&heads_of_another_instance).unwrap().contains("\"restore\":"));
        // One without a file says what it cannot know.
        let of_new = [settings[0], settings[1], settings[2], ("PASSERELLE_AUDIT_HEADS", "/dev/null/none")];
        assert!(refused(&run(&["serve", "--listen", "127.0.0.1:0"], &data, &of_new)).contains("/dev/null/none"));
        let new_file = data.path().join("new/heads.jsonl").display().to_string();
        let of_new = [settings[0], settings[1], settings[2], ("PASSERELLE_AUDIT_HEADS", new_file.as_str())];
        let server_of_new = Server::start_with(&data, &of_new);
        assert_eq!(server_of_new.call("GET", "/health/ready", &[], "").0, 200);
        server_of_new.signal("-TERM");
        let (_, logged, _) = server_of_new.end();
        assert!(logged.iter().any(|line| line.contains("there were no heads in")), "{logged:#?}");
        stop(server);

        // The confirmation is an event of the journal, and is of one restore only: the same copy again is refused.
        let events = backup.texts("SELECT principal || ' ' || operation AS text FROM audit_events WHERE operation = 'restore confirm'");
        assert_eq!(events, ["local restore confirm"]);
        let url = other_copy.address();
        let settings = settings_of(&url, &key);
        let sentence = refused(&run(&["serve", "--listen", "127.0.0.1:0"], &data, &settings));
        assert!(sentence.contains("older than the heads"), "{sentence}");

        // Confirmed too: cursors of the epoch that it does not know are refused as well.
        assert!(run(&["restore", "confirm"], &data, &settings).status.success());
        let server = Server::start_with(&data, &settings);
        let newest = refer(&server, service, token, 12);
        reader.is_refused(&server)["next_cursor"].as_str().unwrap().clone_into(&mut reader.cursor);
        assert_eq!(reader.follow(&server), newest);
        wait_until_chained(&data, &settings);
        assert_eq!(run(&["audit", "verify"], &data, &settings).status.code(), Some(0));
        stop(server);
    }
}

on_both_databases! {
    /// Somebody who can write to the database, and not read the master key, cannot pass a truncation off as a restore.
    async fn a_restore_cannot_be_forged(app: TestApp) {
        let service = app.service().await;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("heads.jsonl");
        chain_into(&app, &path);
        let heads = HeadFile::read(&path).unwrap().0;
        drop_the_guards(&app.database);
        app.database.execute(&format!("DELETE FROM audit_events WHERE chain = '{service}'")).unwrap();
        let forged = "INSERT INTO restores (id, number, confirmed_at, feed_position, tag) \
                      VALUES ('0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60', 1, '2030-01-01 00:00:00', 0, '0123')";
        app.database.execute(forged).unwrap();
        let report = verify(&app, &heads).await;
        assert_eq!(report.lost, []);
        assert!(report.tampering.iter().any(|one| matches!(one, Tampering::ForgedRestore { .. })), "{report:?}");
        assert!(report.tampering.iter().any(|one| matches!(one, Tampering::Truncated { .. })), "{report:?}");
        let refused = std::thread::scope(|scope| {
            let known = journal::KnownHeads::read(&path).unwrap();
            let (context, path) = (app.context(), &path);
            scope.spawn(move || recovery::refuse_older(context, &known, path).unwrap_err().to_string()).join().unwrap()
        });
        assert!(refused.contains("lacks 1 event(s)"), "{refused}");
    }

    /// What a confirmed restore kept must still be there: it explains what was lost, and nothing below.
    async fn a_journal_truncated_below_a_confirmed_restore_is_found(app: TestApp) {
        let service = app.service().await;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("heads.jsonl");
        chain_into(&app, &path);
        app.advance(chrono::Duration::seconds(1));
        let confirm = || {
            let mut file = HeadFile::open(&path).unwrap();
            let context = app.context();
            std::thread::scope(|scope| scope.spawn(|| recovery::confirm(context, &mut file).unwrap()).join().unwrap())
        };
        let (restore, gaps) = confirm();
        assert_eq!((restore.number, gaps), (1, Vec::new()));
        chain_into(&app, &path);
        let heads = HeadFile::read(&path).unwrap().0;
        assert_eq!(verify(&app, &heads).await.tampering, []);
        drop_the_guards(&app.database);
        app.database.execute(&format!("DELETE FROM audit_events WHERE chain = '{service}'")).unwrap();
        for heads in [&heads[..], &[]] {
            let report = verify(&app, heads).await;
            assert!(report.tampering.iter().any(|one| matches!(one, Tampering::Truncated { .. })), "{report:?}");
        }
    }

    /// A database that is replaced by an older one under the running program: its heads never replace longer ones.
    async fn a_database_that_goes_back_under_the_program_gets_no_heads(app: TestApp) {
        let service = app.service().await;
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join("a.jsonl"), directory.path().join("b.jsonl"));
        let mut file = HeadFile::open(&path).unwrap();
        let context = app.context();
        let mut chain = || {
            std::thread::scope(|scope| scope.spawn(|| context.journal.chain(&mut file, context.now())).join().unwrap())
        };
        chain().unwrap();
        drop_the_guards(&app.database);
        app.database.execute(&format!("DELETE FROM audit_events WHERE chain = '{service}'")).unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        assert_eq!(chain().unwrap_err().code, passerelle::error::Code::Internal);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
        // Confirmed by another instance, it goes on, and the file says so.
        app.advance(chrono::Duration::seconds(1));
        std::thread::scope(|scope| {
            let mut other = HeadFile::open(&other).unwrap();
            scope.spawn(move || recovery::confirm(context, &mut other).unwrap()).join().unwrap();
        });
        chain().unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.contains("\"restore\":"), "{written}");
        let report = verify(&app, &HeadFile::read(&path).unwrap().0).await;
        assert_eq!((report.tampering, report.lost.len()), (Vec::new(), 1));
    }

    async fn half_a_line_that_a_crash_has_left_hides_no_other(app: TestApp) {
        app.service().await;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("heads.jsonl");
        std::fs::write(&path, b"{\"at\":\"2026-03-\xc3").unwrap();
        chain_into(&app, &path);
        let (heads, unreadable) = HeadFile::read(&path).unwrap();
        assert_eq!((heads.len(), unreadable), (1, 0), "the half line was never a head");
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
    }
}
