//! `docs/api-design.md`: its commands run in order against the real program, and its responses are the actual ones.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::process::program;

const PAGE: &str = include_str!("../../docs/api-design.md");
/// Stands for what is left out of a response on the page.
const ELLIPSIS: char = '…';

/// A command of the page, and the response that the page shows; empty if it shows none.
struct Example {
    command: String,
    response: String,
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    // Every second part is the inside of a code block: its language, then its lines.
    for fence in PAGE.split("\n```").skip(1).step_by(2) {
        let (language, text) = fence.split_once('\n').unwrap();
        match language {
            "sh" => examples.push(Example { command: text.to_owned(), response: String::new() }),
            "json" | "text" => {
                let example = examples.last_mut().expect("a response follows a command");
                assert!(example.response.is_empty(), "two responses to one command:\n{text}");
                text.clone_into(&mut example.response);
            }
            other => panic!("a code block of another language: {other:?}"),
        }
    }
    examples
}

/// Whether a response is what the page shows: spaces do not count, an ellipsis stands for anything.
fn shows(shown: &str, actual: &str) -> bool {
    let tight = |text: &str| -> String { text.chars().filter(|letter| !letter.is_whitespace()).collect() };
    let (shown, actual) = (tight(shown), tight(actual));
    let mut parts = shown.split(ELLIPSIS);
    let Some(mut rest) = actual.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn a_response_is_compared_except_for_what_is_left_out() {
    assert!(shows(r#"{"id": "…", "status": "open", …}"#, r#"{"id":"7","status":"open","more":1}"#));
    assert!(!shows(r#"{"id": "…", "status": "open"}"#, r#"{"id":"7","status":"closed"}"#));
    assert!(!shows("one", "one more") && shows("one\n", "one") && !shows("one … two", "one three"));
}

#[test]
fn every_example_of_the_page_is_true() {
    let examples = examples();
    assert!(examples.len() > 10, "the page has lost its examples: {}", examples.len());
    let folder = tempfile::tempdir().unwrap();
    let mut demo = program(&["demo", "--children", "5", "--years", "1", "--json", "--listen", "127.0.0.1:0"]);
    let mut demo = demo.env("TMPDIR", folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(demo.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let printed: Value = serde_json::from_str(&line).unwrap();
    let text = |pointer: &str| printed.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
    let client = printed["clients"].as_array().unwrap().len() - 1;

    // One shell for all: they share variables. A line of its own ends each response.
    let mark = "-- end of the response --";
    let script = examples.iter().fold("set -u\n".to_owned(), |mut script, example| {
        let _ = writeln!(script, "{}\nprintf '\\n%s\\n' '{mark}'", example.command);
        script
    });
    let ran = Command::new("bash")
        .args(["-c", &script])
        .env("URL", text("/url"))
        .env("SERVICE", text("/services/0/id"))
        .env("MANAGER", text("/users/2/email"))
        .env("MANAGER_PASSWORD", text("/users/2/password"))
        .env("EMAIL", text("/users/0/email"))
        .env("PASSWORD", text("/users/0/password"))
        .env("PARTNER_ID", text(&format!("/clients/{}/client_id", client - 1)))
        .env("PARTNER_SECRET", text(&format!("/clients/{}/client_secret", client - 1)))
        .env("CLIENT_ID", text(&format!("/clients/{client}/client_id")))
        .env("CLIENT_SECRET", text(&format!("/clients/{client}/client_secret")))
        .output();
    demo.kill().unwrap();
    demo.wait().unwrap();

    let ran = ran.unwrap();
    let printed = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{printed}{}", String::from_utf8_lossy(&ran.stderr));
    let responses: Vec<&str> = printed.split(mark).collect();
    assert_eq!(responses.len(), examples.len() + 1, "{printed}");
    let mut wrong = String::new();
    for (example, response) in examples.iter().zip(responses) {
        if !shows(&example.response, response) {
            let _ = writeln!(
                wrong,
                "{}\nshows:\n{}\nbut the response was:\n{}\n",
                example.command,
                example.response,
                response.trim()
            );
        }
    }
    assert!(wrong.is_empty(), "docs/api-design.md is not true:\n\n{wrong}");
}
