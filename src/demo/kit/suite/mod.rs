//! What every simulation must do, whatever its provider: `suite!` runs it for one that has an API, `oauth_suite!` for
//! one at which an app signs in.

pub mod api;
pub mod signing_in;

use super::client::{Answer, Failure};
use super::lab::{Lab, Spoken};
use serde_json::{Value, json};

/// One listing of a provider, for the tests that look at pages.
pub trait Listed: Spoken {
    /// What is listed.
    const KIND: Self::Kind;
    /// The beginning of its target, for faults and scheduled changes.
    const TARGET: &'static str;
    /// A target below the API that does not exist.
    const UNKNOWN: &'static str;

    /// Makes pages small, and switches off what makes them uneven.
    fn small_pages(_quirks: &mut Self::Quirks) {}

    /// Allows so many requests.
    fn allow(quirks: &mut Self::Quirks, requests: u32);

    /// One page, from the beginning or from where the page before led to.
    fn page(lab: &mut Lab<Self>, access: &str, next: Option<&str>) -> Result<Answer, Failure>;

    /// The rows of a page, and what leads to the next.
    fn rows(page: &Value) -> (Vec<Value>, Option<String>);

    /// The status that an answer means; the one of HTTP, unless there is another inside.
    fn status(answer: &Answer) -> u16 {
        answer.status
    }

    /// The field by which a record is known, and what stands there in none.
    fn identity() -> (&'static str, Value) {
        ("id", json!("00000000-0000-4000-8000-000000000001"))
    }

    /// The field in which the tests change a record.
    const FIELD: &'static str;
}

fn lab<S: Listed>() -> Lab<S> {
    let lab = Lab::<S>::start();
    lab.sim.without_limits();
    lab.sim.set_quirk(S::small_pages);
    lab
}

fn status<S: Listed>(lab: &mut Lab<S>, access: &str) -> u16 {
    S::status(&S::page(lab, access, None).unwrap())
}

/// Runs the standard suite for a provider.
macro_rules! suite {
    ($service:ty, $part:ident: $($test:ident)*) => {
        $(
            #[test]
            fn $test() {
                crate::demo::kit::suite::$part::$test::<$service>();
            }
        )*
    };
    ($service:ty) => {
        crate::demo::kit::suite::suite! { $service, api:
            pages_hold_every_record_once_and_in_order
            records_come_go_and_change_while_they_are_listed
            time_brings_records
            access_tokens_open_until_they_are_over
            an_unknown_path_is_refused
            limits_refuse_and_can_be_switched_off
            faults_strike_the_next_matching_requests
            requests_are_logged_with_their_outcome
        }
    };
}

/// Runs the standard suite for a provider with OAuth.
macro_rules! oauth_suite {
    ($service:ty) => {
        crate::demo::kit::suite::suite! { $service }
        crate::demo::kit::suite::suite! { $service, signing_in:
            a_code_is_exchanged_once_by_its_own_client_in_time
            the_only_address_of_an_app_may_be_left_out_where_the_dialect_says_so
            a_challenge_binds_where_challenges_count
            refresh_tokens_rotate
            a_fault_says_whether_the_refresh_happened
            hostile_token_answers_have_no_effect
        }
    };
}

pub(crate) use {oauth_suite, suite};
