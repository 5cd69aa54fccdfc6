//! The source as the rules read it: its files, each with comments and the insides of strings blanked out, and the
//! module that it is.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One file of `src`.
pub(super) struct Source {
    /// Below `src`, with slashes.
    pub(super) file: String,
    /// As long as the text line by line.
    pub(super) code: String,
    /// From here on the code is compiled for tests only.
    first_test: usize,
}

impl Source {
    pub(super) fn new(file: &str, text: &str) -> Self {
        let code = without_comments_and_strings(text);
        let first_test = code.find("#[cfg(test)]\nmod tests {").unwrap_or(code.len());
        Self { file: file.to_owned(), first_test: if is_for_tests(file) { 0 } else { first_test }, code }
    }

    /// Everything in `src`, in the order of the names.
    pub(super) fn all() -> Vec<Self> {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let read = |path: PathBuf| {
            let file = path.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            Self::new(&file, &fs::read_to_string(&path).unwrap())
        };
        let mut found: Vec<Self> = files(&src).into_iter().map(read).collect();
        found.sort_by(|one, other| one.file.cmp(&other.file));
        found
    }

    /// The part of the map a file belongs to: its first folder, or its own name.
    pub(super) fn part(&self) -> &str {
        part(&self.file)
    }

    /// The names that lead from the root of the crate to the module of this file.
    pub(super) fn module(&self) -> Vec<&str> {
        let names = self.file.trim_end_matches(".rs").split('/');
        names.filter(|name| !matches!(*name, "mod" | "lib" | "main")).collect()
    }

    /// A test may build what it needs from anywhere.
    pub(super) fn is_test(&self, position: usize) -> bool {
        position >= self.first_test
    }

    /// The place as a person writes it.
    pub(super) fn line(&self, position: usize) -> String {
        format!("src/{}:{}", self.file, self.code[..position].matches('\n').count() + 1)
    }
}

/// See [`Source::part`].
pub(super) fn part(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// Every file of Rust in a directory and below.
pub(super) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Whether the whole file is compiled for tests only. By name, its own or its folder's, so that it is seen.
fn is_for_tests(file: &str) -> bool {
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".rs");
    stem.ends_with("tests") || matches!(stem, "fixtures" | "stub" | "testkit") || file.contains("/tests/")
}

/// Where a word stands in the code, not as a part of another.
pub(super) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).map(|(position, _)| position).filter(move |&position| {
        let before = code[..position].chars().next_back();
        let after = code[position + word.len()..].chars().next();
        !before.is_some_and(inside) && (word.ends_with('!') || !after.is_some_and(inside))
    })
}

/// The code with comments and the insides of strings blanked out, line by line as long as before.
fn without_comments_and_strings(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(length) = raw_string(rest) {
            length
        } else if c == '"' {
            string(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        out.extend(rest[..skipped].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[skipped..];
    }
    out
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?.chars().take_while(|c| *c == '#').count();
    let open = 1 + hashes;
    text[open..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(text[open + 1..].find(&end).map_or(text.len(), |at| open + 1 + at + end.len()))
}
