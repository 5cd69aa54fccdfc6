//! What every sign-in does: codes once, challenges, rotation, replays.

use super::{Listed, lab, status};
use crate::demo::kit::faults::Fault;
use crate::demo::kit::lab::{Fields, REDIRECT, SignedIn, form, text};
use crate::demo::kit::quirks::Consent;
use serde_json::Value;
use std::time::Duration;

/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The tokens of an answer: (access, refresh).
fn tokens<S: SignedIn>((status, answer): &(u16, Value)) -> (String, String) {
    assert_eq!(*status, 200, "{answer}");
    let token = |name| text(answer, &format!("{}/{name}", S::TOKENS)).to_owned();
    (token("access_token"), token("refresh_token"))
}

fn is_refused<S: SignedIn>((_, answer): &(u16, Value)) -> bool {
    answer.pointer(&format!("{}/access_token", S::TOKENS)).is_none()
}

pub fn a_code_is_exchanged_once_by_its_own_client_in_time<S: SignedIn + Listed>() {
    let mut lab = lab::<S>();
    lab.sim.register_client("other", "s", &[REDIRECT]);
    let code = lab.code(&[]);
    let wrong: [Fields; 3] = [
        &[("redirect_uri", "https://example.com/back")],
        &[("client_id", "other"), ("client_secret", "s")],
        &[("client_secret", "wrong")],
    ];
    for changes in wrong {
        let answer = lab.exchange(&code, changes);
        assert!(is_refused::<S>(&answer), "{changes:?} {answer:?}");
    }
    let answer = lab.exchange(&code, &[]);
    let (access, _) = tokens::<S>(&answer);
    assert_eq!(status(&mut lab, &access), 200);
    for code in [code.as_str(), "made-up"] {
        assert!(is_refused::<S>(&lab.exchange(code, &[])));
    }
    let lifetime = S::oauth(&mut S::Quirks::default()).code_lifetime.as_secs() as i64;
    for (waited, is_late) in [(lifetime - 1, false), (lifetime, true)] {
        let code = lab.code(&[]);
        lab.pass(waited);
        assert_eq!(is_refused::<S>(&lab.exchange(&code, &[])), is_late, "after {waited} s");
    }
    lab.sim.set_quirk(|quirks| S::oauth(quirks).consent = Consent::AccessDenied);
    let (_, fields) = lab.authorize(&[]);
    assert!(fields.contains(&("error".to_owned(), "access_denied".to_owned())));
    assert!(fields.contains(&("state".to_owned(), "12345678".to_owned())));
}

pub fn the_only_address_of_an_app_may_be_left_out_where_the_dialect_says_so<S: SignedIn + Listed>() {
    let mut lab = lab::<S>();
    lab.sim.register_client("one", "s", &[REDIRECT]);
    let one: Fields = &[("client_id", "one"), ("redirect_uri", "-")];
    if S::REDIRECT_MAY_BE_LEFT_OUT {
        let code = lab.code(one);
        tokens::<S>(&lab.exchange(&code, &[one, &[("client_secret", "s")]].concat()));
    } else {
        assert_eq!(lab.authorize(one).0.status, 400);
    }
}

pub fn a_challenge_binds_where_challenges_count<S: SignedIn + Listed>() {
    let mut lab = lab::<S>();
    let with: Fields = &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let other: Fields = &[("code_verifier", "another-verifier-of-forty-three-characters-000")];
    let cases: [(Fields, Fields, bool); 6] = [
        (with, &[("code_verifier", VERIFIER)], true),
        (with, other, !S::PKCE),
        (with, &[("code_verifier", CHALLENGE)], !S::PKCE),
        (with, &[], !S::PKCE),
        (&[], &[], true),
        (&[], other, !S::STRAY_VERIFIER_IS_REFUSED),
    ];
    for (asked, presented, is_good) in cases {
        let code = lab.code(asked);
        let answer = lab.exchange(&code, presented);
        assert_eq!(!is_refused::<S>(&answer), is_good, "{asked:?} {presented:?}");
    }
}

pub fn refresh_tokens_rotate<S: SignedIn + Listed>() {
    let mut lab = lab::<S>();
    let old = lab.refresh.clone();
    lab.sim.register_client("other", "s", &[REDIRECT]);
    for stranger in
        [&[("client_secret", "wrong")] as Fields, &[("client_id", "other"), ("client_secret", "s")]]
    {
        assert!(is_refused::<S>(&lab.refresh_with(&old, stranger)), "{stranger:?}");
    }
    assert!(is_refused::<S>(&lab.refresh_with("made-up", &[])));
    assert!(lab.sim.live_refresh_token_is(&old), "nothing has happened yet");
    let answer = lab.refresh_with(&old, &[]);
    let (access, next) = tokens::<S>(&answer);
    assert_ne!(next, old);
    assert_eq!(status(&mut lab, &access), 200);
    assert!(lab.sim.live_refresh_token_is(&next) && !lab.sim.live_refresh_token_is(&old));
    assert!(is_refused::<S>(&lab.refresh_with(&old, &[])), "a replay");
    assert_eq!(lab.sim.spent_refresh_tokens_presented(), 1);
    assert!(lab.sim.live_refresh_token_is(&next), "by default the others live on");
    assert_eq!(status(&mut lab, &access), 200);
    lab.sim.set_quirk(|quirks| S::oauth(quirks).reuse_revokes_all = true);
    assert!(is_refused::<S>(&lab.refresh_with(&old, &[])), "another replay");
    assert!(!lab.sim.live_refresh_token_is(&next));
    assert_eq!(status(&mut lab, &access), 401);
    assert_eq!(lab.sim.token_posts(), 6);
}

pub fn a_fault_says_whether_the_refresh_happened<S: SignedIn + Listed>() {
    for (fault, happens) in [(Fault::NoAnswer, true), (Fault::CutOff, true), (Fault::Refused, false)] {
        let mut lab = lab::<S>();
        lab.sim.set_quirk(|quirks| S::oauth(quirks).old_refresh_lifetime = Duration::ZERO);
        lab.sim.fail_next(1, fault.clone(), S::TOKEN_PATH);
        let app = [("client_id", "app"), ("client_secret", "s3cret"), ("grant_type", "refresh_token")];
        let held = lab.refresh.clone();
        let fields = [S::TOKEN_FIELDS, &app, &[("refresh_token", held.as_str())]].concat();
        assert!(lab.send("", "POST", S::TOKEN_PATH, &form(&fields)).is_err());
        assert_eq!(lab.sim.live_refresh_token_is(&held), !happens, "{fault:?}");
        assert_eq!(lab.sim.requests()[0].field("grant_type"), Some("refresh_token"));
    }
}

pub fn hostile_token_answers_have_no_effect<S: SignedIn + Listed>() {
    let mut lab = lab::<S>();
    let held = lab.refresh.clone();
    lab.sim.set_quirk(|quirks| S::oauth(quirks).token_body = Some("{\"access_token\":7}".to_owned()));
    assert_eq!(lab.refresh_with(&held, &[]).1["access_token"], 7);
    lab.sim.set_quirk(|quirks| S::oauth(quirks).token_body = Some("{}".to_owned()));
    assert!(is_refused::<S>(&lab.refresh_with(&held, &[])));
    lab.sim.set_quirk(|quirks| {
        S::oauth(quirks).token_body = None;
        S::oauth(quirks).token_redirect = Some("http://127.0.0.1:9/".to_owned());
    });
    let answer = lab.send("", "POST", S::TOKEN_PATH, &form(S::TOKEN_FIELDS)).unwrap();
    assert_eq!((answer.status, answer.header("Location")), (307, Some("http://127.0.0.1:9/")));
    assert!(lab.sim.live_refresh_token_is(&held));
}
