//! Where this program lies, by the path that lasts: package managers put a link into a directory of `PATH` and let it
//! lead to the version of the day, and an upgrade removes what it led to.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// The path to register: a way through `PATH` that leads here, else the path this was started by, else where the
/// program really lies.
pub(super) fn stable() -> Result<PathBuf> {
    let program = env::current_exe()
        .map_err(|error| Error::internal(format!("where this program lies is not known: {error}")))?;
    let started = env::args_os().next().map(PathBuf::from);
    let folders: Vec<PathBuf> =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    Ok(lasting(&program, started.as_deref(), &folders))
}

fn lasting(program: &Path, started: Option<&Path>, folders: &[PathBuf]) -> PathBuf {
    let here = |path: &Path| fs::canonicalize(path).ok() == fs::canonicalize(program).ok();
    let usual = OsStr::new(env!("CARGO_PKG_NAME"));
    let names = [started.and_then(Path::file_name), Some(usual), program.file_name()];
    let ways = folders.iter().filter(|folder| folder.is_absolute()).flat_map(|folder| {
        names.iter().flatten().flat_map(move |name| {
            let exe = format!("{}.exe", name.to_string_lossy());
            [folder.join(name), folder.join(exe)]
        })
    });
    let started = started.filter(|path| path.components().count() > 1);
    let started = started.and_then(|path| std::path::absolute(path).ok());
    ways.chain(started).find(|path| path.is_file() && here(path)).unwrap_or_else(|| program.to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_link_is_the_path_that_lasts() {
        let dir = tempfile::tempdir().unwrap();
        let dir = fs::canonicalize(dir.path()).unwrap();
        let (version, bin, other) = (dir.join("1.2.3"), dir.join("bin"), dir.join("other"));
        for folder in [&version, &bin, &other] {
            fs::create_dir(folder).unwrap();
        }
        let program = version.join("vitals-mcp");
        fs::write(&program, "program").unwrap();
        let link = bin.join("vitals-mcp");
        symlink(&program, &link).unwrap();
        fs::write(other.join("vitals-mcp"), "another").unwrap();
        let all = [PathBuf::from("."), other.clone(), bin.clone()];
        let nowhere = [other.clone()];
        for (started, folders, expected) in [
            (Some(Path::new("vitals-mcp")), &all[..], &link),
            (Some(&*program), &all, &link),
            (None, &all, &link),
            (Some(&*link), &nowhere, &link),
            (Some(Path::new("vitals-mcp")), &nowhere, &program),
            (None, &nowhere, &program),
        ] {
            assert_eq!(&lasting(&program, started, folders), expected, "{started:?} {folders:?}");
        }
    }
}
