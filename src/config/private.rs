//! Files and directories that belong to the program: nobody else may write them.
//!
//! Who can write the key file chooses the key. Who can write the directory of the database replaces it, or plants a
//! journal that SQLite plays back.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::startup::StartupError;

/// Creates a directory that only its owner can enter, and its parents. An existing directory is left unchanged.
pub(crate) fn private_directory(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a file that only its owner can read. A file of that name is replaced: it may be readable, or a link.
pub(crate) fn private_file(path: &Path, text: &str) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Refuses a file or a directory that others may write: its group, everybody, or another owner. One that does not exist
/// is not refused. Another owner is accepted from root, who runs a command for the program's account.
pub(crate) fn refuse_writable_by_others(what: &str, path: &Path) -> Result<(), StartupError> {
    let Ok(found) = std::fs::metadata(path) else { return Ok(()) };
    let shown = path.display();
    if found.mode() & 0o022 != 0 {
        let mode = found.mode() & 0o7777;
        return Err(StartupError::new(format!(
            "others may write the {what} {shown} (mode {mode:04o}): take it from them with `chmod go-w {shown}`"
        )));
    }
    let own = rustix::process::geteuid().as_raw();
    if ![own, 0].contains(&found.uid()) && own != 0 {
        return Err(StartupError::new(format!(
            "the {what} {shown} belongs to another user ({}), who may write it: change its owner",
            found.uid()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use crate::config::private::*;

    #[test]
    fn what_group_or_others_may_write_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        private_file(&file, "a").unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o7777, 0o600);
        for (mode, refused) in [(0o600, false), (0o644, false), (0o620, true), (0o602, true), (0o400, false)] {
            set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let outcome = refuse_writable_by_others("key file", &file);
            assert_eq!(outcome.is_err(), refused, "{mode:o}: {outcome:?}");
        }
        assert!(refuse_writable_by_others("key file", &directory.path().join("absent")).is_ok());
    }

    #[test]
    fn a_private_file_replaces_a_readable_one_and_follows_no_link() {
        let directory = tempfile::tempdir().unwrap();
        let (file, target) = (directory.path().join("secret"), directory.path().join("target"));
        std::fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, &file).unwrap();
        private_file(&file, "secret").unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
        set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        private_file(&file, "secret").unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o7777, 0o600);
    }
}
