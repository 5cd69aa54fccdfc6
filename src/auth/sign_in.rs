//! One sign-in from the address to tokens on disk. The command line tells the person about each step.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::{
    account::Account,
    app_credentials::Client,
    browser,
    callback::Outcome,
    door::Notice,
    error::AuthError,
    loopback::Listener,
    oauth::{self, Attempt, Who},
    owner,
    page::Page,
    paste::{self, NotIt},
    redirect::Redirect,
    tokens::{Grant, Tokens},
};
use crate::{
    clock,
    error::{Code, Error, Result},
    http::Http,
    providers::catalogue::Scope,
    store::Store,
};

/// How the person gets to the provider's page, and the code back to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// We open the browser and listen.
    Browser,
    /// The person opens the address; we listen.
    Link,
    /// The person opens the address and pastes where it leads to.
    Paste,
}

impl Door {
    /// How long the last page is still given to who comes again. What a person opens by hand looks ahead less than
    /// a browser that was sent.
    fn lingers(self) -> Duration {
        Duration::from_millis(if self == Self::Browser { 1000 } else { 100 })
    }
}

/// What the person is told while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// Open this address. `opened`: we have done so already.
    Open {
        url: &'a Url,
        opened: bool,
    },
    NotIt(NotIt),
    /// Something keeps a browser away.
    Notice(&'a str),
}

/// A sign-in that is about to start.
pub struct SignIn<'a> {
    pub account: &'a Account,
    pub http: &'a Http,
    pub client: &'a Client,
    pub redirect: &'a Redirect,
    pub door: Door,
    pub who: Who,
    /// What is stored already: another account does not take the place of its login.
    pub mirror: Option<&'a Store>,
    /// The command to run next, for the page.
    pub next: &'a str,
}

/// What a sign-in brought. The tokens are on disk.
#[derive(Debug, Clone)]
pub struct Signed {
    /// `None`: unknown, for a token that was brought along.
    pub granted: Option<Vec<String>>,
    pub missing: Vec<&'static Scope>,
    /// Whether it is renewed without anybody's help.
    pub renews: bool,
}

impl SignIn<'_> {
    /// Runs it to its end. An error means that nothing was stored and nothing stored was changed.
    pub async fn run(&self, tell: &dyn Fn(Step<'_>)) -> Result<Signed> {
        let (provider, origin) = (self.account.provider(), self.account.origin());
        let attempt = Attempt::new(provider, origin, &self.client.id, self.redirect, self.who)?;
        let (outcome, browser) = match (self.door, &self.redirect.listen) {
            (Door::Paste, _) => {
                tell(Step::Open { url: &attempt.url, opened: false });
                (paste::wait(&attempt.state, &|not_it| tell(Step::NotIt(not_it))).await?, None)
            }
            (_, None) => {
                return Err(Error::invalid("this redirect URI does not lead to this machine")
                    .hint("Add --paste: you will paste the address that the browser shows at the end."));
            }
            (door, Some(listen)) => {
                let listener = Listener::bind(listen).await?;
                let opened = door == Door::Browser && browser::open(provider, origin, &attempt.url);
                tell(Step::Open { url: &attempt.url, opened });
                let denied = |refusal| oauth::denied(provider, refusal).message;
                let notice = |notice: Notice| tell(Step::Notice(&notice.describe(denied)));
                let (outcome, browser) = listener.wait(&attempt.state, notice).await?;
                (outcome, Some(browser))
            }
        };
        // Stored first: the page must not say more than is true.
        let result = self.complete(&attempt, outcome).await;
        if let Some(browser) = browser {
            browser.show(self.page(&result), self.door.lingers()).await;
        }
        result
    }

    async fn complete(&self, attempt: &Attempt, outcome: Outcome) -> Result<Signed> {
        let provider = self.account.provider();
        let code = match outcome {
            Outcome::Code(code) => code,
            Outcome::Denied(refusal) => return Err(oauth::denied(provider, refusal)),
        };
        let (grant, asked_at) =
            attempt.exchange(self.http, provider, self.account.origin(), self.client, &code).await?;
        let wanted = oauth::wanted(provider).into_iter().map(str::to_owned).collect();
        let told = grant.account.clone();
        let account = owner::greet(self.account, self.http, self.mirror, &grant.access, told).await?;
        let grant = Grant { account, ..grant };
        let build = |generation| grant.first(generation, asked_at, Some(wanted));
        let stored = self.account.store(Some(self.client), build).await;
        stored.map_err(|error| error.explain(provider))
    }

    fn page(&self, result: &Result<Signed>) -> Page {
        let title = self.account.provider().title;
        match result {
            Ok(signed) => {
                let scopes = self.account.provider().scopes().iter();
                let (missing, granted): (Vec<&Scope>, Vec<&Scope>) =
                    scopes.partition(|scope| signed.missing.iter().any(|other| other.name == scope.name));
                let gives = |scopes: Vec<&Scope>| scopes.into_iter().map(|scope| scope.gives).collect();
                Page::new(
                    200,
                    format!("{title} is connected"),
                    "The login is stored on your machine. You can close this tab.",
                )
                .scopes(gives(granted), gives(missing))
                .command(self.next)
            }
            Err(error) => Page::new(400, format!("{title} is not connected"), error.message.clone())
                .paragraph(error.hint.clone()),
        }
    }
}

impl Account {
    /// Stores a token that the person has already, without a sign-in.
    pub async fn bring(&self, access: SecretString, http: &Http, mirror: Option<&Store>) -> Result<Signed> {
        let provider = self.provider();
        let grant = Grant::bare(access).ok_or_else(|| {
            Error::new(Code::ValidationError, "that is not a token")
                .hint("Pass the token alone, on one line.")
        })?;
        let account = owner::greet(self, http, mirror, &grant.access, None).await?;
        let grant = Grant { account, ..grant };
        let stored = self.store(None, |generation| grant.first(generation, clock::now(), None)).await;
        stored.map_err(|error| error.explain(provider))
    }

    /// The first tokens of a login take the place of whatever was there, under the lock: a refresh of the
    /// old login that is still on its way finds another generation and leaves it alone.
    async fn store(
        &self,
        client: Option<&Client>,
        build: impl FnOnce(u64) -> Tokens,
    ) -> std::result::Result<Signed, AuthError> {
        let vault = self.vault();
        let _lock = vault.lock().await?.ok_or(AuthError::Locked)?;
        vault.set_aside()?;
        let before = vault.load()?.map_or(0, |tokens| tokens.generation);
        let tokens = build(before + 1);
        if let Some(client) = client {
            vault.save_client(client)?;
        }
        vault.save(&tokens)?;
        // What was known about an older login says nothing about this one.
        vault.clear_state()?;
        Ok(Signed {
            missing: self.missing(tokens.scopes.as_deref()),
            granted: tokens.scopes,
            renews: tokens.refresh.is_some(),
        })
    }

    /// The app's credentials of the last sign-in. What does not open counts as none: they can be entered.
    pub fn stored_client(&self) -> Option<Client> {
        self.vault().load_client().ok().flatten()
    }
}

#[cfg(test)]
#[path = "sign_in_tests.rs"]
mod tests;
