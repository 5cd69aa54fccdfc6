//! How records of a provider come here: by which right they are asked for, or by which way they are brought.

use super::{OAuth, Provider, Scope};

/// How a provider's records come here.
#[cfg_attr(not(test), expect(dead_code, reason = "all providers of today sign in by OAuth"))]
#[expect(clippy::large_enum_variant, reason = "there is one for each provider, and none is moved")]
pub enum Access {
    /// The person grants it on the provider's page, to an app of their own.
    OAuth(OAuth),
    /// The person makes a key on the provider's site, and it is exchanged for a token that lives for a while.
    PersonalKey(PersonalKey),
    /// Nobody is asked: the person brings files that the provider or a device has made.
    Files {
        /// How the person gets the files, one step each.
        setup: &'static [&'static str],
    },
    /// The wearer tells it here, and nobody else has it.
    Local,
}

/// A key, as far as a person is told of it. How it becomes a token, and for how long, is for the first provider that
/// has one to say.
pub struct PersonalKey {
    /// How the person makes the key, one step each.
    pub setup: &'static [&'static str],
    /// What the key gives, for the person to know before.
    pub gives: &'static str,
    /// Where it is exchanged for a token.
    pub exchange: &'static str,
}

impl Provider {
    /// What a sign-in by OAuth takes, where there is one.
    pub fn oauth(&self) -> Option<&OAuth> {
        match &self.access {
            Access::OAuth(oauth) => Some(oauth),
            Access::PersonalKey(_) | Access::Files { .. } | Access::Local => None,
        }
    }

    /// In a word.
    pub fn access_name(&self) -> &'static str {
        match &self.access {
            Access::OAuth(_) => "oauth",
            Access::PersonalKey(_) => "personal_key",
            Access::Files { .. } => "files",
            Access::Local => "local",
        }
    }

    /// Whether somebody has to sign in before anything comes.
    pub fn signs_in(&self) -> bool {
        match &self.access {
            Access::OAuth(_) | Access::PersonalKey(_) => true,
            Access::Files { .. } | Access::Local => false,
        }
    }

    /// Our name of a granted scope.
    pub fn plain_scope<'a>(&self, granted: &'a str) -> &'a str {
        self.oauth().map_or(granted, |oauth| oauth.plain_scope(granted))
    }

    /// What a person grants piece by piece; nothing where a sign-in gives all there is.
    pub fn scopes(&self) -> &'static [Scope] {
        match &self.access {
            Access::OAuth(oauth) => oauth.scopes,
            Access::PersonalKey(_) | Access::Files { .. } | Access::Local => &[],
        }
    }

    /// What the person does once, outside of this program. `{redirect}` stands for the redirect URI in force.
    pub fn setup(&self) -> &'static [&'static str] {
        match &self.access {
            Access::OAuth(oauth) => oauth.setup,
            Access::PersonalKey(key) => key.setup,
            Access::Files { setup } => setup,
            Access::Local => &[],
        }
    }

    /// Every URL that is contacted besides those of its resources.
    pub fn sign_in_urls(&self) -> Vec<&'static str> {
        match &self.access {
            Access::OAuth(oauth) => oauth.urls().collect(),
            Access::PersonalKey(key) => vec![key.exchange],
            Access::Files { .. } | Access::Local => Vec::new(),
        }
    }
}
