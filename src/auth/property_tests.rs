//! Properties of what the sign-in meets: sealed files, token answers, callbacks, redirect addresses.

use proptest::prelude::*;
use secrecy::SecretBox;

use super::{
    callback::judge,
    key::Key,
    redirect::Redirect,
    seal::{Binding, Kind, open, seal},
    state::State,
    token_answer::{self, Answer},
    tokens::Tokens,
};
use crate::providers::{self, catalogue::Reply};

fn key() -> Key {
    Key { bytes: SecretBox::new(Box::new([7; 32])), id: [7; 8] }
}

fn binding() -> Binding {
    Binding { profile: String::new(), provider: "whoop", origin: "https://api.example".to_owned() }
}

proptest! {
    #[test]
    fn no_file_opens_but_the_one_that_was_sealed(
        plain in prop::collection::vec(any::<u8>(), 0..400),
        generation in any::<u64>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let whole = seal(&key(), &binding(), Kind::Tokens, generation, &plain).unwrap();
        let mut file = whole.clone();
        for (place, byte) in damage {
            let place = place.index(file.len());
            file[place] = byte;
        }
        if cut {
            file.truncate(length.index(file.len()));
        }
        let opened = open(&key(), &binding(), Kind::Tokens, &file).ok();
        let expected = (file == whole).then_some((generation, plain));
        prop_assert_eq!(opened.map(|(generation, bytes)| (generation, bytes.to_vec())), expected);
    }

    #[test]
    fn nothing_at_all_opens(bytes in prop::collection::vec(any::<u8>(), 0..300), version in any::<u8>()) {
        prop_assert!(open(&key(), &binding(), Kind::Tokens, &bytes).is_err());
        let mut ours = b"VITALS-S".to_vec();
        ours.push(version);
        ours.extend(&bytes);
        prop_assert!(open(&key(), &binding(), Kind::Client, &ours).is_err());
        prop_assert!(Tokens::from_bytes(1, &bytes).is_err());
        let _ = serde_json::from_slice::<State>(&bytes);
    }

    #[test]
    fn a_token_answer_grants_only_tokens_that_can_be_sent(
        status in prop::sample::select(vec![200_u16, 201, 302, 400, 401, 403, 429, 500, 503]),
        access in ".{0,30}",
        refresh in prop::option::of(".{0,30}"),
        expires in prop_oneof![any::<i64>().prop_map(|n| n.to_string()), ".{0,6}".prop_map(|t| format!("{t:?}"))],
        shape in 0..4,
    ) {
        let refresh = serde_json::to_string(&refresh).unwrap();
        let access = serde_json::to_string(&access).unwrap();
        let inner = format!(r#"{{"access_token":{access},"refresh_token":{refresh},"expires_in":{expires},"scope":"x"}}"#);
        let body = match shape {
            0 => inner,
            1 => format!(r#"{{"status":0,"body":{inner}}}"#),
            2 => format!(r#"{{"error":{access}}}"#),
            _ => format!(r#"{{"status":{expires},"body":[],"error":{access}}}"#),
        };
        for provider in providers::ALL {
            let reply = Reply { status, headers: Vec::new(), body: body.clone().into_bytes() };
            if let Answer::Granted(_) = token_answer::read(provider, &reply) {
                prop_assert!((200..300).contains(&status), "{}: {} is no grant", provider.id, status);
            }
        }
    }

    #[test]
    fn only_the_state_of_this_sign_in_counts(query in ".{0,200}", state in "[A-Za-z0-9_-]{43}") {
        prop_assert!(judge(&query, &state.as_str().into()).is_err() || query.contains(&state));
    }

    #[test]
    fn a_redirect_address_listens_on_this_machine_only(uri in "(https?://)?.{0,60}", port in prop::option::of(1_u16..)) {
        if let Ok(redirect) = Redirect::choose(port, Some(&uri))
            && redirect.listen.is_some()
            && uri != "none"
        {
            let url = url::Url::parse(&uri).unwrap();
            let here = match url.host().unwrap() {
                url::Host::Domain(name) => name == "localhost",
                url::Host::Ipv4(ip) => ip.is_loopback(),
                url::Host::Ipv6(ip) => ip.is_loopback(),
            };
            prop_assert!(here && url.scheme() == "http", "{}", uri);
        }
    }
}
