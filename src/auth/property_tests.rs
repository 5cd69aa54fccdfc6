//! Properties of what the sign-in meets: sealed files, token answers, callbacks, redirect addresses.

use proptest::prelude::*;

use super::{
    fuzz::{self, binding, key},
    refresh_state::State,
    seal::{Kind, open, seal},
    tokens::Tokens,
};

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
        prop_assert!(!fuzz::token_file(&bytes));
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
        fuzz::token_reply(status, body.as_bytes());
    }

    #[test]
    fn only_the_state_of_this_sign_in_counts(query in ".{0,200}", state in "[A-Za-z0-9_-]{43}") {
        fuzz::query(&query, &state.as_str().into());
    }

    #[test]
    fn a_redirect_address_listens_on_this_machine_only(uri in "(https?://)?.{0,60}", port in prop::option::of(1_u16..)) {
        fuzz::redirect(&uri, port);
    }
}
