//! Where Oura is reached, and what may be asked for: paths and scopes.

/// Path of the documented authorize page.
pub const AUTHORIZE_PATH: &str = "/oauth/authorize";
/// Path of the new authorization server's authorize page.
pub const NEW_AUTHORIZE_PATH: &str = "/oauth/v2/ext/oauth-authorize";
/// Path of the documented token endpoint.
pub const TOKEN_PATH: &str = "/oauth/token";
/// Path of the new authorization server's token endpoint.
pub const NEW_TOKEN_PATH: &str = "/oauth/v2/ext/oauth-token";
/// Path of the documented revocation endpoint.
pub const REVOKE_PATH: &str = "/oauth/revoke";
/// Path of the new authorization server's revocation endpoint.
pub const NEW_REVOKE_PATH: &str = "/oauth/v2/ext/oauth-revoke";
/// The issuer's path on its origin.
pub const ISSUER_PATH: &str = "/oauth/v2/ext/oauth-anonymous";
/// What stands before every path of the API.
pub const API_PREFIX: &str = "/v2/usercollection/";

/// The prefix of scope names since the middle of 2026.
pub const SCOPE_PREFIX: &str = "extapi:";

/// Every scope a person can grant, bare names.
pub const ALL_SCOPES: [&str; 11] = [
    "email",
    "personal",
    "daily",
    "heartrate",
    "workout",
    "tag",
    "session",
    "spo2",
    "ring_configuration",
    "stress",
    "heart_health",
];
