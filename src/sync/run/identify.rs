//! Whose login a run uses: known before anything is stored or removed, and looked at again in every record that
//! says it.
//!
//! What a provider does not tell is not known. It is no reason to refuse a login, but nothing of a known account
//! is removed on the word of a login that may be somebody else's.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Halt, Run};
use crate::{
    auth::owner,
    clock,
    error::Result,
    providers::{
        catalogue::{Reply, Resource, Whose, account_id},
        page::read_page,
        request::{Asked, list_call},
    },
    store::{MARK_LOGIN, Owner},
};

impl Run<'_> {
    /// Finds out whose login this is and refuses another account's. Costs a request where the login is new, and
    /// neither its tokens say it nor the records will before anything could be lost.
    pub(in crate::sync) async fn identify(&mut self) -> Result<()> {
        self.identity.owner = owner::account_of(self.store, self.provider)?;
        if let Some(account) = self.known_login()? {
            return self.meet(&account);
        }
        // Into an empty mirror the first record that comes brings its owner along.
        let records_tell = self.provider.whose.iter().any(|whose| matches!(whose, Whose::Records(_)));
        if let Some((resource, at, unasked)) = self.provider.whose_by_resource()
            && !(records_tell && self.identity.owner.is_none())
            && (unasked || !self.not_granted.contains(&resource.scope))
        {
            let call = list_call(resource, &Asked::Now, None);
            let reply = match self.fetch(&call, None).await {
                Ok(fetch) => fetch.reply,
                // No word from the provider is no word about the account: it may come a minute later.
                Err(error) if self.halt == Halt::Provider => return Err(error),
                Err(error) if self.identity.owner.is_some() && error.code.row().retryable => {
                    return Err(error);
                }
                Err(_) => None,
            };
            self.halt = Halt::default();
            let page = reply.as_ref().and_then(|reply| read_page(resource, &reply.body).ok());
            let record = page.as_ref().and_then(|page| page.records.first());
            self.identity.reply = reply;
            if let Some(account) = record.and_then(|record| record.pointer(at)).and_then(account_id) {
                // Another account's login is kept in mind too: it is refused without being asked again.
                self.remember(&account).await;
                return self.meet(&account);
            }
        }
        let never_told = self.provider.whose.iter().all(|whose| matches!(whose, Whose::TokenAnswer(_)));
        if never_told && self.identity.owner.is_some() {
            self.halt = Halt::Provider;
            return Err(owner::untold(self.provider));
        }
        Ok(())
    }

    /// The reply of a resource that this run has asked for already: it is not asked for twice.
    pub(in crate::sync) fn known_reply(&mut self, resource: &Resource) -> Option<Reply> {
        let told = self.provider.whose_by_resource().is_some_and(|(told, ..)| told.name == resource.name);
        if told { self.identity.reply.take() } else { None }
    }

    /// Refuses a page with a record of another account; a record that does not say whose it is is no evidence.
    pub(in crate::sync) async fn check_owner(
        &mut self,
        resource: &'static Resource,
        records: &[Value],
    ) -> Result<()> {
        let Some(at) = self.provider.whose_in_records(resource) else { return Ok(()) };
        let before = self.identity.told;
        for record in records {
            if let Some(account) = record.pointer(at).and_then(account_id) {
                self.meet(&account)?;
            }
        }
        if !before && let Some(account) = self.identity.owner.clone().filter(|_| self.identity.told) {
            self.remember(&account).await;
        }
        Ok(())
    }

    /// Whether records may be removed on the word of this login.
    pub(in crate::sync) fn may_remove(&self) -> bool {
        self.identity.told || self.identity.owner.is_none()
    }

    /// Writes down whose the data is and where it comes from, with the first thing that is stored.
    pub(super) fn own(&mut self) -> Result<()> {
        if self.identity.written {
            return Ok(());
        }
        self.store.own(
            self.provider.id,
            &Owner {
                origin: self.origin.base().to_owned(),
                account: self.identity.owner.clone(),
                since: clock::now_ms(),
            },
        )?;
        self.identity.written = true;
        Ok(())
    }

    fn meet(&mut self, account: &str) -> Result<()> {
        let identity = &mut self.identity;
        match &identity.owner {
            Some(owner) if owner != account => {
                self.halt = Halt::Provider;
                return Err(owner::another(self.provider));
            }
            Some(_) => {}
            None => {
                identity.owner = Some(account.to_owned());
                identity.written = false;
            }
        }
        identity.told = true;
        Ok(())
    }

    /// Whose this login is, where an earlier run or the sign-in was told.
    fn known_login(&self) -> Result<Option<String>> {
        if self.login.is_some() || self.generation != 0 {
            return Ok(self.login.clone());
        }
        let mark = self.store.state(self.provider.id, "", MARK_LOGIN)?;
        let digest = digest(&self.bearer);
        Ok(mark.and_then(|mark| Some(mark.strip_prefix(&digest)?.strip_prefix(' ')?.to_owned())))
    }

    /// Keeps what was told with the login, so that the next run need not ask. One that cannot be kept is asked
    /// again.
    async fn remember(&self, account: &str) {
        let kept = if self.generation == 0 {
            let mark = format!("{} {account}", digest(&self.bearer));
            self.store.set_state(self.provider.id, "", MARK_LOGIN, Some(&mark))
        } else {
            let kept = self.account.remember(self.generation, account).await;
            kept.map_err(|error| error.explain(self.provider))
        };
        if let Err(error) = kept {
            tracing::warn!(provider = self.provider.id, %error, "whose login it is could not be kept");
        }
    }
}

/// A token from the environment has no number: what was told of it is kept under a name that does not give it
/// away.
fn digest(token: &SecretString) -> String {
    let digest = Sha256::digest(token.expose_secret().as_bytes());
    URL_SAFE_NO_PAD.encode(&digest[..16])
}
