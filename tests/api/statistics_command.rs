//! `passerelle release build` and `release audit`: releases from the machine itself.

use serde_json::{Value, json};

use crate::harness::process::{Server, program};
use crate::harness::{Database, Engine};
use crate::main_job::accounts;

for_both_engines! {
    fn an_operator_makes_releases_and_looks_at_them_again(engine: Engine) {
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
        let (code, said, errors) = run(&["audit"]);
        assert_eq!((code, &*said), (Some(0), "0 release(s), 0 wrong\n"), "{errors}");
        let build = ["build", "--service", "PRPE 63", "--year", "2024", "--quarter"];
        let with = |more: &[&'static str]| run(&[&build[..], more].concat());
        let (code, said, errors) = with(&["1", "--publish"]);
        assert_eq!(code, Some(0), "{said}{errors}");
        assert!(errors.contains("counts proved unknown"), "{errors}");
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines[0].ends_with("of 2024 through quarter 1: published"), "{said}");
        assert!(lines.iter().any(|line| line.starts_with("open ") && line.contains("children_territory")), "{said}");
        assert!(lines.iter().any(|line| line.starts_with("partner ") && line.contains("children, in all")), "{said}");
        // A draft is left for whoever publishes it.
        let (code, said, errors) = with(&["2", "--json"]);
        let draft: Value = serde_json::from_str(&said).expect("the build");
        assert_eq!((code, &draft["status"], &draft["author"]), (Some(0), &json!("ready"), &json!("local")), "{errors}");
        let (code, _, errors) = with(&["1"]);
        assert!(code == Some(2) && errors.contains("This quarter is published"), "{errors}");
        let (code, _, errors) = run(&["build", "--service", "Personne", "--year", "2024", "--quarter", "2"]);
        assert!(code == Some(2) && errors.contains("no service is called"), "{errors}");
        let (code, said, errors) = with(&["1", "--reason", "Saisies erronées", "--corrected", "--publish"]);
        assert_eq!(code, Some(0), "{said}{errors}");

        let (code, said, errors) = run(&["audit", "--service", &known.service, "--year", "2024"]);
        assert_eq!((code, said.lines().count(), &*errors), (Some(0), 5, ""), "{said}");
        assert!(said.contains("right 2024-Q1 open 1 ") && said.contains("right 2024-Q1 partner 2 "), "{said}");
        assert_eq!(run(&["audit", "--year", "2023"]).1, "0 release(s), 0 wrong\n");
        let guard = match engine {
            Engine::Sqlite => "DROP TRIGGER statistics_releases_no_update",
            Engine::Postgres => "DROP TRIGGER statistics_releases_append_only ON statistics_releases",
        };
        // Every start of the program puts the guards back.
        let behind_its_back = |sql: &str| {
            database.execute(guard).unwrap();
            database.execute(sql).unwrap();
        };
        let wrong = |told: &str| {
            let (code, said, errors) = run(&["audit"]);
            assert!(code == Some(1) && said.contains(told), "{said}{errors}");
            assert!(errors.contains("release(s) wrong"), "{errors}");
        };
        behind_its_back("UPDATE statistics_releases SET sha256 = 'ab' WHERE number = 1 AND tier = 'open'");
        wrong("its bytes are not those whose SHA-256 is stored");
        wrong("it does not follow the release before it");
        let elsewhere = "UPDATE statistics_releases SET signature = (SELECT other.signature FROM statistics_releases other WHERE other.number = 2 AND other.tier = 'open') WHERE number = 2 AND tier = 'partner'";
        behind_its_back(elsewhere);
        wrong("no signature of it is right");
    }
}
