//! How this program creates files and directories: private from the first byte, replaced as a whole.
//!
//! Invariant: nothing is created with group or other bits and then changed. `umask` (set in `main`) is a
//! second fence, not the first.

mod dir;

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    time::{Duration, SystemTime},
};

/// How the names of temporary files begin.
pub const TEMPORARY: &str = ".new-";

const LONGEST_WRITE: Duration = Duration::from_secs(3600);

pub use dir::{Dir, Entry, Pending};

/// Which file it is, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId(u64, u64);

impl FileId {
    /// The file that lies at a path now. `None` where there is none, or where files have no identity.
    pub fn of(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let found = fs::metadata(path).ok()?;
            Some(Self(found.dev(), found.ino()))
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            None
        }
    }
}

/// Creates a directory and its missing parents with mode 0700; an existing one of ours that is wider is
/// narrowed, because a health mirror has no reason to be listed by others.
pub fn private_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::symlink_metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

/// Creates a file that must not exist yet, with mode 0600, never following a link.
pub fn create_new(path: &Path) -> io::Result<File> {
    private_options().write(true).read(true).create_new(true).open(path)
}

/// Opens a file for reading and writing, creating it with mode 0600 where it is missing.
pub fn open_or_create(path: &Path) -> io::Result<File> {
    // Not truncated: these are lock files and the database, whose contents are somebody else's business.
    private_options().write(true).read(true).create(true).truncate(false).open(path)
}

/// Opens a file for appending, creating it with mode 0600 where it is missing.
pub fn append(path: &Path) -> io::Result<File> {
    private_options().append(true).create(true).open(path)
}

/// Replaces a file as a whole: temporary file beside it, fsync, rename, fsync of the directory.
/// After a crash at any moment the path holds either the old bytes or the new ones.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a file needs a directory"))?;
    // tempfile creates with O_EXCL and mode 0600, and removes the file if we fail before the rename.
    let mut temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(dir)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    sweep_after(path);
    sync_dir(dir)
}

/// Like [`write_atomic`] for a file that must not exist yet. `false`: somebody else was first, and the
/// path holds their bytes, whole.
pub fn create_atomic(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a file needs a directory"))?;
    let mut temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(dir)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    match temporary.persist_noclobber(path) {
        Ok(_) => {
            sweep_after(path);
            sync_dir(dir).map(|()| true)
        }
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

fn sweep_after(written: &Path) {
    let now = fs::symlink_metadata(written).and_then(|found| found.modified());
    if let (Ok(now), Some(dir)) = (now, written.parent()) {
        sweep(dir, now);
    }
}

/// Removes what processes left behind that were killed between creating a temporary file and its rename. One
/// that nobody has written to for an hour is nobody's any more: a write takes milliseconds.
pub fn sweep(dir: &Path, now: SystemTime) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let ours = entry.file_name().to_string_lossy().starts_with(TEMPORARY);
        let modified = fs::symlink_metadata(&path).and_then(|found| found.modified());
        if ours && modified.is_ok_and(|then| is_abandoned(then, now)) {
            let _ = fs::remove_file(path);
        }
    }
}

fn is_abandoned(then: SystemTime, now: SystemTime) -> bool {
    now.duration_since(then).is_ok_and(|age| age > LONGEST_WRITE)
}

/// Makes a rename or a creation in `dir` durable. A no-op where directories cannot be opened.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "the one place that may")]
fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32);
    }
    options
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn everything_is_private_from_the_start() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("a/b");
        private_dir(&dir).unwrap();
        assert_eq!((mode(&dir), mode(&home.path().join("a"))), (0o700, 0o700));
        write_atomic(&dir.join("x"), b"one").unwrap();
        write_atomic(&dir.join("x"), b"two").unwrap();
        drop(create_new(&dir.join("y")).unwrap());
        assert_eq!((mode(&dir.join("x")), mode(&dir.join("y"))), (0o600, 0o600));
        assert_eq!(fs::read(dir.join("x")).unwrap(), b"two");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2, "a temporary file was left behind");
    }

    #[test]
    fn what_a_killed_process_left_behind_goes_with_the_next_write() {
        let home = tempfile::tempdir().unwrap();
        let (stale, fresh) = (home.path().join(".new-stale"), home.path().join(".new-fresh"));
        for file in [&stale, &fresh] {
            fs::write(file, "half of it").unwrap();
        }
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        File::options().write(true).open(&stale).unwrap().set_modified(old).unwrap();
        write_atomic(&home.path().join("x"), b"whole").unwrap();
        assert!(!stale.exists(), "it lies there for ever");
        assert!(fresh.exists(), "somebody may be writing it");
    }

    #[test]
    fn of_two_creators_the_second_is_told() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("key");
        assert!(create_atomic(&path, b"one").unwrap());
        assert!(!create_atomic(&path, b"two").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_existing_wide_directory_is_narrowed() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("wide");
        fs::create_dir(&dir).unwrap();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        private_dir(&dir).unwrap();
        assert_eq!(mode(&dir), 0o700);
    }

    #[test]
    fn a_link_planted_at_the_path_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("target");
        std::os::unix::fs::symlink(&target, home.path().join("link")).unwrap();
        assert!(create_new(&home.path().join("link")).is_err());
        assert!(open_or_create(&home.path().join("link")).is_err());
        assert!(!target.exists());
    }
}
