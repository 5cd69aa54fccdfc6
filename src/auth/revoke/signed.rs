//! Ending a grant with a form that the client secret signs: no token is needed, and none is renewed for it.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::Sha256;

use super::Revoked;
use crate::{
    auth::{Account, app_credentials::Client},
    clock,
    http::Http,
    providers::catalogue::{Reply, SignedRevoke, Verdict},
};

impl Account {
    pub(super) async fn revoke_signed(
        &self,
        http: &Http,
        how: &SignedRevoke,
        account: Option<&str>,
    ) -> Revoked {
        let not_told = |why: &str| Revoked::NotTold(why.to_owned());
        let Some(account) = account else {
            return not_told("the sign-in did not say which account it is for");
        };
        let client = self.stored_client().or_else(|| Client::from_env(self.provider().id));
        let Some(client) = client else { return not_told("the client id and secret are not known") };
        let now = clock::now().as_second().to_string();
        let asked =
            sign(&client, &[("action", how.nonce_action), ("client_id", &client.id), ("timestamp", &now)]);
        let nonce = match self.post(http, how.nonce_url, &asked).await {
            Ok((Verdict::Ok, reply)) => nonce(&reply, how),
            Ok((_, reply)) => return refused(&reply),
            Err(revoked) => return revoked,
        };
        let Some(nonce) = nonce else { return not_told("its answer is unusable") };
        let mut form = sign(&client, &[("action", how.action), ("client_id", &client.id), ("nonce", &nonce)]);
        form.push((how.account, account.to_owned()));
        match self.post(http, how.url, &form).await {
            Ok((Verdict::Ok, _)) => Revoked::Upstream,
            Ok((_, reply)) => refused(&reply),
            Err(revoked) => revoked,
        }
    }

    async fn post(
        &self,
        http: &Http,
        url: &str,
        form: &[(&str, String)],
    ) -> Result<(Verdict, Reply), Revoked> {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        match http.post_form(self.provider(), self.origin(), url, &form).await {
            Ok(reply) => Ok(((self.provider().classify)(&reply), reply)),
            Err(trouble) => Err(Revoked::NotTold(trouble.describe().to_owned())),
        }
    }
}

fn refused(reply: &Reply) -> Revoked {
    Revoked::NotTold(format!("it did not accept the request (HTTP {})", reply.status))
}

fn nonce(reply: &Reply, how: &SignedRevoke) -> Option<String> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let nonce = body.pointer(how.nonce)?.as_str()?;
    ((1..=200).contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_graphic()))
        .then(|| nonce.to_owned())
}

/// The form with its signature. The values are given in the order of their names.
fn sign<'a>(client: &Client, values: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
    let text: Vec<&str> = values.iter().map(|(_, value)| *value).collect();
    let mut form: Vec<(&str, String)> =
        values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    form.push(("signature", hmac(&client.secret, &text.join(","))));
    form
}

/// HMAC-SHA256 in hexadecimal.
fn hmac(secret: &SecretString, text: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes());
    let mut mac = mac.expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    let mut hex = String::new();
    for byte in mac.finalize().into_bytes() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::{
        auth::fixtures::*,
        http::{
            Origin,
            stub::{Request, Stub, answer},
        },
        providers,
    };

    #[test]
    fn the_test_case_2_of_rfc_4231() {
        assert_eq!(
            hmac(&"Jefe".into(), "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    async fn disconnect(
        account: Option<&str>,
        respond: impl Fn(usize, &Request) -> Vec<u8> + Send + Sync + 'static,
    ) -> (Revoked, Vec<HashMap<String, String>>, Vec<String>) {
        let stub = Stub::start(respond);
        let home = tempfile::tempdir().unwrap();
        let provider = providers::find("withings").unwrap();
        let origin = Origin::loopback(&stub.base);
        let signed_in = Account::at(&config(&paths(&home)), provider, origin, None, false);
        let stored = crate::auth::tokens::Tokens { account: account.map(str::to_owned), ..expired(1) };
        signed_in.vault().save(&stored).unwrap();
        signed_in.vault().save_client(&client()).unwrap();
        let revoked = signed_in.disconnect(&Http::new()).await.unwrap();
        assert!(signed_in.vault().load().unwrap().is_none(), "the tokens go whatever became of it");
        let requests = stub.requests();
        let forms = requests
            .iter()
            .map(|request| url::form_urlencoded::parse(request.body.as_bytes()).into_owned().collect());
        let paths = requests.iter().map(|r| r.head.split(' ').nth(1).unwrap_or_default().to_owned());
        (revoked, forms.collect(), paths.collect())
    }

    #[tokio::test]
    async fn a_nonce_first_and_then_the_revocation_both_signed() {
        let (revoked, forms, paths) = disconnect(Some("12345678"), |n, _| {
            let body =
                if n == 0 { r#"{"status":0,"body":{"nonce":"n0nce"}}"# } else { r#"{"status":0,"body":{}}"# };
            answer(200, &[], body)
        })
        .await;
        assert_eq!(revoked, Revoked::Upstream);
        assert_eq!(paths, ["/v2/signature", "/v2/oauth2"]);
        let secret = client().secret;
        assert_eq!(forms[0]["action"], "getnonce");
        assert_eq!(
            forms[0]["signature"],
            hmac(&secret, &format!("getnonce,client-id,{}", forms[0]["timestamp"]))
        );
        assert_eq!((forms[1]["action"].as_str(), forms[1]["userid"].as_str()), ("revoke", "12345678"));
        assert_eq!(
            forms[1]["signature"],
            hmac(&secret, "revoke,client-id,n0nce"),
            "the account is not signed"
        );
        assert!(!forms.iter().any(|form| form.contains_key("client_secret")));
    }

    #[tokio::test]
    async fn what_could_not_be_done_is_said() {
        let refuse = |_: usize, _: &Request| answer(200, &[], r#"{"status":503,"body":{},"error":"EVIL"}"#);
        let (revoked, forms, _) = disconnect(Some("12345678"), refuse).await;
        assert!(matches!(&revoked, Revoked::NotTold(why) if !why.contains("EVIL")), "{revoked:?}");
        assert_eq!(forms.len(), 1);
        let (revoked, forms, _) = disconnect(None, refuse).await;
        assert!(matches!(revoked, Revoked::NotTold(_)) && forms.is_empty());
    }
}
