//! What a refusal means: decided here and nowhere else, from three things together: what was asked, what the grant
//! says, and what the provider said.
//!
//! A status alone never says that something is not granted: a token may have expired between two requests, and a
//! firewall may answer in the provider's place. Only the grant or the provider's own words say so.

use crate::{
    error::{Code, Error},
    http::{Failure, shown},
    providers::catalogue::{Provider, Resource, Window},
    sync::offer::Declined,
};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Records, or what belongs to one: there is such a thing even when it is empty.
    Collection,
    /// A present state, which a person may not have.
    Present,
    /// What not every account is offered.
    Offer,
}

/// What the grant says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    Has,
    Lacks,
    /// A token that was brought along, and whose scopes nobody named.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    pub asked: Asked,
    pub grant: Grant,
    /// Whether the provider has accepted the token for something else, so that "there is nothing" is its word to
    /// somebody it knows. Where nothing else is asked for, it is taken as that.
    pub proven: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Success with nothing found.
    Nothing,
    NotGranted,
    NotOffered(&'static str),
    /// The token is not accepted for this. Whether the sign-in has ended shows in how the others fare.
    TokenRefused,
    /// This one fails; the next may fare better.
    Fails,
    /// No other will fare better now.
    Ends,
    /// The account is told that it does not get this, or that there is none of it.
    Declined(Declined),
}

impl Asked {
    pub fn of(resource: &Resource) -> Self {
        match resource.window {
            _ if resource.optional => Self::Offer,
            Window::Snapshot => Self::Present,
            Window::Range(_) | Window::PerRecord { .. } => Self::Collection,
        }
    }
}

/// The table.
pub(super) fn meaning(question: Question, said: &Failure) -> Meaning {
    match (said, question.asked, question.grant) {
        (Failure::RateLimited { .. } | Failure::Transport(_) | Failure::Stopped(_), ..) => Meaning::Ends,
        (Failure::NotFound, Asked::Offer, _) => Meaning::Declined(Declined::NotThere),
        (Failure::NotGranted | Failure::NotOffered(_) | Failure::Denied { .. }, Asked::Offer, _) => {
            Meaning::Declined(Declined::Account)
        }
        (Failure::NotFound, Asked::Present, _) if question.proven => Meaning::Nothing,
        (
            Failure::Upstream { .. } | Failure::Refused { .. } | Failure::Page { .. } | Failure::NotFound,
            ..,
        ) => Meaning::Fails,
        (Failure::NotOffered(because), ..) => Meaning::NotOffered(because),
        (Failure::NotGranted, ..) | (_, _, Grant::Lacks) => Meaning::NotGranted,
        (Failure::UnauthorizedOrNothing, ..) if question.proven => Meaning::Nothing,
        (Failure::Unauthorized { .. } | Failure::UnauthorizedOrNothing, ..) => Meaning::TokenRefused,
        (Failure::Denied { .. }, ..) => Meaning::Fails,
    }
}

/// The failure as it is shown, with what helps.
pub(super) fn explain(
    question: Question,
    said: &Failure,
    provider: &Provider,
    resource: Option<&Resource>,
) -> Error {
    let (id, title) = (provider.id, provider.title);
    let what = resource.map_or("this", |resource| resource.name);
    let scope = resource.map_or("", |resource| resource.scope);
    match (meaning(question, said), question.grant) {
        // It was asked whose the token is, before anything else.
        (Meaning::TokenRefused, _) if resource.is_none() => said.explain(provider),
        (Meaning::TokenRefused, grant) => {
            let status = match said {
                Failure::Unauthorized { status } => *status,
                _ => 200,
            };
            let message =
                format!("{title} refuses {what} ({}), without a word about the grant", shown(status));
            let hint = match grant {
                Grant::Unknown => format!(
                    "The access token may lack the scope {scope}: bring one that has it, or run `vitals-mcp auth {id}`."
                ),
                Grant::Has | Grant::Lacks => format!(
                    "It was granted, and is asked for again with each sync. If it stays so, run `vitals-mcp auth {id}` to sign in again."
                ),
            };
            Error::new(Code::Refused, message).hint(hint)
        }
        (Meaning::NotGranted, Grant::Has) => {
            Error::new(Code::Refused, format!("{title} says that {what} was not granted"))
                .hint(format!("Run `vitals-mcp auth {id}` and leave every box ticked."))
        }
        (Meaning::NotGranted, _) => Failure::NotGranted.explain(provider),
        _ => said.explain(provider),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Asked::{Collection, Offer, Present},
        Grant::{Has, Lacks, Unknown},
        *,
    };
    use crate::{
        http::Trouble,
        providers::{
            self,
            catalogue::{Reply, Verdict},
        },
    };

    const PAGE: &str = "<!DOCTYPE html><html><body>Access denied</body></html>";
    const OURA_SCOPES: &str = r#"{"status":401,"title":"Missing Scopes","detail":"The access token lacks the required scopes: spo2."}"#;
    const OURA_LAPSED: &str =
        r#"{"status":403,"title":"Forbidden","detail":"The user's Oura membership has expired."}"#;
    const OURA_TOKEN: &str = r#"{"status":401,"title":"Invalid Access token","detail":"The access token is expired, malformed or revoked."}"#;
    const WITHINGS_TOKEN: &str = r#"{"status":401,"body":{},"error":"XRequestID: Not provided invalid_token: The access token provided is invalid"}"#;

    /// What a reply is by the time it comes here.
    fn said(provider: &str, status: u16, body: &str) -> Failure {
        let reply = Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        match (providers::find(provider).unwrap().classify)(&reply) {
            Verdict::Unauthorized => Failure::Unauthorized { status },
            Verdict::UnauthorizedOrNothing => Failure::UnauthorizedOrNothing,
            Verdict::NotGranted => Failure::NotGranted,
            Verdict::NotOffered(because) => Failure::NotOffered(because),
            Verdict::Denied(because) => Failure::Denied { status, because },
            Verdict::Page => Failure::Page { status },
            Verdict::NotFound => Failure::NotFound,
            Verdict::Retry => Failure::Upstream { status },
            Verdict::Refused => Failure::Refused { status },
            Verdict::Ok | Verdict::Wait(_) => panic!("{provider} {status} {body} is no refusal"),
        }
    }

    #[test]
    fn row_by_row_for_each_provider() {
        let envelope = |status: i64| format!(r#"{{"status":{status},"body":{{}},"error":"text"}}"#);
        let (nothing, plan) = (envelope(100), envelope(2553));
        let fails = Meaning::Fails;
        for (provider, asked, grant, status, body, expected) in [
            ("whoop", Collection, Has, 401, "", Meaning::TokenRefused),
            ("whoop", Collection, Unknown, 401, "{}", Meaning::TokenRefused),
            ("whoop", Collection, Lacks, 401, "{}", Meaning::NotGranted),
            ("whoop", Collection, Lacks, 403, "{}", Meaning::NotGranted),
            ("whoop", Collection, Has, 403, r#"{"message":"Forbidden"}"#, fails),
            ("whoop", Collection, Has, 403, PAGE, fails),
            ("whoop", Collection, Has, 401, PAGE, fails),
            ("whoop", Collection, Lacks, 403, PAGE, fails),
            ("whoop", Present, Has, 404, "", Meaning::Nothing),
            ("whoop", Present, Has, 404, r#"{"message":"Not found"}"#, Meaning::Nothing),
            ("whoop", Present, Has, 404, PAGE, fails),
            ("whoop", Collection, Has, 404, "", fails),
            ("whoop", Collection, Has, 400, "{}", fails),
            ("whoop", Collection, Has, 503, PAGE, fails),
            ("whoop", Offer, Has, 404, r#"{"message":"Not found"}"#, Meaning::Declined(Declined::NotThere)),
            ("whoop", Offer, Has, 404, PAGE, fails),
            (
                "whoop",
                Offer,
                Has,
                403,
                r#"{"error":"deactivated_user"}"#,
                Meaning::Declined(Declined::Account),
            ),
            ("whoop", Offer, Has, 403, PAGE, fails),
            ("whoop", Offer, Has, 401, "{}", Meaning::TokenRefused),
            ("whoop", Offer, Has, 503, "", fails),
            ("oura", Collection, Has, 401, OURA_TOKEN, Meaning::TokenRefused),
            ("oura", Collection, Has, 401, OURA_SCOPES, Meaning::NotGranted),
            ("oura", Collection, Unknown, 403, OURA_SCOPES, Meaning::NotGranted),
            ("oura", Collection, Has, 403, r#"{"detail":"Forbidden"}"#, fails),
            ("oura", Collection, Has, 403, PAGE, fails),
            ("oura", Present, Has, 404, r#"{"detail":"Not Found"}"#, Meaning::Nothing),
            ("oura", Collection, Has, 404, r#"{"detail":"Not Found"}"#, fails),
            ("oura", Collection, Has, 422, r#"{"detail":[]}"#, fails),
            ("withings", Collection, Has, 200, WITHINGS_TOKEN, Meaning::TokenRefused),
            ("withings", Collection, Has, 200, &plan, Meaning::NotGranted),
            ("withings", Collection, Has, 200, &nothing, Meaning::Nothing),
            ("withings", Collection, Has, 403, PAGE, fails),
            ("withings", Collection, Has, 200, PAGE, fails),
            ("withings", Present, Has, 404, "", Meaning::Nothing),
        ] {
            let question = Question { asked, grant, proven: true };
            let failure = said(provider, status, body);
            assert_eq!(
                meaning(question, &failure),
                expected,
                "{provider} {asked:?} {grant:?} {status} {body}"
            );
        }
        let lapsed = meaning(
            Question { asked: Collection, grant: Has, proven: true },
            &said("oura", 403, OURA_LAPSED),
        );
        assert!(
            matches!(lapsed, Meaning::NotOffered(because) if because.contains("membership")),
            "{lapsed:?}"
        );
    }

    #[test]
    fn nothing_is_believed_of_somebody_whom_the_provider_knows() {
        let stranger = Question { asked: Present, grant: Has, proven: false };
        assert_eq!(meaning(stranger, &Failure::NotFound), Meaning::Fails);
        assert_eq!(meaning(stranger, &Failure::UnauthorizedOrNothing), Meaning::TokenRefused);
    }

    #[test]
    fn what_ends_a_run() {
        let question = Question { asked: Collection, grant: Lacks, proven: false };
        assert_eq!(meaning(question, &Failure::Transport(Trouble::Timeout)), Meaning::Ends);
        let until = "2026-11-29T07:00:00Z".parse().unwrap();
        assert_eq!(meaning(question, &Failure::RateLimited { until }), Meaning::Ends);
    }

    #[test]
    fn each_names_the_mend() {
        let (provider, resource) = providers::find_kind("whoop.sleep").unwrap();
        let question = |grant| Question { asked: Collection, grant, proven: true };
        let page = Failure::Page { status: 403 };
        let token = Failure::Unauthorized { status: 401 };
        for (grant, failure, code, message, hint) in [
            (Has, &page, Code::Refused, "HTTP 403", "another network"),
            (Has, &token, Code::Refused, "HTTP 401", "sign in again"),
            (Unknown, &token, Code::Refused, "HTTP 401", "scope read:sleep"),
            (Lacks, &token, Code::AuthFailed, "not granted", "box ticked"),
            (Unknown, &Failure::NotGranted, Code::AuthFailed, "not granted", "box ticked"),
            (Has, &Failure::NotGranted, Code::Refused, "not granted", "box ticked"),
            (Has, &Failure::NotOffered("it takes X"), Code::Refused, "takes X", "Look at the account"),
            (Has, &Failure::Denied { status: 403, because: None }, Code::Refused, "HTTP 403", "account"),
        ] {
            let error = explain(question(grant), failure, provider, Some(resource));
            assert_eq!(error.code, code, "{failure:?}");
            let said = error.message.replace("has not granted", "not granted");
            assert!(said.contains(message) || said.contains("granted"), "{failure:?}: {said}");
            assert!(error.hint.contains(hint), "{failure:?}: {}", error.hint);
        }
    }
}
