//! Why a request brought nothing, grouped by what the caller does next.

use jiff::Timestamp;

use crate::{
    clock,
    error::{Code, Error},
    providers::catalogue::Provider,
};

/// Why a read brought no records. Cancelling is not among them: dropping the future is how one cancels.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The access token is not accepted: refresh, then try once more.
    Unauthorized {
        status: u16,
    },
    /// The same, or there is no data: refresh, try once more, and then believe the latter.
    UnauthorizedOrNothing,
    /// Not granted, as the provider says itself: go on with the other resources.
    NotGranted,
    /// Signed in, but the account as it is does not get this: go on with the other resources.
    NotOffered(&'static str),
    /// Forbidden without a word about the grant, and what it takes as a rule.
    Denied {
        status: u16,
        because: Option<&'static str>,
    },
    /// A page for people came in place of the provider's answer.
    Page {
        status: u16,
    },
    NotFound,
    /// Come back then.
    RateLimited {
        until: Timestamp,
    },
    /// The provider was not reached, or did not finish its answer: try later.
    Transport(Trouble),
    /// The provider answered that it is in trouble: try later.
    Upstream {
        status: u16,
    },
    /// The provider does not accept this request: asking again changes nothing.
    Refused {
        status: u16,
    },
    /// Something of ours stands in the way, such as a store that cannot be written.
    Stopped(Error),
}

/// How a request was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No connection: not a byte of the request was sent.
    Connect,
    /// No answer in time. The request may have been carried out.
    Timeout,
    /// The connection broke. The request may have been carried out.
    Interrupted,
    /// The answer is larger than any honest one.
    TooLarge,
    /// The TLS roots or the proxy settings of this machine cannot be used.
    Setup,
}

impl Trouble {
    /// Whether the same request may succeed soon.
    pub fn passes(self) -> bool {
        matches!(self, Self::Connect | Self::Timeout | Self::Interrupted)
    }

    /// Whether the provider cannot have seen the request.
    pub fn unsent(self) -> bool {
        matches!(self, Self::Connect | Self::Setup)
    }

    pub fn describe(self) -> &'static str {
        match self {
            Self::Connect => "no connection could be made",
            Self::Timeout => "no answer came in time",
            Self::Interrupted => "the connection broke before the answer was complete",
            Self::TooLarge => "the answer is larger than any honest one",
            Self::Setup => "the TLS certificates or proxy settings of this machine cannot be used",
        }
    }
}

impl Failure {
    /// The failure as it is shown. Holds nothing of the request or the reply but its status.
    pub fn explain(&self, provider: &Provider) -> Error {
        let (id, title) = (provider.id, provider.title);
        match self {
            Self::Unauthorized { .. } | Self::UnauthorizedOrNothing => {
                Error::new(Code::AuthFailed, format!("{title} does not accept the access token"))
                    .hint(format!("Run `vitals-mcp auth {id}` to sign in again."))
            }
            Self::NotGranted => {
                Error::new(Code::AuthFailed, format!("{title} has not granted access to this"))
                    .hint(format!("Run `vitals-mcp auth {id}` and leave every box ticked."))
            }
            Self::NotOffered(because) => {
                Error::new(Code::Refused, format!("{title} does not give this to the account: {because}"))
                    .hint(format!("Look at the account in {title}'s app; signing in again changes nothing."))
            }
            Self::Denied { status, because } => {
                let usual = because.map(|because| format!("; as a rule {because}")).unwrap_or_default();
                let message = format!("{title} refuses this ({}) without a reason{usual}", shown(*status));
                Error::new(Code::Refused, message)
                    .hint(format!("Look at the account in {title}'s app, and try again later."))
            }
            Self::Page { status } => {
                let message = format!(
                    "A page came with {} in place of {title}'s answer: a firewall or a gateway between here and there",
                    shown(*status)
                );
                Error::new(Code::Refused, message)
                    .hint("Try again later, or from another network. Signing in again changes nothing.")
            }
            Self::NotFound => Error::new(Code::NotFound, format!("{title} has no such record")),
            Self::RateLimited { until } => {
                let seconds = until.duration_since(clock::now()).as_secs().max(1);
                Error::new(Code::RateLimited, format!("{title}'s request quota is used up until {until:.0}"))
                    .retry_after(u64::try_from(seconds).unwrap_or(1))
            }
            Self::Transport(trouble) => {
                Error::new(Code::UpstreamError, format!("{title}: {}", trouble.describe()))
            }
            Self::Upstream { status } => {
                Error::new(Code::UpstreamError, format!("{title} answered with {}", shown(*status)))
            }
            Self::Refused { status } => {
                Error::new(Code::UpstreamError, format!("{title} refused the request ({})", shown(*status)))
            }
            Self::Stopped(error) => error.clone(),
        }
    }
}

/// A status as it is shown; some providers refuse inside a 200.
pub fn shown(status: u16) -> String {
    match status {
        200..=299 => format!("an error inside HTTP {status}"),
        _ => format!("HTTP {status}"),
    }
}
