//! What [`super::Dir`] asks of a directory that is held open: every name is looked up in it, not by a path.

use std::{
    fs::File,
    io,
    os::fd::{AsRawFd as _, OwnedFd},
    path::Path,
    time::{Duration, SystemTime},
};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};

use super::{Entry, temporary_name};

pub(super) type Handle = OwnedFd;

fn private() -> Mode {
    Mode::RUSR | Mode::WUSR
}

pub(super) fn open(path: &Path) -> io::Result<Handle> {
    Ok(rustix::fs::open(path, OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?)
}

pub(super) fn make_dir(dir: &Handle, _path: &Path, name: &str) -> io::Result<()> {
    match rustix::fs::mkdirat(dir, name, Mode::RWXU) {
        Ok(()) | Err(rustix::io::Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn child(dir: &Handle, _path: &Path, name: &str) -> io::Result<Handle> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(dir, name, flags, Mode::empty())?)
}

pub(super) fn look(dir: &Handle, _path: &Path, name: &str) -> io::Result<Entry> {
    match rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(found) => Ok(match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile => Entry::File,
            FileType::Directory => Entry::Directory,
            FileType::Symlink => Entry::Link,
            _ => Entry::Other,
        }),
        Err(rustix::io::Errno::NOENT) => Ok(Entry::Nothing),
        Err(error) => Err(error.into()),
    }
}

/// When a file was last written to; `None` for what is no ordinary file.
pub(super) fn file_modified(dir: &Handle, _path: &Path, name: &str) -> Option<SystemTime> {
    let found = rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    let seconds = u64::try_from(found.st_mtime).ok()?;
    (FileType::from_raw_mode(found.st_mode) == FileType::RegularFile)
        .then(|| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

pub(super) fn begin(dir: &Handle, _path: &Path) -> io::Result<(File, Option<String>)> {
    // Without a name there is nothing to clean up, however the process ends.
    #[cfg(target_os = "linux")]
    {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        if let Ok(file) = rustix::fs::openat(dir, c".", flags, private()) {
            return Ok((file.into(), None));
        }
    }
    let name = temporary_name();
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::RDWR | OFlags::CLOEXEC;
    Ok((rustix::fs::openat(dir, &name, flags, private())?.into(), Some(name)))
}

/// Gives a file without a name one; refused where the name is taken.
pub(super) fn link(file: &File, dir: &Handle, name: &str) -> io::Result<()> {
    let open = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(rustix::fs::linkat(CWD, open, dir, name, AtFlags::SYMLINK_FOLLOW)?)
}

pub(super) fn rename(from: (&Handle, &Path, &str), to: (&Handle, &Path, &str)) -> io::Result<()> {
    Ok(rustix::fs::renameat(from.0, from.2, to.0, to.2)?)
}

/// `false`: the name is taken.
pub(super) fn rename_new(from: (&Handle, &Path, &str), to: (&Handle, &Path, &str)) -> io::Result<bool> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    match rustix::fs::renameat_with(from.0, from.2, to.0, to.2, rustix::fs::RenameFlags::NOREPLACE) {
        Ok(()) => return Ok(true),
        Err(rustix::io::Errno::EXIST) => return Ok(false),
        // Not every disk can do it in one step.
        Err(_) => {}
    }
    if look(to.0, to.1, to.2)? != Entry::Nothing {
        return Ok(false);
    }
    rename(from, to).map(|()| true)
}

pub(super) fn exchange(dir: &Handle, path: &Path, new: &str, name: &str) -> io::Result<()> {
    if look(dir, path, name)? == Entry::Nothing {
        return rename((dir, path, new), (dir, path, name));
    }
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    if rustix::fs::renameat_with(dir, new, dir, name, rustix::fs::RenameFlags::EXCHANGE).is_ok() {
        return Ok(());
    }
    let old = temporary_name();
    rename((dir, path, name), (dir, path, &old))?;
    rename((dir, path, new), (dir, path, name))?;
    rename((dir, path, &old), (dir, path, new))
}

pub(super) fn remove(dir: &Handle, _path: &Path, name: &str, directory: bool) -> io::Result<()> {
    let flags = if directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
    Ok(rustix::fs::unlinkat(dir, name, flags)?)
}

pub(super) fn sync(dir: &Handle) -> io::Result<()> {
    Ok(rustix::fs::fsync(dir)?)
}
