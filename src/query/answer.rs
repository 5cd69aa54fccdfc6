//! The one wrapper around every answer: it says when the data is invented.

use std::ops::Deref;

use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use crate::error::Result;

/// An answer, marked where the mirror holds the demo's synthetic person.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Answer<T> {
    /// True when the data is synthetic.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demo_note: Option<&'static str>,
    #[serde(flatten)]
    pub body: T,
}

const NOTE: &str = "Synthetic data of an invented person. Sign in with a real account in another profile.";

impl<T> Answer<T> {
    /// Marks the answer if the mirror it was read from is the demo's.
    pub fn new(context: &Context<'_>, body: T) -> Result<Self> {
        let demo = context.is_demo()?;
        Ok(Self { demo, demo_note: demo.then_some(NOTE), body })
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.body
    }
}
