//! The vault on a disk.

use secrecy::ExposeSecret as _;

use super::*;
use crate::{
    auth::{fixtures::*, seal::Fault},
    config::Paths,
    providers,
};

fn vault(paths: &Paths, origin: &str) -> Vault {
    Vault::of(&config(paths), providers::find("whoop").unwrap(), &Origin::loopback(origin))
}

#[test]
fn tokens_come_back_as_they_were() {
    let home = tempfile::tempdir().unwrap();
    let vault = vault(&paths(&home), "http://127.0.0.1:1");
    assert!(vault.load().unwrap().is_none());
    assert!(!home.path().join("config").exists(), "reading made a key");
    vault.save(&tokens(1)).unwrap();
    vault.save(&tokens(2)).unwrap();
    let read = vault.load().unwrap().unwrap();
    assert_eq!((read.generation, read.access.expose_secret()), (2, "access-2"));
}

#[test]
fn tokens_of_one_origin_are_never_loaded_for_another() {
    let home = tempfile::tempdir().unwrap();
    let (here, there) =
        (vault(&paths(&home), "http://127.0.0.1:1"), vault(&paths(&home), "http://127.0.0.1:2"));
    here.save(&tokens(1)).unwrap();
    here.save_client(&client()).unwrap();
    assert!(there.load().unwrap().is_none());
    assert!(there.load_client().unwrap().is_none());
    // Nor when somebody renames the file.
    for kind in [Kind::Tokens, Kind::Client] {
        fs::copy(here.sealed_path(kind), there.sealed_path(kind)).unwrap();
    }
    let unopened = |kind| VaultError::Sealed { file: there.sealed_path(kind), fault: Fault::Unopened };
    assert_eq!(there.load().unwrap_err(), unopened(Kind::Tokens));
    assert_eq!(there.load_client().unwrap_err(), unopened(Kind::Client));
}

#[test]
fn a_stand_in_never_takes_the_place_of_the_real_files() {
    let whoop = providers::find("whoop").unwrap();
    let real = stem("whoop", &Origin::of(whoop).unwrap());
    assert_eq!(real, "whoop");
    assert_eq!(stem("whoop", &Origin::loopback("http://127.0.0.1:8080")), "whoop@127.0.0.1-8080");
    assert_eq!(stem("whoop", &Origin::loopback("http://[::1]:8080")), "whoop@---1--8080");
}

#[test]
fn another_profile_opens_nothing() {
    let home = tempfile::tempdir().unwrap();
    let paths = paths(&home);
    let here = vault(&paths, "http://127.0.0.1:1");
    here.save(&tokens(1)).unwrap();
    let other = Config { profile: Some("anna".to_owned()), ..config(&paths) };
    let other = Vault::of(&other, providers::find("whoop").unwrap(), &Origin::loopback("http://127.0.0.1:1"));
    assert!(matches!(other.load(), Err(VaultError::Sealed { fault: Fault::Unopened, .. })));
}

#[test]
fn four_faults_are_told_apart_and_change_nothing() {
    let home = tempfile::tempdir().unwrap();
    let vault = vault(&paths(&home), "http://127.0.0.1:1");
    vault.save(&tokens(1)).unwrap();
    let path = vault.sealed_path(Kind::Tokens);
    let good = fs::read(&path).unwrap();
    let mut newer = good.clone();
    newer[8] = 2;
    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for (bytes, fault) in [
        (Vec::new(), Fault::Empty),
        (b"{\"access_token\":\"x\"}".to_vec(), Fault::Foreign),
        (newer, Fault::Version(2)),
        (damaged, Fault::Unopened),
    ] {
        fs::write(&path, &bytes).unwrap();
        assert_eq!(vault.load().unwrap_err(), VaultError::Sealed { file: path.clone(), fault });
        assert_eq!(fs::read(&path).unwrap(), bytes, "{fault:?}");
    }
}

#[test]
fn a_missing_key_is_named_and_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    let paths = paths(&home);
    let vault = vault(&paths, "http://127.0.0.1:1");
    vault.save(&tokens(1)).unwrap();
    fs::rename(paths.key(), home.path().join("elsewhere")).unwrap();
    assert_eq!(vault.load().unwrap_err(), VaultError::KeyMissing(paths.key()));
    assert!(!paths.key().exists());
    fs::rename(home.path().join("elsewhere"), paths.key()).unwrap();
    assert!(vault.load().unwrap().is_some());
}

#[test]
fn what_is_set_aside_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let vault = vault(&paths(&home), "http://127.0.0.1:1");
    vault.save(&tokens(1)).unwrap();
    vault.save_client(&client()).unwrap();
    fs::write(vault.sealed_path(Kind::Tokens), b"junk").unwrap();
    vault.set_aside().unwrap();
    assert!(vault.load().unwrap().is_none());
    assert!(vault.load_client().unwrap().is_some(), "what opens stays");
    let kept = fs::read_dir(&vault.dir).unwrap().map(|entry| entry.unwrap().path());
    assert!(kept.into_iter().any(|path| fs::read(path).unwrap() == b"junk"));
}

#[test]
fn an_unusable_key_moves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let paths = paths(&home);
    let vault = vault(&paths, "http://127.0.0.1:1");
    vault.save(&tokens(1)).unwrap();
    let mut mistyped = vault.clone();
    mistyped.key.given = Some("not a key".into());
    assert_eq!(mistyped.set_aside().unwrap_err(), VaultError::KeyGiven);
    assert!(vault.load().unwrap().is_some());
}

#[test]
fn state_belongs_to_one_generation() {
    let home = tempfile::tempdir().unwrap();
    let vault = vault(&paths(&home), "http://127.0.0.1:1");
    let state = State::new(4).attempting(&"t".into(), clock::now());
    vault.write_state(&state).unwrap();
    assert_eq!(vault.state(4), state);
    assert_eq!(vault.state(5), State::new(5));
    fs::write(vault.path("state"), b"{").unwrap();
    assert_eq!(vault.state(4), State::new(4));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_any_of_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let paths = paths(&home);
    let vault = vault(&paths, "http://127.0.0.1:1");
    vault.save(&tokens(1)).unwrap();
    vault.save_client(&client()).unwrap();
    vault.write_state(&State::new(1)).unwrap();
    for dir in [paths.tokens(), paths.config.clone()] {
        assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
        for entry in fs::read_dir(dir).unwrap() {
            assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
