//! The same as `unix`, by paths: where directories cannot be held open.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
    time::SystemTime,
};

use super::{Entry, temporary_name};

#[derive(Debug)]
pub(super) struct Handle;

pub(super) fn open(path: &Path) -> io::Result<Handle> {
    if fs::metadata(path)?.is_dir() { Ok(Handle) } else { Err(io::Error::from(io::ErrorKind::NotADirectory)) }
}

#[allow(clippy::disallowed_methods, reason = "the one place that may, where no directory can be held open")]
pub(super) fn make_dir(_dir: &Handle, path: &Path, name: &str) -> io::Result<()> {
    match fs::create_dir(path.join(name)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn child(dir: &Handle, path: &Path, name: &str) -> io::Result<Handle> {
    match look(dir, path, name)? {
        Entry::Directory => Ok(Handle),
        _ => Err(io::Error::from(io::ErrorKind::NotADirectory)),
    }
}

pub(super) fn look(_dir: &Handle, path: &Path, name: &str) -> io::Result<Entry> {
    match fs::symlink_metadata(path.join(name)) {
        Ok(found) if found.is_symlink() => Ok(Entry::Link),
        Ok(found) if found.is_dir() => Ok(Entry::Directory),
        Ok(found) if found.is_file() => Ok(Entry::File),
        Ok(_) => Ok(Entry::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Entry::Nothing),
        Err(error) => Err(error),
    }
}

pub(super) fn file_modified(_dir: &Handle, path: &Path, name: &str) -> Option<SystemTime> {
    let found = fs::symlink_metadata(path.join(name)).ok()?;
    if found.is_file() { found.modified().ok() } else { None }
}

#[allow(clippy::disallowed_methods, reason = "the one place that may, where no directory can be held open")]
pub(super) fn begin(_dir: &Handle, path: &Path) -> io::Result<(File, Option<String>)> {
    let name = temporary_name();
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(path.join(&name))?;
    Ok((file, Some(name)))
}

pub(super) fn link(_file: &File, _dir: &Handle, _name: &str) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

pub(super) fn rename(from: (&Handle, &Path, &str), to: (&Handle, &Path, &str)) -> io::Result<()> {
    fs::rename(from.1.join(from.2), to.1.join(to.2))
}

pub(super) fn rename_new(from: (&Handle, &Path, &str), to: (&Handle, &Path, &str)) -> io::Result<bool> {
    if look(to.0, to.1, to.2)? != Entry::Nothing {
        return Ok(false);
    }
    rename(from, to).map(|()| true)
}

pub(super) fn exchange(dir: &Handle, path: &Path, new: &str, name: &str) -> io::Result<()> {
    if look(dir, path, name)? == Entry::Nothing {
        return rename((dir, path, new), (dir, path, name));
    }
    let old = temporary_name();
    rename((dir, path, name), (dir, path, &old))?;
    rename((dir, path, new), (dir, path, name))?;
    rename((dir, path, &old), (dir, path, new))
}

pub(super) fn remove(_dir: &Handle, path: &Path, name: &str, directory: bool) -> io::Result<()> {
    if directory { fs::remove_dir(path.join(name)) } else { fs::remove_file(path.join(name)) }
}

pub(super) fn sync(_dir: &Handle) -> io::Result<()> {
    Ok(())
}
