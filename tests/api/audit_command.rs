//! `passerelle audit verify`: its output for an intact journal and for a tampered one.

use std::time::Instant;

use crate::audit::drop_the_guards;
use crate::harness::Database;
use crate::harness::process::{PATIENCE, Server, program};
use crate::main_job::accounts;

for_both_engines! {
    fn the_command_reports_a_tampered_journal(engine: Engine) {
        let (data, database) = (tempfile::tempdir().unwrap(), Database::empty(engine));
        let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap();
        let (url, key) = (database.address(), key.trim().to_owned());
        let settings = [("DATABASE_URL", &*url), ("PASSERELLE_MASTER_KEY", &*key)];
        let verify = || {
            let mut command = program(&["audit", "verify"]);
            let output = command.env("PASSERELLE_DATA_DIR", data.path()).envs(settings).output().unwrap();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            (output.status.code(), text(&output.stdout), text(&output.stderr))
        };
        let mut server = Server::start_with(&data, &settings);
        accounts(&mut server);
        // A background job chains the events.
        let started = Instant::now();
        while !verify().1.contains(" 0 event(s) not chained yet") {
            assert!(started.elapsed() < PATIENCE, "{:?}", verify());
        }
        server.signal("-TERM");
        assert_eq!(server.end().0, Some(0));
        let (code, output, errors) = verify();
        assert_eq!((code, output.lines().count(), &*errors), (Some(0), 1, ""), "{output}");
        assert!(!output.starts_with("0 event(s)") && !output.contains(" 0 head(s)"), "{output}");

        // Heads that are missing, unreadable or garbled are not a success: whoever truncates the journal removes them too.
        let heads = data.path().join("audit-heads.jsonl");
        let known = std::fs::read(&heads).unwrap();
        let without = || {
            let mut command = program(&["audit", "verify", "--without-heads"]);
            command.env("PASSERELLE_DATA_DIR", data.path()).envs(settings).status().unwrap().code()
        };
        std::fs::write(&heads, [&known[..], b"{\"at\": \"now\"}\n"].concat()).unwrap();
        let (code, output, errors) = verify();
        assert!(code == Some(1) && output.contains("1 line(s) are not valid heads"), "{output}{errors}");
        std::fs::remove_file(&heads).unwrap();
        let (code, output, errors) = verify();
        assert!(code == Some(1) && output.contains("No heads: ") && errors.contains("--without-heads"), "{output}{errors}");
        std::fs::write(&heads, "").unwrap();
        let (code, output, errors) = verify();
        assert!(code == Some(1) && output.contains("No heads: ") && errors.contains("--without-heads"), "{output}{errors}");
        std::fs::remove_file(&heads).unwrap();
        std::fs::create_dir(&heads).unwrap();
        assert_eq!((verify().0, without()), (Some(1), Some(0)));
        std::fs::remove_dir(&heads).unwrap();
        // Half a line at the end is what a crash leaves, or what is being written.
        std::fs::write(&heads, [&known[..], b"{\"at\": "].concat()).unwrap();
        assert_eq!(verify().0, Some(0));
        std::fs::write(&heads, &known).unwrap();

        // The command only reads: it does not put the triggers back.
        drop_the_guards(&database);
        let tamper = |sql: String| {
            assert_eq!(database.execute(&sql), Ok(1), "{sql}");
        };
        let assert_reported = |expected: &str| {
            let (code, output, errors) = verify();
            assert_eq!((code, output.lines().nth(1)), (Some(1), Some(expected)), "{output}{errors}");
            assert!(errors.contains("the audit journal was tampered with in 1 place(s)"), "{errors}");
        };
        let first = "chain = 'deployment' AND position = 1";
        let stored = |column: &str| database.texts(&format!("SELECT {column} AS text FROM audit_events WHERE {first}")).remove(0);
        let (id, principal) = (stored("id"), stored("principal"));
        let set = |value: &str| {
            tamper(format!("UPDATE audit_events SET principal = '{value}' WHERE {first}"));
        };
        set("client:somebody-else");
        assert_reported(&format!("chain deployment: the event {id} at position 1 was changed or moved"));
        set(&principal);
        assert_eq!(verify().0, Some(0), "restored, it is intact again");
        tamper(format!("DELETE FROM audit_events WHERE {first}"));
        assert_reported("chain deployment: the event at position 1 was deleted");
    }
}
