//! What every question of this folder and of `insight` is: arguments that are checked, what has to be up to date
//! for them, and the answer.

use super::{Answer, Context};
use crate::{
    error::Result,
    providers::catalogue::{Provider, Resource},
};

/// What a question needs to be up to date: resources, and the part of history in UTC milliseconds.
pub struct Need {
    pub resources: Vec<(&'static Provider, &'static Resource)>,
    /// `None`: the present.
    pub bounds: Option<(i64, i64)>,
}

/// Implemented by the arguments. Who asks checks them once at one moment, and hands down what came of it.
pub trait Question: Sync {
    /// The arguments as understood.
    type Checked<'q>
    where
        Self: 'q;
    /// What the answer holds.
    type Body;

    /// Reads the arguments; whatever is wrong with them is said here.
    fn check<'q>(&'q self, context: &Context<'_>) -> Result<Self::Checked<'q>>;

    /// What has to be up to date for it.
    fn need(&self, context: &Context<'_>, checked: &Self::Checked<'_>) -> Result<Need>;

    /// The answer out of the store as it is.
    fn answer<'q>(&'q self, context: &Context<'_>, checked: Self::Checked<'q>) -> Result<Answer<Self::Body>>;

    /// Checks and answers: for whoever wants nothing fetched.
    fn ask(&self, context: &Context<'_>) -> Result<Answer<Self::Body>> {
        self.answer(context, self.check(context)?)
    }

    /// Checks, and says what has to be up to date.
    fn needed(&self, context: &Context<'_>) -> Result<Need> {
        self.need(context, &self.check(context)?)
    }
}
