//! Tests of the file of heads: which head counts, what a restore has lost, and what half a line is.

use std::io::Cursor;

use super::*;
use crate::restores::Kept;

fn at(hour: u32) -> UtcTs {
    format!("2026-03-02T{hour:02}:00:00Z").parse::<chrono::DateTime<chrono::Utc>>().unwrap().into()
}

fn head(chain: &str, count: i64, hour: u32) -> Head {
    Head { at: at(hour), chain: chain.into(), count, head: format!("{count:02x}") }
}

fn line(head: &Head) -> String {
    serde_json::to_string(head).unwrap() + "\n"
}

/// A restore that kept so many events of a chain.
fn restore(hour: u32, chain: &str, count: i64) -> Restore {
    Restore::unproven(at(hour), vec![Kept { chain: chain.into(), count, link: vec![0xab] }])
}

fn known(text: &str) -> (Vec<(String, i64)>, usize) {
    let (known, garbled) = KnownHeads::of(Cursor::new(text)).unwrap();
    (known.heads.values().map(|head| (head.chain.clone(), head.count)).collect(), garbled)
}

fn file_of(text: &str) -> (tempfile::NamedTempFile, HeadFile) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let open = HeadFile::open(file.path()).unwrap();
    (file, open)
}

#[test]
fn a_line_of_a_log_is_no_garbled_head() {
    let line = r#"{"at":"2026-03-02T08:15:00.000000Z","chain":"deployment","count":3,"head":"ab"}"#;
    let file = tempfile::NamedTempFile::new().unwrap();
    let log = format!(
        "{line}\n<109>1 - - passerelle 7 audit-head - {line}\nMar  2 08:15:00 host passerelle[7]: {line}\nanother line\n"
    );
    std::fs::write(file.path(), log).unwrap();
    let (heads, garbled) = HeadFile::read(file.path()).unwrap();
    assert_eq!((heads.len(), garbled), (3, 1));
    assert!(heads.iter().all(|head| head.count == 3));
}

#[test]
fn the_longest_head_of_a_chain_counts_and_garbled_lines_are_counted() {
    let long = line(&head("a", 5, 8));
    let text = format!("{long}{}{}garbled\n\nmore\n{{\"at\":\"2026", line(&head("a", 4, 9)), line(&head("b", 1, 9)));
    assert_eq!(known(&text), (vec![("a".into(), 5), ("b".into(), 1)], 2));
    // Of two heads of one length the later one counts.
    let later = KnownHeads::of(Cursor::new(format!("{long}{}", line(&head("a", 5, 9))))).unwrap().0;
    assert_eq!(later.heads["a"].at, at(9));
}

#[test]
fn a_file_of_which_no_line_is_a_head_is_refused_and_half_a_file_is_not() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for (text, is_read) in [
        (String::new(), true),
        ("garbled\n".to_owned(), false),
        (format!("garbled\n{}", line(&head("a", 1, 8))), true),
        (line(&head("a", 1, 8)), true),
    ] {
        std::fs::write(file.path(), &text).unwrap();
        assert_eq!(KnownHeads::read(file.path()).is_ok(), is_read, "{text:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(KnownHeads::read(&folder.path().join("none")).unwrap().is_empty());
    assert!(KnownHeads::read(folder.path()).is_err(), "a folder cannot be read");
}

#[test]
fn a_marker_forgets_what_was_written_before_it_and_knows_what_was_kept() {
    let marker = serde_json::to_string(&Marker::of(&restore(9, "a", 3))).unwrap();
    let text = format!("{}{}{}{marker}\n", line(&head("a", 5, 8)), line(&head("b", 2, 9)), line(&head("c", 4, 10)));
    assert_eq!(known(&text), (vec![("a".into(), 3), ("c".into(), 4)], 0), "b was written when it was confirmed");
}

#[test]
fn a_restore_loses_what_is_older_than_it_except_what_it_kept() {
    let restores = [restore(9, "a", 3)];
    for (head, is_lost) in [
        (head("a", 5, 8), true),
        (head("a", 3, 8), true),
        (head("a", 5, 9), true),
        (head("b", 3, 9), true),
        (head("a", 3, 9), false),
        (head("a", 5, 10), false),
    ] {
        assert_eq!(lost_by(&restores, &head).is_some(), is_lost, "{head:?}");
    }
}

#[test]
fn a_file_is_ahead_of_a_database_that_lacks_what_it_knows() {
    let (_kept, file) = file_of(&(line(&head("a", 3, 8)) + &line(&head("b", 1, 8))));
    for (heads, is_ahead) in [
        (vec![head("a", 3, 9), head("b", 1, 9)], false),
        (vec![head("a", 4, 9), head("b", 2, 9), head("c", 1, 9)], false),
        (vec![head("a", 2, 9), head("b", 1, 9)], true),
        (vec![head("a", 3, 9)], true),
        (vec![head("a", 3, 9), head("c", 9, 9)], true),
    ] {
        assert_eq!(file.is_ahead_of(&heads), is_ahead, "{heads:?}");
    }
}

#[test]
fn only_what_changed_is_appended_and_a_restore_is_marked_once() {
    let (path, mut file) = file_of("");
    let lines = || std::fs::read_to_string(path.path()).unwrap().lines().count();
    file.append(&[head("a", 1, 8), head("b", 1, 8)]).unwrap();
    assert_eq!(lines(), 2);
    file.append(&[head("a", 1, 9), head("b", 2, 9)]).unwrap();
    assert_eq!(lines(), 3, "the head of a is written already");
    assert_eq!(file.known().heads["b"].count, 2);
    let restores = [restore(10, "a", 1)];
    file.mark(&restores).unwrap();
    file.mark(&restores).unwrap();
    assert_eq!(lines(), 4);
    assert_eq!(file.known().heads.len(), 1, "b is lost");
    assert_eq!(file.path(), path.path());
    let (heads, garbled) = HeadFile::read(path.path()).unwrap();
    assert_eq!((heads.len(), garbled), (4, 0), "what was kept is a head");
}

#[test]
fn half_a_line_is_removed_and_a_whole_one_is_ended() {
    let whole = line(&head("a", 1, 8));
    for (before, after) in [
        (whole.clone(), whole.clone()),
        (format!("{whole}{{\"at\":\"20"), whole.clone()),
        (whole.trim_end().to_owned(), whole.clone()),
        ("{\"at\":\"20".to_owned(), String::new()),
    ] {
        let (path, _file) = file_of(&before);
        assert_eq!(std::fs::read_to_string(path.path()).unwrap(), after, "{before:?}");
    }
    // The beginning of a line that is too long to be searched is kept: what it is is not known.
    let long = "x".repeat(usize::try_from(LONGEST_HALF_LINE).unwrap() + 1);
    let (path, _file) = file_of(&long);
    assert_eq!(std::fs::metadata(path.path()).unwrap().len(), LONGEST_HALF_LINE + 2);
    let (path, _file) = file_of(&long[1..]);
    assert_eq!(std::fs::metadata(path.path()).unwrap().len(), 0, "half a line that is the whole file");
}
