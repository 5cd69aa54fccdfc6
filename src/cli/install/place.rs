//! Putting a text where somebody else looks for it: what was there before is kept beside it, and a link is followed
//! to where the text really lies, whether there is something already or not.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::files;

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Written {
    pub(super) path: String,
    /// `created`, `replaced` or `unchanged`.
    pub(super) status: &'static str,
    /// Where the file that was there before is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) backup: Option<String>,
}

impl Written {
    pub(super) fn unchanged(path: &Path) -> Self {
        Self { path: path.display().to_string(), status: "unchanged", backup: None }
    }

    pub(super) fn shown(&self) -> String {
        let kept = self.backup.as_ref().map(|backup| format!("\n  what was there is kept in {backup}"));
        format!("{}: {}{}", self.status, self.path, kept.unwrap_or_default())
    }
}

/// A link that leads on for longer leads in a circle.
const MOST_LINKS: usize = 40;

/// Where a path really leads: a link is followed also when nothing is at its end yet.
pub(super) fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(real) = fs::canonicalize(&path) {
            return real;
        }
        let Ok(next) = fs::read_link(&path) else { break };
        path = path.parent().map_or(next.clone(), |folder| folder.join(&next));
    }
    path
}

/// Writes the text, unless it is there already.
pub(super) fn put(path: &Path, text: &str) -> io::Result<Written> {
    let before = match fs::read(path) {
        Ok(bytes) if bytes == text.as_bytes() => return Ok(Written::unchanged(path)),
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    // Only what is missing is made; a folder that others read stays as it is.
    if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
        files::private_dir(folder)?;
    }
    let backup = before.map(|bytes| keep(path, &bytes)).transpose()?;
    files::write_atomic(path, text.as_bytes())?;
    Ok(Written {
        path: path.display().to_string(),
        status: if backup.is_some() { "replaced" } else { "created" },
        backup: backup.map(|backup| backup.display().to_string()),
    })
}

/// Writes the bytes beside the file, under the first name that is free.
fn keep(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for number in 0..1000 {
        let suffix = if number == 0 { ".backup".to_owned() } else { format!(".backup-{number}") };
        let backup = path.with_file_name(format!("{name}{suffix}"));
        if files::create_atomic(&backup, bytes)? {
            return Ok(backup);
        }
    }
    Err(io::Error::other("there are a thousand backups already"))
}
