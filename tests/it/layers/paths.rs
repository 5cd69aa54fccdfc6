//! The paths that a file names within the crate: by `use`, group by group, and in the middle of the code. All are
//! told from the root of the crate on.

use super::source::{Source, words};

/// A path, and where its last name stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) position: usize,
    /// From the root of the crate on; of `*` and `self` what they are of.
    pub(super) path: Vec<String>,
    /// What the file calls it by a `use`; `None` in the middle of the code.
    pub(super) name: Option<String>,
}

/// What the file names of the crate. `children` are the modules of its own, which it may name without `self`.
pub(super) fn named(source: &Source, children: &[&str]) -> Vec<Named> {
    let code = &source.code;
    let mut found = Vec::new();
    let mut used = Vec::new();
    for position in words(code, "use") {
        let start = position + "use".len();
        let end = code[start..].find(';').map_or(code.len(), |length| start + length);
        let mut leaves = Vec::new();
        tree(code, start, end, &[], &mut leaves);
        used.push(position..end);
        found.extend(leaves.into_iter().filter_map(|leaf| from_root(source, children, leaf)));
    }
    for first in ["crate", "super", "self"].iter().chain(children) {
        for position in words(code, first) {
            let is_path = code[position + first.len()..].starts_with("::");
            let goes_on = code[..position].ends_with("::");
            if is_path && !goes_on && !used.iter().any(|span| span.contains(&position)) {
                let names = path(&code[position..]).split("::").map(str::to_owned).collect();
                found.extend(from_root(source, children, Named { position, path: names, name: None }));
            }
        }
    }
    found.sort_by_key(|named| named.position);
    found
}

/// Adds each path of a `use`, or of the group within one, that begins with `before`.
fn tree(code: &str, start: usize, end: usize, before: &[String], found: &mut Vec<Named>) {
    let part = &code[start..end];
    let start = start + (part.len() - part.trim_start().len());
    let Some(open) = code[start..end].find('{') else {
        let text = code[start..end].trim_end();
        let names = path(text);
        let mut whole = before.to_vec();
        whole.extend(names.split("::").map(str::to_owned));
        let renamed = text.split_once(" as ").map(|(_, name)| name.trim().to_owned());
        whole.pop_if(|last| last.is_empty());
        if whole.len() > 1 {
            whole.pop_if(|last| last == "self");
        }
        let name = renamed.or_else(|| whole.last().cloned()).filter(|_| !text.ends_with('*'));
        if !text.is_empty() {
            found.push(Named { position: start, path: whole, name });
        }
        return;
    };
    let mut before = before.to_vec();
    before.extend(
        path(&code[start..start + open]).split("::").filter(|name| !name.is_empty()).map(str::to_owned),
    );
    let (mut level, mut member) = (0, start + open + 1);
    for (offset, c) in code[start + open..end].char_indices() {
        let at = start + open + offset;
        match c {
            '{' => level += 1,
            ',' if level == 1 => {
                tree(code, member, at, &before, found);
                member = at + 1;
            }
            '}' => {
                level -= 1;
                if level == 0 {
                    return tree(code, member, at, &before, found);
                }
            }
            _ => {}
        }
    }
}

/// The path a piece of code starts with.
fn path(code: &str) -> &str {
    let end = code.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':')).unwrap_or(code.len());
    code[..end].trim_end_matches(':')
}

/// The path from the root on, or `None` of what is not of this crate.
fn from_root(source: &Source, children: &[&str], named: Named) -> Option<Named> {
    let mut base: Vec<String> = source.module().into_iter().map(str::to_owned).collect();
    let mut rest_of_path = named.path.iter().map(String::as_str).peekable();
    match rest_of_path.peek().copied()? {
        "crate" => {
            base.clear();
            rest_of_path.next();
        }
        "self" => {
            rest_of_path.next();
        }
        "super" => {
            while rest_of_path.next_if_eq(&"super").is_some() {
                base.pop();
            }
        }
        first if children.contains(&first) => {}
        _ => return None,
    }
    base.extend(rest_of_path.map(str::to_owned));
    Some(Named { path: base, ..named })
}

#[test]
fn paths_are_told_from_the_root() {
    for (file, children, text, expected) in [
        ("a/b.rs", &[][..], "use crate::{c::{self, D, e::F as G}, h};", "c c::D c::e::F h"),
        ("a/b.rs", &[], "use super::{c::*, D};\nuse std::fmt;", "a::c a::D"),
        ("a/mod.rs", &["b"], "mod b;\npub use self::b::B;\nuse b::{C, D};", "a::b::B a::b::C a::b::D"),
        ("a/mod.rs", &["b"], "mod b; fn f() { b::run(); other::b::run(); }", "a::b::run"),
        (
            "a/b/c.rs",
            &[],
            "fn f(x: super::super::D) -> crate::e::F { super::g::<u8>() }",
            "a::D e::F a::b::g",
        ),
        ("lib.rs", &["cli"], "mod cli; fn main() { cli::run(); }", "cli::run"),
        ("a.rs", &[], "fn f(self) { use_it(self.b); }", ""),
    ] {
        let found = named(&Source::new(file, text), children);
        let found: Vec<String> = found.iter().map(|named| named.path.join("::")).collect();
        assert_eq!(found.join(" "), expected, "{file}: {text}");
    }
}
