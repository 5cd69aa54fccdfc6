//! Ending a login: at the provider first, while there is a token to do it with, then here.

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    account::Account,
    app_credentials::Client,
    error::AuthError,
    refresh_state::{NeedsLogin, Reason},
};
use crate::{
    http::{Http, Trouble},
    providers::catalogue::{ByToken, Endpoints, Revoke},
};

mod signed;

/// What became of the grant at the provider. The tokens here are deleted in every case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// Nobody was signed in.
    NotConnected,
    /// The provider confirmed it.
    Upstream,
    /// It had ended before.
    AlreadyGone,
    /// The provider could not be told; why.
    NotTold(String),
}

impl Account {
    /// Revokes the grant, best effort, and deletes the tokens. Data and client credentials stay.
    pub async fn disconnect(&self, http: &Http) -> Result<Revoked, AuthError> {
        let revoked = match self.vault().load() {
            Ok(None) => Revoked::NotConnected,
            Ok(Some(tokens)) => {
                let endpoints = tokens.endpoints.unwrap_or(Endpoints::First);
                match self.provider().oauth().map(|oauth| oauth.revoke_by(endpoints)) {
                    Some(Revoke::ByToken(how)) => self.revoke(http, how).await,
                    Some(Revoke::Signed(how)) => {
                        self.revoke_signed(http, how, tokens.account.as_deref()).await
                    }
                    None => Revoked::NotTold("a key ends where it was made, on its site".to_owned()),
                }
            }
            Err(_) => Revoked::NotTold("the stored login does not open".to_owned()),
        };
        let _lock = self.vault().lock().await?.ok_or(AuthError::Locked)?;
        self.vault().delete_tokens()?;
        Ok(revoked)
    }

    /// Deletes the app's credentials too.
    pub fn forget_client(&self) -> Result<(), AuthError> {
        Ok(self.vault().delete_client()?)
    }

    async fn revoke(&self, http: &Http, how: &ByToken) -> Revoked {
        let access = match self.access(http).await {
            Ok(access) => access,
            Err(error) => return self.unusable(&error),
        };
        match self.withdraw(http, how, &access.token).await {
            // The token is stale, which says nothing about the grant.
            Ok(401) => match self.refresh_after_401(http, access.generation).await {
                Ok(access) => match self.withdraw(http, how, &access.token).await {
                    Ok(401) => Revoked::AlreadyGone,
                    result => judge(result),
                },
                Err(error) => self.unusable(&error),
            },
            result => judge(result),
        }
    }

    /// What it means for the grant that there is no usable token.
    fn unusable(&self, error: &AuthError) -> Revoked {
        match error {
            AuthError::NeedsLogin(NeedsLogin { reason: Reason::Refused | Reason::Interrupted, .. }) => {
                Revoked::AlreadyGone
            }
            error => Revoked::NotTold(error.explain(self.provider()).message),
        }
    }

    async fn withdraw(&self, http: &Http, how: &ByToken, token: &SecretString) -> Result<u16, Trouble> {
        let (provider, origin) = (self.provider(), self.origin());
        let reply = match *how {
            ByToken::Delete(url) => http.delete(provider, origin, url, token).await?,
            ByToken::Query { url, param } => http.post_query(provider, origin, url, param, token).await?,
            ByToken::Form(url) => {
                // The refresh token where there is one: with it goes everything that came from it.
                let refresh = self.vault().load().ok().flatten().and_then(|tokens| tokens.refresh);
                let client = self.stored_client().or_else(|| Client::from_env(provider.id));
                let mut form = vec![("token", refresh.as_ref().unwrap_or(token).expose_secret())];
                if let Some(client) = &client {
                    form.push(("client_id", &client.id));
                    form.push(("client_secret", client.secret.expose_secret()));
                }
                http.post_form(provider, origin, url, &form).await?
            }
        };
        Ok(reply.status)
    }
}

fn judge(result: Result<u16, Trouble>) -> Revoked {
    match result {
        Ok(200..=299) => Revoked::Upstream,
        Ok(404) => Revoked::AlreadyGone,
        Ok(status) => Revoked::NotTold(format!("it answered with HTTP {status}")),
        Err(trouble) => Revoked::NotTold(trouble.describe().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::{fixtures::*, tokens::Tokens},
        http::{
            Origin,
            stub::{Request, Stub, answer},
        },
        providers,
    };

    async fn disconnect(
        expired_already: bool,
        respond: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static,
    ) -> (Revoked, Vec<String>, bool) {
        let stub = Stub::start(move |_, request| respond(request));
        let home = tempfile::tempdir().unwrap();
        let whoop = providers::find("whoop").unwrap();
        let account = Account::at(&config(&paths(&home)), whoop, Origin::loopback(&stub.base), None, false);
        account.vault().save(&if expired_already { expired(1) } else { tokens(1) }).unwrap();
        account.vault().save_client(&client()).unwrap();
        let revoked = account.disconnect(&Http::new()).await.unwrap();
        let requests = stub.requests();
        let lines = requests.iter().map(|request| {
            let bearer = request.head.lines().find_map(|line| line.strip_prefix("authorization: Bearer "));
            let method = request.head.split(' ').next().unwrap_or_default();
            format!("{method} {}", bearer.unwrap_or("-"))
        });
        assert!(account.stored_client().is_some(), "the app's credentials stay");
        (revoked, lines.collect(), account.vault().load().unwrap().is_none())
    }

    #[tokio::test]
    async fn each_generation_of_endpoints_is_told_in_its_own_way() {
        for (endpoints, line, body) in [
            (None, "POST /oauth/revoke?access_token=access-1 HTTP/1.1", ""),
            (Some(Endpoints::First), "POST /oauth/revoke?access_token=access-1 HTTP/1.1", ""),
            (
                Some(Endpoints::Alternative),
                "POST /oauth/v2/ext/oauth-revoke HTTP/1.1",
                "token=refresh-1&client_id=client-id&client_secret=client-secret",
            ),
        ] {
            let stub = Stub::start(|_, _| answer(200, &[], ""));
            let home = tempfile::tempdir().unwrap();
            let oura = providers::find("oura").unwrap();
            let account =
                Account::at(&config(&paths(&home)), oura, Origin::loopback(&stub.base), None, false);
            account.vault().save(&Tokens { endpoints, ..tokens(1) }).unwrap();
            account.vault().save_client(&client()).unwrap();
            assert_eq!(account.disconnect(&Http::new()).await.unwrap(), Revoked::Upstream);
            let requests = stub.requests();
            let asked: Vec<_> =
                requests.iter().map(|one| (one.head.lines().next().unwrap(), one.body.as_str())).collect();
            assert_eq!(asked, [(line, body)]);
        }
    }

    fn fresh() -> Vec<u8> {
        answer(200, &[], r#"{"access_token":"new","refresh_token":"r","expires_in":3600}"#)
    }

    #[tokio::test]
    async fn the_provider_is_told_and_the_tokens_are_gone() {
        let (revoked, requests, gone) = disconnect(false, |_| answer(204, &[], "")).await;
        assert_eq!((revoked, gone), (Revoked::Upstream, true));
        assert_eq!(requests, ["DELETE access-1"]);
    }

    #[tokio::test]
    async fn a_stale_token_is_renewed_first() {
        let (revoked, requests, _) =
            disconnect(
                true,
                |request| if request.head.starts_with("POST") { fresh() } else { answer(204, &[], "") },
            )
            .await;
        assert_eq!(
            (revoked, requests),
            (Revoked::Upstream, vec!["POST -".to_owned(), "DELETE new".to_owned()])
        );
        // Stale in the provider's eyes only.
        let (revoked, requests, _) = disconnect(false, |request| match request.head.as_str() {
            head if head.starts_with("POST") => fresh(),
            head if head.contains("Bearer new") => answer(204, &[], ""),
            _ => answer(401, &[], ""),
        })
        .await;
        assert_eq!(revoked, Revoked::Upstream);
        assert_eq!(requests, ["DELETE access-1", "POST -", "DELETE new"]);
    }

    #[tokio::test]
    async fn what_could_not_be_done_is_said_and_the_tokens_go_all_the_same() {
        let refused = |_: &Request| answer(400, &[], r#"{"error":"invalid_grant"}"#);
        assert_eq!(disconnect(true, refused).await.0, Revoked::AlreadyGone);
        for status in [403, 500] {
            let (revoked, _, gone) = disconnect(false, move |_| answer(status, &[], "")).await;
            assert_eq!((revoked, gone), (Revoked::NotTold(format!("it answered with HTTP {status}")), true));
        }
        let (revoked, _, gone) = disconnect(true, |_| answer(503, &[], "")).await;
        assert!(matches!(revoked, Revoked::NotTold(_)) && gone);
    }
}
