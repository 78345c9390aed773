//! `passerelle release build` and `release audit`: an operator makes and audits releases on the command line.

use serde_json::{Value, json};

use crate::harness::process::{Server, program};
use crate::harness::{Database, Engine};
use crate::main_job::accounts;

for_both_engines! {
    fn an_operator_builds_and_audits_releases(engine: Engine) {
        let (data, database) = (tempfile::tempdir().unwrap(), Database::empty(engine));
        let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap();
        let (url, key) = (database.address(), key.trim().to_owned());
        let settings = [("DATABASE_URL", &*url), ("PASSERELLE_MASTER_KEY", &*key)];
        let mut server = Server::start_with(&data, &settings);
        let known = accounts(&mut server);
        let new = json!({
            "service_id": known.service, "origin": "pmi", "channel": "phone", "received_on": "2025-02-03", "subject": "child",
            "needs": ["find_childcare"], "commune_code": "63113",
            "child": {"identity": {"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"}}
        });
        for _ in 0..2 {
            server.post("/v1/referrals", &known.coordinator, &new);
        }
        server.signal("-TERM");
        assert_eq!(server.end().0, Some(0));
        let run = |arguments: &[&str]| {
            let mut command = program(&[&["release"], arguments].concat());
            let output = command.env("PASSERELLE_DATA_DIR", data.path()).envs(settings).output().unwrap();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            (output.status.code(), text(&output.stdout), text(&output.stderr))
        };
        let (code, stdout, stderr) = run(&["audit"]);
        assert_eq!((code, &*stdout), (Some(0), "0 release(s), 0 invalid\n"), "{stderr}");
        let build = ["build", "--service", "PRPE 63", "--year", "2024", "--quarter"];
        let with = |more: &[&'static str]| run(&[&build[..], more].concat());
        let (code, stdout, stderr) = with(&["1", "--publish"]);
        assert_eq!(code, Some(0), "{stdout}{stderr}");
        assert!(stderr.contains("counts proved protected"), "{stderr}");
        let lines: Vec<&str> = stdout.lines().collect();
        assert!(lines[0].ends_with("of 2024 through quarter 1: published"), "{stdout}");
        assert!(lines.iter().any(|line| line.starts_with("open ") && line.contains("loans_kit")), "{stdout}");
        assert!(lines.iter().any(|line| line.starts_with("partner ") && line.contains("children, total")), "{stdout}");
        // A draft stays until a user publishes it.
        let (code, stdout, stderr) = with(&["2", "--json"]);
        let draft: Value = serde_json::from_str(&stdout).expect("the build");
        assert_eq!((code, &draft["status"], &draft["author"]), (Some(0), &json!("ready"), &json!("local")), "{stderr}");
        let (code, _, stderr) = with(&["1"]);
        assert!(code == Some(2) && stderr.contains("This quarter is published"), "{stderr}");
        let (code, _, stderr) = run(&["build", "--service", "Personne", "--year", "2024", "--quarter", "2"]);
        assert!(code == Some(2) && stderr.contains("no service is called"), "{stderr}");
        let (code, stdout, stderr) = with(&["1", "--reason", "Saisies erronées", "--corrected", "--publish"]);
        assert_eq!(code, Some(0), "{stdout}{stderr}");

        let (code, stdout, stderr) = run(&["audit", "--service", &known.service, "--year", "2024"]);
        assert_eq!((code, stdout.lines().count(), &*stderr), (Some(0), 5, ""), "{stdout}");
        assert!(stdout.contains("valid 2024-Q1 open 1 ") && stdout.contains("valid 2024-Q1 partner 2 "), "{stdout}");
        assert_eq!(run(&["audit", "--year", "2023"]).1, "0 release(s), 0 invalid\n");
        let guard = match engine {
            Engine::Sqlite => "DROP TRIGGER statistics_releases_no_update",
            Engine::Postgres => "DROP TRIGGER statistics_releases_append_only ON statistics_releases",
        };
        // The audit only reads: it does not put the trigger back.
        database.execute(guard).unwrap();
        let without_triggers = |sql: &str| {
            database.execute(sql).unwrap();
        };
        let wrong = |message: &str| {
            let (code, stdout, stderr) = run(&["audit"]);
            assert!(code == Some(1) && stdout.contains(message), "{stdout}{stderr}");
            assert!(stderr.contains("release(s) invalid"), "{stderr}");
        };
        without_triggers("UPDATE statistics_releases SET sha256 = 'ab' WHERE number = 1 AND tier = 'open'");
        wrong("its bytes do not match the stored SHA-256");
        wrong("it does not follow the previous release");
        let other_signature = "UPDATE statistics_releases SET signature = (SELECT other.signature FROM statistics_releases other WHERE other.number = 2 AND other.tier = 'open') WHERE number = 2 AND tier = 'partner'";
        without_triggers(other_signature);
        wrong("no signature is valid");
    }
}
