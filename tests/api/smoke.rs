//! The program as an operator starts it: a real process, a real port, real signals.

use std::io::{Read, Write};
use std::process::{Command, Output};

use serde_json::json;

use crate::harness::Authenticator;
use crate::harness::process::{Server, program, read_response};

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// The only line of standard error of a command that failed with exit code 2.
#[track_caller]
fn refused(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.lines().count(), 1, "more than one line: {text}");
    text
}

const PASSWORD: &str = "une phrase assez longue";

#[test]
fn a_first_start_its_end_and_a_second_start() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(&data);
    let invitation = server.invitation();
    for secret in ["first-invitation", "master.key", "passerelle.sqlite3", "passerelle.sqlite3-wal"] {
        let permissions = std::os::unix::fs::MetadataExt::mode(&data.path().join(secret).metadata().unwrap());
        assert_eq!(permissions & 0o777, 0o600, "only the owner may read {secret}");
    }

    // The first administrator creates a service and a client.
    let account = json!({"token": invitation, "email": "a@example.org", "display_name": "Admin", "password": PASSWORD});
    server.post("/v1/invitations/accept", "", &account);
    let sign_in = [("grant_type", "password"), ("username", "a@example.org"), ("password", PASSWORD)];
    let administrator = server.token(&sign_in);
    let new = json!({
        "name": "Pôle Ressources Petite Enfance du Puy-de-Dôme", "time_zone": "Europe/Paris", "departements": ["63"],
        "age_lower_birthday": 0, "age_upper_birthday": 7, "childcare_groups": ["eaje"], "opened_on": "2021-01-04"
    });
    let service = server.post("/v1/services", &administrator, &new);
    let id = service["id"].as_str().unwrap();
    let asked = json!({"name": "Script", "service_ids": [id], "permissions": ["services:read"]});
    let client = server.post("/v1/clients", &administrator, &asked);
    let secret = client["client_secret"].as_str().unwrap();
    let credentials = [
        ("grant_type", "client_credentials"),
        ("client_id", client["id"].as_str().unwrap()),
        ("client_secret", secret),
    ];
    let token = server.token(&credentials);
    assert_eq!(server.get(&format!("/v1/services/{id}"), &token), service);
    let health = run(&mut program(&["health", "--listen", &server.address]));
    assert_eq!(health.status.code(), Some(0), "{}", String::from_utf8_lossy(&health.stderr));

    // A request that is being read when the program receives SIGTERM still gets its response.
    let body = new.to_string();
    let authorization = format!("Bearer {administrator}");
    let headers =
        [("Content-Type", "application/json"), ("Authorization", authorization.as_str()), ("Expect", "100-continue")];
    let mut stream = server.connect();
    stream.write_all(server.head("POST", "/v1/services", &headers, body.len()).as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.signal("-TERM");
    server.wait_for("no more connections");
    stream.write_all(body.as_bytes()).unwrap();
    assert_eq!(read_response(stream).0, 201);
    let address = server.address.clone();
    let (code, logged, printed) = server.end();
    assert_eq!(code, Some(0), "{logged:#?}");
    let health = run(&mut program(&["health", "--listen", &address]));
    assert_eq!(health.status.code(), Some(1), "{}", String::from_utf8_lossy(&health.stderr));
    for hidden in [&invitation, secret, &token, PASSWORD, "a@example.org", id] {
        assert!(!logged.iter().any(|line| line.contains(hidden)), "{hidden} is in the log: {logged:#?}");
    }
    assert!(logged.iter().any(|line| line.contains("route=/v1/services/{id}")), "{logged:#?}");
    assert_eq!(printed, "");

    // The command line creates clients too, with the same rules.
    let command = |arguments: &[&str]| run(program(arguments).env("PASSERELLE_DATA_DIR", data.path()));
    let create = ["client", "create", "--name", "x", "--service", id, "--permission"];
    let for_users = refused(&command(&[&create[..], &["accounts:write"]].concat()));
    assert!(for_users.contains("Only user accounts may have accounts:write."), "{for_users}");
    for network in ["192.0.2.0/33", "intranet", "", "192.0.2.7,192.0.2.8"] {
        let output = command(&[&create[..], &["services:read", "--network", network]].concat());
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{network:?}: {message}");
        assert!(message.contains("--network"), "{network:?}: {message}");
    }
    let allowed = command(&[&create[..], &["services:read"]].concat());
    assert!(String::from_utf8_lossy(&allowed.stdout).contains("client_secret: sec_"), "{allowed:?}");
    assert!(command(&["client", "disable", client["id"].as_str().unwrap()]).status.success());

    // The second start has all the data, and prints no invitation.
    let server = Server::start(&data);
    let token = server.token(&sign_in);
    assert_eq!(server.get(&format!("/v1/services/{id}"), &token), service);
    assert_eq!(server.get("/v1/services", &token)["data"].as_array().unwrap().len(), 2);
    let clients = server.get("/v1/clients", &token);
    let disabled: Vec<bool> = clients["data"].as_array().unwrap().iter().map(|row| row["disabled"] == true).collect();
    assert_eq!(disabled, [true, false]);
    server.signal("-INT");
    let (code, logged, printed) = server.end();
    assert_eq!((code, printed.as_str()), (Some(0), ""), "{logged:#?}");
}

#[test]
fn the_first_administrator_opens_nothing_before_a_second_factor() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_SECOND_FACTOR", "true")]);
    let invitation = server.invitation();
    let account = json!({"token": invitation, "email": "a@example.org", "display_name": "Admin", "password": PASSWORD});
    server.post("/v1/invitations/accept", "", &account);
    let sign_in = [("grant_type", "password"), ("username", "a@example.org"), ("password", PASSWORD)];
    let bearer = format!("Bearer {}", server.token(&sign_in));
    let call = |method: &str, path: &str, body: &str| {
        server.call(method, path, &[("Authorization", &bearer), ("Content-Type", "application/json")], body)
    };
    let (status, refused) = call("GET", "/v1/users", "");
    assert_eq!((status, &refused["code"]), (403, &json!("second_factor_missing")), "{refused:#}");
    // The problem says which calls to make.
    let next: Vec<&str> = refused["next_calls"].as_array().unwrap().iter().map(|call| call.as_str().unwrap()).collect();
    let paths: Vec<&str> = next.iter().map(|call| call.strip_prefix("POST ").unwrap()).collect();
    let (status, begun) = call("POST", paths[0], &json!({"password": PASSWORD}).to_string());
    assert_eq!(status, 200, "{begun:#}");
    let code = Authenticator::new(begun["secret"].as_str().unwrap()).code(chrono::Utc::now());
    let (status, confirmed) = call("POST", paths[1], &json!({"otp": code}).to_string());
    assert_eq!(status, 200, "{confirmed:#}");
    assert_eq!(call("GET", "/v1/users", "").0, 200);
    // The same without the network: whoever lost the application asks the operator.
    let reset = ["user", "reset-second-factor", "a@example.org"];
    assert!(run(program(&reset).env("PASSERELLE_DATA_DIR", data.path())).status.success());
    server.token(&sign_in);
}

#[test]
fn a_misspelt_variable_stops_the_program_with_the_nearest_name() {
    let output = run(program(&["serve", "--listen", "127.0.0.1:0"]).env("PASSERELLE_LISTN", "0.0.0.0:80"));
    let sentence = refused(&output);
    assert!(sentence.contains("PASSERELLE_LISTN") && sentence.contains("PASSERELLE_LISTEN?"), "{sentence}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_failed_start_prints_one_sentence_without_secrets() {
    let data = tempfile::tempdir().unwrap();
    let serve = |name: &str, value: &str| {
        let mut command = program(&["serve", "--listen", "127.0.0.1:0"]);
        run(command.env("PASSERELLE_DATA_DIR", data.path()).env(name, value))
    };
    let unknown = refused(&serve("DATABASE_URL", "mysql://root:hunter2@db/pole"));
    assert!(unknown.contains("unknown scheme \"mysql\"") && !unknown.contains("hunter2"), "{unknown}");
    let without_key = refused(&serve("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/pole"));
    assert!(without_key.contains("passerelle keygen") && !without_key.contains("hunter2"), "{without_key}");
    let bad_key = refused(&serve("PASSERELLE_MASTER_KEY", "short"));
    assert!(bad_key.contains("PASSERELLE_MASTER_KEY is not a master key"), "{bad_key}");
    let no_file = refused(&serve("PASSERELLE_MASTER_KEY_FILE", "/nonexistent/master.key"));
    assert!(no_file.contains("cannot read the master key /nonexistent/master.key"), "{no_file}");
    let mut command = program(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("PASSERELLE_DATA_DIR", data.path()).env("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/pole");
    let unreachable = refused(&run(command.env("PASSERELLE_MASTER_KEY", crate::harness::MASTER_KEY.to_text())));
    assert!(unreachable.contains("cannot open the database postgres://127.0.0.1:1/pole"), "{unreachable}");
    // None of these failures created a database.
    assert!(!data.path().join("passerelle.sqlite3").exists());
}

#[test]
fn a_database_can_be_migrated_before_the_first_start() {
    let data = tempfile::tempdir().unwrap();
    let migrated = program(&["migrate"]).env("PASSERELLE_DATA_DIR", data.path()).output().unwrap();
    assert!(migrated.status.success(), "{migrated:?}");
    Server::start(&data);
}

#[test]
fn a_database_is_never_opened_without_its_own_key() {
    let data = tempfile::tempdir().unwrap();
    let user = |arguments: &[&str]| run(program(arguments).env("PASSERELLE_DATA_DIR", data.path()));
    assert!(user(&["migrate"]).status.success());
    std::fs::remove_file(data.path().join("master.key")).unwrap();
    let refused = refused(&user(&["user", "list"]));
    assert!(refused.contains("give the original with PASSERELLE_MASTER_KEY_FILE"), "{refused}");
}

#[test]
fn accounts_are_managed_from_the_command_line() {
    let data = tempfile::tempdir().unwrap();
    let command = |arguments: &[&str]| run(program(arguments).env("PASSERELLE_DATA_DIR", data.path()));
    let said = |output: Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(said(command(&["user", "invite", "--administrator"])).starts_with("invitation: inv_"));
    assert_eq!(said(command(&["user", "list"])), "");
    assert_eq!(said(command(&["client", "list"])), "");
    let unknown = "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60";
    let nobody = refused(&command(&["user", "disable", "nobody@example.org"]));
    assert!(nobody.contains("No user has this e-mail address"), "{nobody}");
    let no_service = refused(&command(&["user", "invite", "--service", unknown, "--role", "manager"]));
    assert!(no_service.contains("No such service"), "{no_service}");
    assert_eq!(said(command(&["migrate"])), "0 migration(s) applied.\n");
    assert_eq!(said(command(&["keygen"])).trim().len(), 44);
}
