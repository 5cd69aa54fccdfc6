//! An open directory in which files are made whole or not at all: nothing has its name before it is complete
//! and on disk, and what is created lands in this very directory, whatever becomes of the path meanwhile.
//!
//! For what a person or a model names (exports, backups): a link at the target is never followed, and a link
//! instead of a directory below the one that was opened is refused.

#[cfg_attr(unix, path = "dir/unix.rs")]
#[cfg_attr(not(unix), path = "dir/portable.rs")]
mod imp;

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Once},
    time::SystemTime,
};

use super::{TEMPORARY, is_abandoned};

/// What lies under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    Nothing,
    File,
    Directory,
    Link,
    Other,
}

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Dir {
    handle: Arc<imp::Handle>,
    path: PathBuf,
    swept: Arc<Once>,
}

/// A file that is being written and has no name yet. Dropped, it is gone; where the system can do that, also
/// when the process is killed.
#[derive(Debug)]
pub struct Pending {
    file: File,
    dir: Dir,
    /// The name it has meanwhile, where it cannot be without.
    temporary: Option<String>,
}

impl Dir {
    /// Opens a directory, creating it and its missing parents with mode 0700. One that is there keeps its mode:
    /// it is the person's, not ours.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)?;
        Self::existing(path)
    }

    /// Opens a directory that is there.
    pub fn existing(path: &Path) -> io::Result<Self> {
        Ok(Self::of(imp::open(path)?, path.to_owned()))
    }

    fn of(handle: imp::Handle, path: PathBuf) -> Self {
        Self { handle: Arc::new(handle), path, swept: Arc::new(Once::new()) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A directory inside this one, created with mode 0700 where it is missing; a link is refused.
    pub fn child(&self, name: &str) -> io::Result<Self> {
        imp::make_dir(&self.handle, &self.path, name)?;
        let handle = match imp::child(&self.handle, &self.path, name) {
            // Systems differ in what they call a link that is not followed.
            Err(_) if self.look(name)? == Entry::Link => Err(io::Error::from(io::ErrorKind::NotADirectory)),
            other => other,
        };
        Ok(Self::of(handle?, self.path.join(name)))
    }

    pub fn look(&self, name: &str) -> io::Result<Entry> {
        imp::look(&self.handle, &self.path, name)
    }

    /// Names of all that lies in it.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(&self.path)?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    /// Begins a file with mode 0600. The first one clears away what killed processes left here.
    pub fn begin(&self) -> io::Result<Pending> {
        let (file, temporary) = imp::begin(&self.handle, &self.path)?;
        self.swept.call_once(|| {
            if let Ok(now) = file.metadata().and_then(|begun| begun.modified()) {
                self.sweep(now);
            }
        });
        Ok(Pending { file, dir: self.clone(), temporary })
    }

    /// The directory is the person's: only a name that nobody else would give is taken for ours.
    fn sweep(&self, now: SystemTime) {
        for name in self.names().unwrap_or_default().iter().filter(|name| is_temporary(name)) {
            let modified = imp::file_modified(&self.handle, &self.path, name);
            if modified.is_some_and(|then| is_abandoned(then, now)) {
                let _ = imp::remove(&self.handle, &self.path, name, false);
            }
        }
    }

    /// Puts the directory `new` in the place of `name`; what was there is under `new` afterwards. Both are in
    /// this directory. One step where the system can do it.
    pub fn exchange(&self, new: &str, name: &str) -> io::Result<()> {
        imp::exchange(&self.handle, &self.path, new, name)
    }

    /// Removes a directory in it with the files in it, and nothing deeper. A link is not followed.
    pub fn remove_flat(&self, name: &str) -> io::Result<()> {
        if self.look(name)? == Entry::Directory {
            let inner = self.child(name)?;
            for file in inner.names()? {
                imp::remove(&inner.handle, &inner.path, &file, false)?;
            }
            imp::remove(&self.handle, &self.path, name, true)?;
        }
        Ok(())
    }

    /// Removes a directory that was created for nothing.
    pub fn remove_empty(&self, name: &str) {
        let _ = imp::remove(&self.handle, &self.path, name, true);
    }

    /// Makes names durable.
    pub fn sync(&self) -> io::Result<()> {
        imp::sync(&self.handle)
    }
}

impl Pending {
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Bytes written so far.
    pub fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Where SQLite can open it: a name is needed for that.
    pub fn with_name(mut self) -> io::Result<(Self, PathBuf)> {
        let name = if let Some(name) = &self.temporary {
            name.clone()
        } else {
            let name = temporary_name();
            imp::link(&self.file, &self.dir.handle, &name)?;
            self.temporary = Some(name.clone());
            name
        };
        let path = self.dir.path.join(name);
        Ok((self, path))
    }

    /// Gives the file its name, in this directory or another one of the same disk, once it is on disk. `false`:
    /// there is something of that name, and it was to be left alone.
    pub fn publish(mut self, dir: &Dir, name: &str, overwrite: bool) -> io::Result<bool> {
        self.file.sync_all()?;
        if self.temporary.is_none() {
            match imp::link(&self.file, &dir.handle, name) {
                Ok(()) => return dir.sync().map(|()| true),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !overwrite => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            let temporary = temporary_name();
            imp::link(&self.file, &self.dir.handle, &temporary)?;
            self.temporary = Some(temporary);
        }
        let Some(temporary) = &self.temporary else { return Ok(false) };
        let (from, to) =
            ((&*self.dir.handle, &*self.dir.path, &**temporary), (&*dir.handle, &*dir.path, name));
        if overwrite {
            imp::rename(from, to)?;
        } else if !imp::rename_new(from, to)? {
            return Ok(false);
        }
        self.temporary = None;
        dir.sync().map(|()| true)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(name) = &self.temporary {
            let _ = imp::remove(&self.dir.handle, &self.dir.path, name, false);
        }
    }
}

/// A name that is only ours for the time of a write, and what SQLite keeps beside such a file.
fn temporary_name() -> String {
    let mut random = [0; 8];
    // Uniqueness is all that is asked of it, and O_EXCL has the last word.
    let _ = getrandom::fill(&mut random);
    format!("{TEMPORARY}{:016x}", u64::from_ne_bytes(random))
}

fn is_temporary(name: &str) -> bool {
    let Some((digits, beside)) = name.strip_prefix(TEMPORARY).and_then(|rest| rest.split_at_checked(16))
    else {
        return false;
    };
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && ["", "-journal", "-wal", "-shm"].contains(&beside)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{fs, io::Write as _, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_not_before() {
        let home = tempfile::tempdir().unwrap();
        let dir = Dir::open(&home.path().join("a/b")).unwrap();
        let mut pending = dir.begin().unwrap();
        pending.file.write_all(b"one").unwrap();
        drop(dir.begin().unwrap());
        assert!(pending.publish(&dir, "x", false).unwrap());
        assert_eq!(dir.names().unwrap(), ["x"]);
        let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir.path().join("x")), mode(dir.path())), (0o600, 0o700));
        assert_eq!(mode(&home.path().join("a")), 0o700);
    }

    #[test]
    fn what_is_there_stays_unless_it_is_to_be_replaced() {
        let home = tempfile::tempdir().unwrap();
        let dir = Dir::open(home.path()).unwrap();
        for (text, overwrite, done) in [("one", false, true), ("two", false, false), ("three", true, true)] {
            let pending = dir.begin().unwrap();
            pending.file().write_all(text.as_bytes()).unwrap();
            let (pending, named) = pending.with_name().unwrap();
            assert_eq!(fs::read_to_string(named).unwrap(), text);
            assert_eq!(pending.publish(&dir, "x", overwrite).unwrap(), done, "{text}");
            // And without a name before.
            let pending = dir.begin().unwrap();
            pending.file().write_all(text.as_bytes()).unwrap();
            assert_eq!(pending.publish(&dir, "y", overwrite).unwrap(), done, "{text}");
        }
        for name in ["x", "y"] {
            assert_eq!(fs::read_to_string(home.path().join(name)).unwrap(), "three");
        }
        assert_eq!(dir.names().unwrap().len(), 2);
    }

    #[test]
    fn a_link_below_is_refused_and_one_at_the_target_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let (inside, outside) = (home.path().join("in"), home.path().join("out"));
        fs::create_dir(&outside).unwrap();
        let dir = Dir::open(&inside).unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        assert!(dir.child("link").is_err());
        assert_eq!(dir.look("link").unwrap(), Entry::Link);
        let pending = dir.begin().unwrap();
        assert!(!pending.publish(&dir, "link", false).unwrap());
        // Moved away, and something else put in its place: files go where the directory is.
        fs::rename(&inside, home.path().join("moved")).unwrap();
        std::os::unix::fs::symlink(&outside, &inside).unwrap();
        assert!(dir.begin().unwrap().publish(&dir, "x", true).unwrap());
        assert!(home.path().join("moved/x").exists());
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    }

    #[test]
    fn one_directory_takes_the_place_of_another() {
        let home = tempfile::tempdir().unwrap();
        let dir = Dir::open(home.path()).unwrap();
        for (round, text) in ["one", "two"].into_iter().enumerate() {
            let new = dir.child(".new-x").unwrap();
            let pending = dir.begin().unwrap();
            pending.file().write_all(text.as_bytes()).unwrap();
            pending.publish(&new, &format!("part-{round}"), false).unwrap();
            dir.exchange(".new-x", "year=2026").unwrap();
            dir.remove_flat(".new-x").unwrap();
        }
        assert_eq!(dir.names().unwrap(), ["year=2026"]);
        assert_eq!(fs::read_to_string(home.path().join("year=2026/part-1")).unwrap(), "two");
        assert!(!home.path().join("year=2026/part-0").exists());
    }

    #[test]
    fn what_a_killed_process_left_goes_and_what_is_somebody_else_s_stays() {
        let home = tempfile::tempdir().unwrap();
        let mine = [".new-0123456789abcdef", ".new-0123456789abcdef-journal"];
        let other =
            [".new-year", ".new-0123456789abcdeg", "new-0123456789abcdef", ".new-0123456789abcdef.csv"];
        for name in mine.iter().chain(&other) {
            let path = home.path().join(name);
            fs::write(&path, "half of it").unwrap();
            let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
            File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
        }
        let fresh = ".new-fedcba9876543210";
        fs::write(home.path().join(fresh), "somebody is writing it").unwrap();
        let dir = Dir::open(home.path()).unwrap();
        drop(dir.begin().unwrap());
        let (mut left, mut wanted) = (dir.names().unwrap(), other.to_vec());
        wanted.push(fresh);
        left.sort();
        wanted.sort_unstable();
        assert_eq!(left, wanted);
    }
}
