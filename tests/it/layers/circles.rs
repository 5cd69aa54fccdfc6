//! No circle within a folder: its files and folders can be put in an order in which each names only earlier ones.
//!
//! What counts, in each folder by itself: a file, or a folder with all that is in it, names another one of the
//! same folder, by a `use` or in the middle of the code. A name that the folder's `mod.rs` re-exports counts as
//! of the file that it comes from. What `mod.rs` defines itself is the folder's own, and every file in it may use
//! that; what is compiled for tests only does not count.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    paths::{Named, named},
    source::Source,
};

#[test]
fn no_circle_within_a_folder() {
    let found: Vec<String> = circles(&Source::all()).iter().map(Circle::told).collect();
    assert!(found.is_empty(), "{} circles:\n{}", found.len(), found.join("\n"));
}

#[test]
fn planted_circles_are_found() {
    let check = |files: &[(&str, &str)], expected: &[&str]| {
        let sources: Vec<Source> = files.iter().map(|(file, text)| Source::new(file, text)).collect();
        let found: Vec<String> = circles(&sources).into_iter().map(|circle| circle.name()).collect();
        assert_eq!(found, expected, "{files:?}");
    };
    let plain = |one, other| [("a/mod.rs", "mod b; mod c;"), ("a/b.rs", one), ("a/c.rs", other)];
    check(&plain("use super::c::C;", ""), &[]);
    check(&plain("use super::c::C;", "use crate::a::b::{self, B};"), &["a: b, c"]);
    check(&plain("fn f() { super::c::f() }", "fn f() { crate::a::b::f() }"), &["a: b, c"]);
    check(&plain("use super::Own;", "use super::b::B;"), &[]);
    check(
        &plain(
            "// super::c",
            "const B: &str = \"super::b\"; #[cfg(test)]\nmod tests {\n use super::super::b; }",
        ),
        &[],
    );
    // What is re-exported is of the file that it comes from, also where the folder only uses it itself.
    let offered = [("a/mod.rs", "mod b; mod c; pub use b::B; use self::c::C;"), ("a/b.rs", "use super::C;")];
    check(&[offered[0], offered[1], ("a/c.rs", "use crate::a::B;")], &["a: b, c"]);
    check(
        &[offered[0], offered[1], ("a/c.rs", "use crate::d::B;"), ("d.rs", "pub use crate::a::B;")],
        &["a: b, c"],
    );
    // A folder is one with all that is in it.
    let deep = [("a/mod.rs", "mod b; mod c;"), ("a/c.rs", "use super::b::B;"), ("a/b/mod.rs", "mod d;")];
    check(&[deep[0], deep[1], deep[2], ("a/b/d.rs", "use crate::a::c::C;")], &["a: b, c"]);
    check(&[deep[0], deep[1], deep[2], ("a/b/d.rs", "use super::E;")], &[]);
}

/// Files and folders of one folder that lead to each other.
struct Circle {
    folder: String,
    members: Vec<String>,
    /// The lines that lead from one to another.
    lines: Vec<String>,
}

impl Circle {
    fn name(&self) -> String {
        format!("{}: {}", self.folder, self.members.join(", "))
    }

    fn told(&self) -> String {
        format!("{}\n  {}", self.name(), self.lines.join("\n  "))
    }
}

/// Where the edges lead from one member, over how many steps ever.
fn reached<'e>(from: &'e String, edges: &'e BTreeMap<(String, String), String>) -> BTreeSet<&'e String> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(one) = open.pop() {
        let next = edges.keys().filter(|(from, _)| from == one).map(|(_, to)| to);
        open.extend(next.filter(|to| seen.insert(*to)));
    }
    seen
}

/// The modules of the crate, each with what its own file names.
struct Modules<'s> {
    by_path: BTreeMap<Vec<String>, (&'s Source, Vec<Named>)>,
}

fn circles(sources: &[Source]) -> Vec<Circle> {
    let modules = Modules::of(sources);
    // Folder, then one in it, then another in it that it names, with the line.
    let mut edges: BTreeMap<Vec<String>, BTreeMap<(String, String), String>> = BTreeMap::new();
    for (path, (source, named)) in &modules.by_path {
        for one in named.iter().filter(|one| !source.is_test(one.position)) {
            let target = modules.home(&one.path, 0);
            let shared = path.iter().zip(&target).take_while(|(own, other)| own == other).count();
            if let (Some(from), Some(to)) = (path.get(shared), target.get(shared)) {
                let within = edges.entry(path[..shared].to_vec()).or_default();
                let line = format!("{}: {}", source.line(one.position), one.path.join("::"));
                within.entry((from.clone(), to.clone())).or_insert(line);
            }
        }
    }
    edges.iter().flat_map(|(folder, edges)| within(folder, edges)).collect()
}

/// The circles among what the members of one folder name of each other.
fn within(folder: &[String], edges: &BTreeMap<(String, String), String>) -> Vec<Circle> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        edges.keys().map(|(from, _)| (from, reached(from, edges))).collect();
    let back = |from: &String, to: &String| reach.get(from).is_some_and(|reach| reach.contains(to));
    let in_circles = reach.iter().filter(|(name, _)| back(name, name));
    let circles: BTreeSet<Vec<&String>> = in_circles
        .map(|(name, reach)| reach.iter().copied().filter(|other| back(other, name)).collect())
        .collect();
    let told = circles.into_iter().map(|members| {
        let inside = |(from, to): &(String, String)| members.contains(&from) && members.contains(&to);
        let lines = edges.iter().filter(|(edge, _)| inside(edge)).map(|(_, line)| line.clone());
        Circle {
            folder: folder.join("/"),
            lines: lines.collect(),
            members: members.iter().copied().cloned().collect(),
        }
    });
    told.collect()
}

impl<'s> Modules<'s> {
    fn of(sources: &'s [Source]) -> Self {
        let is_code = |source: &&Source| !source.is_test(0) && source.file != "main.rs";
        let paths: Vec<Vec<&str>> = sources.iter().filter(is_code).map(Source::module).collect();
        let by_path = sources.iter().filter(is_code).map(|source| {
            let own = source.module();
            let is_child = |path: &&Vec<&str>| path.len() == own.len() + 1 && path.starts_with(&own);
            let children: Vec<&str> =
                paths.iter().filter(is_child).filter_map(|path| path.last().copied()).collect();
            (own.iter().map(|name| (*name).to_owned()).collect(), (source, named(source, &children)))
        });
        Self { by_path: by_path.collect() }
    }

    /// The module that a path leads to, or in which what it names is defined: re-exports are followed.
    fn home(&self, path: &[String], followed: usize) -> Vec<String> {
        let mut at: Vec<String> = Vec::new();
        for (index, name) in path.iter().enumerate() {
            let mut inner = at.clone();
            inner.push(name.clone());
            if self.by_path.contains_key(&inner) {
                at = inner;
                continue;
            }
            let offered = self.by_path.get(&at).and_then(|(source, named)| {
                named.iter().find(|one| one.name.as_deref() == Some(name) && !source.is_test(one.position))
            });
            if let Some(offered) = offered.filter(|_| followed < 8) {
                let rest = path[index + 1..].iter().cloned();
                return self
                    .home(&offered.path.iter().cloned().chain(rest).collect::<Vec<_>>(), followed + 1);
            }
            break;
        }
        at
    }
}
