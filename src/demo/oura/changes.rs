//! What only Oura does: scores of the days after, personal tokens, personal information.

use super::data::SimulatedOura;
use super::kind::Collection;
use super::paths::ALL_SCOPES;
use crate::demo::kit::grants::PersonalKey;
use crate::demo::kit::records::merge_patch;
use crate::demo::kit::simulated::owned;
use jiff::Timestamp;
use serde_json::{Value, json};

impl SimulatedOura {
    /// Gives a document another score, as Oura does in the days after; true when it existed.
    pub fn rescore(&self, collection: Collection, id: &str, score: i64) -> bool {
        self.patch(collection, id, &json!({"score": score}))
    }

    /// A personal access token with every scope: it belongs to no app and does not expire.
    pub fn issue_personal_token(&self) -> String {
        let mut state = self.state();
        let token = state.grants.mint();
        let key = PersonalKey { scopes: owned(&ALL_SCOPES), expires: Timestamp::MAX };
        state.grants.keys.insert(token.clone(), key);
        token
    }

    /// Changes the personal information by a JSON merge patch.
    pub fn change_personal_info(&self, patch: &Value) {
        merge_patch(&mut self.state().service.personal_info, patch);
    }
}
