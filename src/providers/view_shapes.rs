//! The catalogue as the SQL views need it: one shape for each kind that has records.

use super::{
    catalogue::{At, Field, Unit},
    flatten, kinds,
};
use crate::model::view::{FieldShape, From, KindShape, ValueKind};

/// Every kind that has records, in the order of the catalogue.
pub fn shapes() -> Vec<KindShape> {
    kinds()
        .filter(|(_, resource)| resource.has_records())
        .map(|(provider, resource)| KindShape {
            provider: provider.id,
            resource: resource.name,
            about: resource.about,
            mapping: flatten::mapping(resource),
            role: resource.role,
            fields: resource.fields.iter().enumerate().map(|(place, field)| shape(place, field)).collect(),
            metrics: resource.metrics().collect(),
            sports: if resource.is_workout() { provider.names_of_sports() } else { Vec::new() },
        })
        .collect()
}

fn shape(place: usize, field: &Field) -> FieldShape {
    let from = match field.at {
        At::Body(_) | At::Made(_) => From::Flat(place),
        At::Day => From::Day,
        At::Start => From::Start,
        At::End => From::End,
    };
    let value = match field.unit {
        Unit::Flag => ValueKind::Flag,
        Unit::Text
        | Unit::Named(_)
        | Unit::Instant
        | Unit::InstantFromEpoch
        | Unit::Day
        | Unit::Json
        | Unit::OffsetInText => ValueKind::Text,
        _ => ValueKind::Number,
    };
    FieldShape {
        name: field.name,
        unit: field.unit.ucum(),
        about: field.about,
        from,
        value,
        metric: field.metric,
        sense: field.sense,
    }
}
