//! Switches of the sign-in: what varies between providers, or is reported to vary at one of them.

use std::time::Duration;

/// How signing in and refreshing go. The defaults are those of plain OAuth with hard rotation; each provider has
/// its own.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct OAuthQuirks {
    /// What the person does on the consent page.
    pub consent: Consent,
    /// The scopes the person grants, when fewer than asked for.
    pub granted_scopes: Option<Vec<String>>,
    /// Lifetime of an authorization code.
    pub code_lifetime: Duration,
    /// A code that is presented again takes with it the tokens it was exchanged for (RFC 6749 §4.1.2).
    pub code_reuse_revokes: bool,
    /// Lifetime of an access token, the reply's `expires_in`.
    pub access_lifetime: Duration,
    /// Lifetime of a refresh token that is not used.
    pub refresh_lifetime: Duration,
    /// How long a refresh token survives the issue of its successor.
    pub old_refresh_lifetime: Duration,
    /// The first use of a new access token kills the refresh tokens from before it.
    pub use_ends_old_refresh: bool,
    /// A refresh ends the access token before; otherwise it lives on to its own end.
    pub refresh_ends_access: bool,
    /// Presenting a spent refresh token also kills the live tokens of the same sign-in.
    pub reuse_revokes_all: bool,
    /// What a refresh says about the next refresh token.
    pub refresh_reply: RefreshReply,
    /// Answers every token request with 200 and this body; it has no effect.
    pub token_body: Option<String>,
    /// Answers every token request with 307 to this address; it has no effect.
    pub token_redirect: Option<String>,
    /// Time a token request takes before it has any effect.
    pub wait_before_effect: Duration,
    /// Time between the effect of a token request (old tokens dead, new ones made) and its answer.
    pub wait_after_effect: Duration,
}

impl Default for OAuthQuirks {
    fn default() -> Self {
        Self {
            consent: Consent::Grant,
            granted_scopes: None,
            code_lifetime: Duration::from_secs(600),
            code_reuse_revokes: false,
            access_lifetime: Duration::from_secs(3600),
            refresh_lifetime: Duration::MAX,
            old_refresh_lifetime: Duration::ZERO,
            use_ends_old_refresh: false,
            refresh_ends_access: false,
            reuse_revokes_all: false,
            refresh_reply: RefreshReply::Rotated,
            token_body: None,
            token_redirect: None,
            wait_before_effect: Duration::ZERO,
            wait_after_effect: Duration::ZERO,
        }
    }
}

/// What the person does on the consent page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Consent {
    /// Agrees at once.
    #[default]
    Grant,
    /// Presses cancel: `error=access_denied`.
    AccessDenied,
    /// May not use the app (not a member of its team): `error=request_forbidden`.
    RequestForbidden,
}

/// What a refresh says about the next refresh token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RefreshReply {
    /// A new one; the old one is spent.
    #[default]
    Rotated,
    /// No `refresh_token`; the old one stays good.
    Omitted,
    /// `"refresh_token": ""`; the old one stays good.
    Blank,
}
