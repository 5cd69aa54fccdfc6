//! Exports that are stopped, that would leave their directory, and formats by name.

use std::{fs, path::PathBuf};

use super::*;
use crate::query::testkit::{Mirror, night};

fn mirror() -> Mirror {
    let mirror = Mirror::new();
    (1..=17).for_each(|day| night(&mirror, day));
    mirror
}

fn ask(kind: &str, format: Format) -> Ask {
    let what = TablesArgs { kind: kind.to_owned(), ..TablesArgs::default() };
    Ask { what, format, overwrite: false, partitioned: false, bundle: false }
}

fn all_below(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_below(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

#[test]
fn an_export_that_is_stopped_leaves_nothing_wherever_it_was() {
    let mirror = mirror();
    let context = mirror.whoop_only();
    for (number, one) in [
        ask("all", Format::Csv),
        ask("all", Format::Fhir),
        ask("whoop.sleep", Format::Jsonl),
        Ask { partitioned: true, ..ask("all", Format::Parquet) },
    ]
    .into_iter()
    .enumerate()
    {
        for after in 0..12 {
            let place = mirror.home.path().join(format!("out{number}-{after}"));
            let mut told = 0;
            let done = export(&context, &one, &Destination::Anywhere(place.clone()), &mut |_, _| {
                told += 1;
                if told > after { Err(Error::new(Code::Cancelled, "stop")) } else { Ok(()) }
            });
            match done {
                Err(error) => {
                    assert_eq!(error.code, Code::Cancelled);
                    assert!(all_below(&place).is_empty(), "{number} {after}: {:?}", all_below(&place));
                }
                Ok(done) => assert!(!done.files.is_empty() || one.partitioned, "{number} {after}"),
            }
        }
    }
}

#[test]
fn years_that_are_stopped_while_they_are_replaced_stay_as_they_were() {
    let mirror = mirror();
    let context = mirror.whoop_only();
    let place = Destination::Anywhere(mirror.home.path().join("set"));
    let one = Ask { partitioned: true, ..ask("whoop.sleep", Format::Parquet) };
    export(&context, &one, &place, &mut |_, _| Ok(())).unwrap();
    let before = all_below(&place.path());
    night(&mirror, 18);
    let mut told = 0;
    let stopped = export(&context, &Ask { overwrite: true, ..one }, &place, &mut |_, _| {
        told += 1;
        Err(Error::new(Code::Cancelled, "stop"))
    });
    assert!(stopped.is_err() && told == 1);
    assert_eq!(all_below(&place.path()), before);
}

#[test]
fn below_a_directory_nothing_leaves_it() {
    let mirror = mirror();
    let context = mirror.whoop_only();
    let root = mirror.home.path().join("exports");
    let outside = mirror.home.path().join("outside");
    fs::create_dir_all(&outside).unwrap();
    let to = |path: &str| {
        let destination = Destination::Below { root: root.clone(), path: PathBuf::from(path) };
        export(&context, &ask("daily", Format::Csv), &destination, &mut |_, _| Ok(()))
    };
    assert!(to("a/b/days.csv").is_ok());
    assert_eq!(to("a/b/days.csv").unwrap_err().code, Code::FileExists);
    assert_eq!(to("a/b").unwrap().files[0].path, root.join("a/b/daily.csv").display().to_string());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&outside, root.join("link")).unwrap();
        std::os::unix::fs::symlink(outside.join("x"), root.join("file.csv")).unwrap();
        for path in ["link/x.csv", "link", "file.csv", "../outside/x.csv"] {
            assert!(to(path).is_err(), "{path}");
        }
    }
    assert!(all_below(&outside).is_empty());
}

#[test]
fn formats_by_name_or_extension() {
    for (name, path, format) in [
        (Some("parquet"), None, Some(Format::Parquet)),
        (Some(" CSV "), Some("x.parquet"), Some(Format::Csv)),
        (None, Some("a/x.ndjson"), Some(Format::Fhir)),
        (None, Some("x.jsonl"), Some(Format::Jsonl)),
        (None, Some("x"), Some(Format::Csv)),
        (None, None, Some(Format::Csv)),
        (Some("xml"), None, None),
    ] {
        assert_eq!(Format::read(name, path.map(Path::new)).ok(), format, "{name:?} {path:?}");
    }
}
