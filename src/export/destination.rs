//! Where files go: the place that was asked for, opened so that nothing lands anywhere else.

use std::{
    fs,
    io::{self, Write as _},
    path::{Component, Path, PathBuf},
};

use super::failed;
use crate::{
    error::{Code, Error, Result},
    files::{Dir, Entry, Pending},
};

/// Where an export goes.
#[derive(Debug, Clone)]
pub enum Destination {
    /// Where the person says, by whatever links there are on the way.
    Anywhere(PathBuf),
    /// Below a directory: a path relative to it, and no link on the way.
    Below { root: PathBuf, path: PathBuf },
}

/// A file that is to be: its directory and its name.
pub(super) struct Spot {
    pub(super) dir: Dir,
    pub(super) name: String,
}

impl Spot {
    pub(super) fn path(&self) -> PathBuf {
        self.dir.path().join(&self.name)
    }

    /// Refuses what must not be replaced.
    pub(super) fn check(&self, overwrite: bool) -> Result<()> {
        let path = self.path();
        match self.dir.look(&self.name).map_err(|error| failed(&path, &error))? {
            Entry::Nothing => Ok(()),
            Entry::File if overwrite => Ok(()),
            Entry::File => Err(exists(&path)),
            Entry::Directory => {
                Err(Error::new(Code::FileExists, format!("{} is a directory", path.display()))
                    .hint("Choose another path."))
            }
            Entry::Link | Entry::Other => Err(no_file(&path)),
        }
    }
}

pub(super) fn exists(path: &Path) -> Error {
    Error::new(Code::FileExists, format!("{} exists already", path.display()))
}

/// Writes what is complete already, such as a picture, to where a person wants it: whole or not at all, and only
/// in the place of an ordinary file. The directory must be there.
pub fn put(path: &Path, bytes: &[u8], overwrite: bool) -> Result<()> {
    let cannot = |error: io::Error| failed(path, &error);
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Error::invalid(format!("{} names no file", path.display())))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let spot = Spot { dir: Dir::existing(parent).map_err(cannot)?, name: name.to_owned() };
    spot.check(overwrite)?;
    let pending = spot.dir.begin().map_err(cannot)?;
    pending.file().write_all(bytes).map_err(cannot)?;
    publish(&spot, pending, overwrite)
}

/// Gives a file that is complete its name.
pub(super) fn publish(spot: &Spot, pending: Pending, overwrite: bool) -> Result<()> {
    // What was put there meanwhile is looked at again.
    spot.check(overwrite)?;
    match pending.publish(&spot.dir, &spot.name, overwrite) {
        Ok(true) => Ok(()),
        Ok(false) => Err(exists(&spot.path())),
        Err(error) => Err(failed(&spot.path(), &error)),
    }
}

fn no_file(path: &Path) -> Error {
    Error::new(
        Code::FileExists,
        format!("{} is a symbolic link or no ordinary file, and is left alone", path.display()),
    )
    .hint("Choose another path, or remove it.")
}

impl Destination {
    /// The path as it was asked for.
    pub fn path(&self) -> PathBuf {
        match self {
            Self::Anywhere(path) => path.clone(),
            Self::Below { root, path } => root.join(path),
        }
    }

    /// The place of a single file; a directory gets it inside, under `name`.
    pub(super) fn file(&self, name: &str) -> Result<Spot> {
        let path = self.path();
        let is_directory = match self {
            Self::Anywhere(path) => fs::metadata(path).is_ok_and(|found| found.is_dir()),
            Self::Below { .. } => fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()),
        };
        let slashed = self.path().as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
        if is_directory || slashed {
            return Ok(Spot { dir: self.directory()?, name: name.to_owned() });
        }
        let last = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let last = last.ok_or_else(|| Error::invalid(format!("{} names no file", path.display())))?;
        let parent = match self {
            Self::Anywhere(path) => Self::Anywhere(path.parent().unwrap_or(Path::new("")).to_owned()),
            Self::Below { root, path } => {
                Self::Below { root: root.clone(), path: path.parent().unwrap_or(Path::new("")).to_owned() }
            }
        };
        Ok(Spot { dir: parent.directory()?, name: last })
    }

    /// The place as a directory, created where it is missing.
    pub(super) fn directory(&self) -> Result<Dir> {
        match self {
            Self::Anywhere(path) => {
                let path = if path.as_os_str().is_empty() { Path::new(".") } else { path.as_path() };
                Dir::open(path).map_err(|error| no_directory(path, &error))
            }
            Self::Below { root, path } => {
                let mut dir = Dir::open(root).map_err(|error| no_directory(root, &error))?;
                for part in path.components() {
                    let Component::Normal(name) = part else {
                        return Err(Error::invalid(format!("{} leaves its directory", path.display())));
                    };
                    let name = name
                        .to_str()
                        .ok_or_else(|| Error::invalid(format!("{} is not valid text", path.display())))?;
                    let below = dir.path().join(name);
                    dir = dir.child(name).map_err(|error| no_directory(&below, &error))?;
                }
                Ok(dir)
            }
        }
    }
}

fn no_directory(path: &Path, error: &io::Error) -> Error {
    if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory) {
        return Error::new(Code::FileExists, format!("{} is no directory, or a link to one", path.display()))
            .hint("Choose another path.");
    }
    failed(path, error)
}
