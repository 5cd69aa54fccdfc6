//! What follows from the roles of resources.

use super::{Lender, Provider, Resource, Time};
use crate::model::{Role, Sense};

impl Resource {
    /// Whether its records are sleeps.
    pub fn is_sleep(&self) -> bool {
        self.role == Role::Sleep
    }

    /// Whether its records are workouts.
    pub fn is_workout(&self) -> bool {
        self.role == Role::Workout
    }

    /// Whether a column of that name says this.
    pub fn says(&self, column: &str, sense: Sense) -> bool {
        self.fields.iter().any(|field| field.name == column && field.sense == Some(sense))
    }

    /// The columns that say this.
    pub fn columns_that_say(&self, sense: Sense) -> impl Iterator<Item = &'static str> {
        self.fields.iter().filter(move |field| field.sense == Some(sense)).map(|field| field.name)
    }
}

impl Provider {
    /// Whether records of a resource are sleeps, or hang on one each.
    pub fn follows_sleep(&self, resource: &Resource) -> bool {
        let lends = |lender: &Lender| match lender {
            Lender::Linked(name) | Lender::SameId(name) => {
                self.resource(name).is_some_and(Resource::is_sleep)
            }
        };
        resource.is_sleep() || matches!(&resource.time, Time::Borrowed { from } if from.iter().any(lends))
    }
}
