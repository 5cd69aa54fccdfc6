//! Who tells a sample: what the context of a sample says of its origin. Several may tell of the same time,
//! and are not to be mixed.

use super::{Keep, Provider, Resource};

/// How a sample came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// A moment of a high-rate resource; the context says in what state the wearer was.
    Moment,
    /// A moment that the device in the context saw.
    Device,
    /// A series inside a record: it says again what the moments say where there are any.
    Record,
    /// The same, by the device in the context.
    DeviceRecord,
    /// A copy from another cloud.
    Relayed,
}

impl Voice {
    /// Which of several to listen to: the lowest.
    pub fn rank(self) -> u8 {
        match self {
            Self::Moment | Self::Device => 0,
            Self::Record | Self::DeviceRecord => 1,
            Self::Relayed => 2,
        }
    }

    /// Whether each context is another device's.
    pub fn is_one_device(self) -> bool {
        matches!(self, Self::Device | Self::DeviceRecord | Self::Relayed)
    }
}

impl Provider {
    /// Who tells a sample of this metric and context.
    pub fn voice(&self, metric: &str, context: &str) -> Voice {
        let sampling = || self.resources.iter().filter(|resource| resource.sampled().any(|id| id == metric));
        if sampling().any(|resource| resource.series.contains(&(metric, context))) {
            return Voice::Record;
        }
        let told = sampling().find_map(|resource| resource.of_stretch(context));
        told.or_else(|| sampling().find_map(|resource| resource.of_moments(context))).unwrap_or(Voice::Record)
    }
}

impl Provider {
    /// What the context of a sample says, in words: a device that is told by its number has a name.
    pub fn context_in_words(&self, context: &str) -> String {
        let (what, number) = context.rsplit_once(' ').unwrap_or(("", context));
        let name = number.parse().ok().and_then(|number: i64| self.models?.of(number));
        match (what, name) {
            ("", Some(name)) => name,
            (what, Some(name)) => format!("{what}, {name}"),
            (_, None) => context.to_owned(),
        }
    }
}

impl Resource {
    /// The context of its stretches is what they are, and the device.
    fn of_stretch(&self, context: &str) -> Option<Voice> {
        let Keep::Stretch(stretch) = &self.keep else { return None };
        let (what, device) = stretch.context;
        let model = context.strip_prefix(what)?;
        let relayed = self.relays(&[device]).any(|relay| model.strip_prefix(' ') == Some(relay));
        (model.is_empty() || model.starts_with(' ')).then_some(if relayed {
            Voice::Relayed
        } else {
            Voice::DeviceRecord
        })
    }

    /// A context that the rule for copies knows is a device's.
    fn of_moments(&self, context: &str) -> Option<Voice> {
        let Keep::Samples { context: told, .. } = &self.keep else { return None };
        let relays: Vec<&str> = self.relays(told).collect();
        Some(match relays[..] {
            [] => Voice::Moment,
            _ if relays.contains(&context) => Voice::Relayed,
            _ => Voice::Device,
        })
    }

    /// The values of these parts of a record that make it a copy.
    fn relays(&self, parts: &[&str]) -> impl Iterator<Item = &'static str> {
        let rules = self.session.relayed.iter().filter(|(at, _)| parts.contains(at));
        rules.flat_map(|(_, values)| values.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::find;

    #[test]
    fn contexts_are_words() {
        for (provider, context, words) in [
            ("withings", "93", "ScanWatch"),
            ("withings", "sleep 63", "sleep, Sleep Analyzer (Aura Sensor V2)"),
            ("withings", "4711", "model_4711"),
            ("withings", "sleep", "sleep"),
            ("oura", "sleep_record", "sleep_record"),
            ("oura", "12", "12"),
            ("whoop", "", ""),
        ] {
            assert_eq!(find(provider).unwrap().context_in_words(context), words, "{provider} {context}");
        }
    }

    #[test]
    fn moments_devices_records_and_copies_are_told_apart() {
        for (provider, metric, context, voice) in [
            ("oura", "heart_rate", "awake", Voice::Moment),
            ("oura", "heart_rate", "sleep", Voice::Moment),
            ("oura", "heart_rate", "", Voice::Moment),
            ("oura", "heart_rate", "sleep_record", Voice::Record),
            ("oura", "heart_rate_variability_rmssd", "session_record", Voice::Record),
            ("oura", "ring_battery_level", "charging", Voice::Moment),
            ("withings", "steps", "93", Voice::Device),
            ("withings", "steps", "1053", Voice::Relayed),
            ("withings", "heart_rate", "sleep 63", Voice::DeviceRecord),
            ("withings", "heart_rate", "sleep", Voice::DeviceRecord),
            ("withings", "sleep_stage", "sleep 93", Voice::DeviceRecord),
        ] {
            assert_eq!(
                find(provider).unwrap().voice(metric, context),
                voice,
                "{provider} {metric} {context}"
            );
        }
    }
}
