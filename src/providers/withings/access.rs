//! Signing in: where Withings departs from the standard, and what the person does on its pages.

use jiff::SignedDuration;

use crate::providers::catalogue::{Access, Dialect, OAuth, Refusals, Revoke, Scope, SignedRevoke};

const TOKEN: &str = "https://wbsapi.withings.net/v2/oauth2";

pub(super) const ACCESS: Access = Access::OAuth(OAuth {
    authorize: "https://account.withings.com/oauth2_user/authorize2",
    token: TOKEN,
    alternative: None,
    scopes: &[
        Scope {
            name: METRICS,
            gives: "weight, body composition, blood pressure, temperature, ECG recordings",
        },
        Scope { name: ACTIVITY, gives: "activity, workouts and sleep" },
        Scope { name: INFO, gives: "devices and goals" },
    ],
    // The refresh token comes without being asked for.
    offline_scope: None,
    scope_separator: ",",
    scope_prefix: "",
    scope_aliases: &[],
    // As the setup says: be quick.
    code_lifetime: Some(SignedDuration::from_secs(30)),
    pkce: false,
    revoke: Revoke::Signed(SignedRevoke {
        nonce_url: "https://wbsapi.withings.net/v2/signature",
        nonce_action: "getnonce",
        nonce: "/body/nonce",
        url: TOKEN,
        action: "revoke",
        account: "userid",
    }),
    dialect: Dialect {
        token_fields: &[("action", "requesttoken")],
        answer: "/body",
        refusals: Some(Refusals {
            status: "/status",
            text: "/error",
            // All of these come with the number 503.
            codes: &[
                ("invalid refresh_token", "invalid_grant"),
                ("invalid code", "invalid_grant"),
                ("client_id", "invalid_client"),
                ("client_secret", "invalid_client"),
                ("redirect_uri", "invalid_request"),
                ("grant_type", "invalid_request"),
                ("scope", "invalid_scope"),
            ],
        }),
        demo_user: Some(("mode", "demo")),
    },
    setup: &[
        "Open https://developer.withings.com/dashboard and sign in with your Withings account.",
        "Choose Public Cloud, make an organisation if you have none, then Create an application.",
        "Choose Public API integration, and as Target environment Development: only that one accepts an address on your own machine.",
        "Under Registered URLs add exactly: {redirect}",
        "Save. The Test button cannot reach your machine and says Host Unreachable: ignore it.",
        "Copy the Client ID and the Secret. With --paste be quick: a code lives for 30 seconds.",
    ],
});

pub(super) const METRICS: &str = "user.metrics";
pub(super) const ACTIVITY: &str = "user.activity";
pub(super) const INFO: &str = "user.info";
