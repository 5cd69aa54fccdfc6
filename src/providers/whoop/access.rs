//! Signing in to WHOOP: plain OAuth, and what the person does on its pages.

use crate::providers::catalogue::{Access, ByToken, Dialect, OAuth, Revoke, Scope};

pub(super) const ACCESS: Access = Access::OAuth(OAuth {
    authorize: "https://api.prod.whoop.com/oauth/oauth2/auth",
    token: "https://api.prod.whoop.com/oauth/oauth2/token",
    alternative: None,
    scopes: &[
        Scope { name: "read:sleep", gives: "sleeps and naps" },
        Scope { name: "read:cycles", gives: "day strain, energy and heart rate" },
        Scope {
            name: "read:recovery",
            gives: "recovery, resting heart rate, HRV, blood oxygen, skin temperature",
        },
        Scope { name: "read:workout", gives: "workouts" },
        Scope { name: "read:profile", gives: "name and e-mail address" },
        Scope { name: "read:body_measurement", gives: "height, weight and maximum heart rate" },
    ],
    offline_scope: Some("offline"),
    scope_separator: " ",
    scope_prefix: "",
    scope_aliases: &[],
    code_lifetime: None,
    // Not in WHOOP's pages; shipped clients send it and are accepted. The secret is sent all the same.
    pkce: true,
    revoke: Revoke::ByToken(ByToken::Delete("https://api.prod.whoop.com/developer/v2/user/access")),
    dialect: Dialect::NONE,
    setup: &[
        "Open https://developer-dashboard.whoop.com and sign in with your WHOOP account (a paid membership is needed).",
        "Create a team if you have none, then create an app. Any name will do; the privacy policy URL can be a page of yours.",
        "Under Redirect URIs add exactly: {redirect}",
        "Tick all six read scopes and `offline`, then save.",
        "Copy the Client ID and the Client Secret.",
    ],
});
