//! Secrets that are given as flags: every user of the machine sees them in the list of processes.

use clap::ArgMatches;
use clap::parser::ValueSource;

/// A warning for each secret of the command line.
pub fn visible_secrets(matches: &ArgMatches) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut command = Some(matches);
    while let Some(matches) = command {
        let given = |id: &str| -> Option<&String> {
            let text = matches.try_get_one::<String>(id).ok()??;
            (matches.value_source(id) == Some(ValueSource::CommandLine)).then_some(text)
        };
        if given("master_key").is_some() {
            warnings
                .push(warning("the master key in --master-key", "PASSERELLE_MASTER_KEY_FILE or PASSERELLE_MASTER_KEY"));
        }
        if given("audit_heads_token").is_some() {
            warnings.push(warning("the token in --audit-heads-token", "PASSERELLE_AUDIT_HEADS_TOKEN"));
        }
        if given("database_url").is_some_and(|url| has_password(url)) {
            warnings.push(warning("the password in --database-url", "DATABASE_URL, or a password file of libpq"));
        }
        command = matches.subcommand().map(|(_, matches)| matches);
    }
    warnings
}

fn warning(secret: &str, instead: &str) -> String {
    format!("warning: every user of this machine can read {secret} in the list of processes; use {instead} instead")
}

/// Whether a URL has a password: `postgres://user:password@host/`, or `?password=…`.
fn has_password(url: &str) -> bool {
    let after_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?']).next().unwrap_or_default();
    let in_authority = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    in_authority || url.split(['?', '&']).skip(1).any(|parameter| parameter.starts_with("password="))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::config::Cli;
    use crate::config::visible::*;

    fn warnings(arguments: &[&str]) -> Vec<String> {
        visible_secrets(&Cli::command().get_matches_from([&["passerelle"], arguments].concat()))
    }

    #[test]
    fn secrets_of_the_command_line_warn_in_every_command() {
        for command in [&["serve"][..], &["migrate"], &["user", "list"], &["audit", "verify"], &["restore", "confirm"]]
        {
            let with = |more: &[&str]| warnings(&[command, more].concat());
            assert!(with(&["--master-key", "a"])[0].contains("--master-key"), "{command:?}");
            assert!(with(&["--database-url", "postgres://u:p@h/d"])[0].contains("--database-url"), "{command:?}");
            assert_eq!(with(&["--database-url", "postgres://u@h:5432/d"]), Vec::<String>::new(), "{command:?}");
        }
        assert!(has_password("postgres://h/d?sslmode=require&password=p") && !has_password("sqlite:a:b@c"));
    }
}
