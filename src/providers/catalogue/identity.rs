//! Where a provider says whose data it gives. What a mirror holds is one account's, so each provider says it in
//! at least one of these ways.

use serde_json::Value;

use super::{Pointer, Provider, Resource};

/// A place where the account's id stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// In the answer of the token endpoint.
    TokenAnswer(Pointer),
    /// In a present state, which can be asked for before anything else.
    Resource {
        name: &'static str,
        at: Pointer,
        /// Whether the id is told even where the resource's scope is not granted.
        unasked: bool,
    },
    /// In records, wherever they have it.
    Records(Pointer),
}

impl Provider {
    /// Where the answer of the token endpoint has it.
    pub fn whose_in_token_answer(&self) -> Option<Pointer> {
        self.whose.iter().find_map(|whose| match whose {
            Whose::TokenAnswer(at) => Some(*at),
            _ => None,
        })
    }

    /// The present state that tells it, where it stands there, and whether it is told without the scope.
    pub fn whose_by_resource(&self) -> Option<(&'static Resource, Pointer, bool)> {
        self.whose.iter().find_map(|whose| match whose {
            Whose::Resource { name, at, unasked } => Some((self.resource(name)?, *at, *unasked)),
            _ => None,
        })
    }

    /// Where the records of a resource have it, if they do.
    pub fn whose_in_records(&self, resource: &Resource) -> Option<Pointer> {
        self.whose.iter().find_map(|whose| match whose {
            Whose::Resource { name, at, .. } if *name == resource.name => Some(*at),
            Whose::Records(at) => Some(*at),
            _ => None,
        })
    }
}

/// An account's id, compared as text: some send it as text in one answer and as a number in the next. What is
/// neither is no id, and says nothing.
pub fn account_id(value: &Value) -> Option<String> {
    match value {
        Value::String(text)
            if (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) =>
        {
            Some(text.clone())
        }
        Value::Number(number) => {
            let whole = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 9e15);
            Some(whole.map_or_else(|| number.to_string(), |value| (value as i64).to_string()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_is_the_same_as_text_and_as_a_number() {
        for (value, id) in [
            (json!(10_129), Some("10129")),
            (json!("10129"), Some("10129")),
            (json!(10_129.0), Some("10129")),
            (json!(9_007_199_254_740_993_i64), Some("9007199254740993")),
            (json!("8f9a5221-639e-4a85-81cb-4065ef23f979"), Some("8f9a5221-639e-4a85-81cb-4065ef23f979")),
            (json!(null), None),
            (json!(""), None),
            (json!(true), None),
            (json!({ "id": 1 }), None),
            (json!("two words"), None),
        ] {
            assert_eq!(account_id(&value).as_deref(), id, "{value}");
        }
    }
}
