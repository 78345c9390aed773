//! `passerelle audit verify`: what an operator sees of a journal that is whole, and of one that is not.

use std::time::Instant;

use crate::audit::drop_the_guards;
use crate::harness::Database;
use crate::harness::process::{PATIENCE, Server, program};
use crate::main_job::accounts;

for_both_engines! {
    fn a_journal_that_was_rewritten_is_told_by_the_command(engine: Engine) {
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
        // The server chains in the background.
        let begun = Instant::now();
        while !verify().1.contains(" 0 event(s) not chained yet") {
            assert!(begun.elapsed() < PATIENCE, "{:?}", verify());
        }
        server.signal("-TERM");
        assert_eq!(server.end().0, Some(0));
        let (code, said, errors) = verify();
        assert_eq!((code, said.lines().count(), &*errors), (Some(0), 1, ""), "{said}");
        assert!(!said.starts_with("0 event(s)") && !said.contains(" 0 head(s)"), "{said}");

        // Every start of the program puts the guards back.
        let behind_its_back = |sql: String| {
            drop_the_guards(&database);
            assert_eq!(database.execute(&sql), Ok(1), "{sql}");
        };
        let tampered = |told: &str| {
            let (code, said, errors) = verify();
            assert_eq!((code, said.lines().nth(1)), (Some(1), Some(told)), "{said}{errors}");
            assert!(errors.contains("the audit journal was tampered with in 1 place(s)"), "{errors}");
        };
        let first = "chain = 'deployment' AND position = 1";
        let was = |column: &str| database.texts(&format!("SELECT {column} AS text FROM audit_events WHERE {first}")).remove(0);
        let (id, principal) = (was("id"), was("principal"));
        let set = |value: &str| {
            behind_its_back(format!("UPDATE audit_events SET principal = '{value}' WHERE {first}"));
        };
        set("client:somebody-else");
        tampered(&format!("chain deployment: the event {id} at position 1 was changed or moved"));
        set(&principal);
        assert_eq!(verify().0, Some(0), "as it was, it is whole again");
        behind_its_back(format!("DELETE FROM audit_events WHERE {first}"));
        tampered("chain deployment: the event at position 1 was deleted");
    }
}
