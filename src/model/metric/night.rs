//! How the parts of a night become the night's value: what adds up is summed, an average is weighted by the time
//! asleep, the borders are those of the first and the last part. Pure.
//!
//! Nothing stands in for a part that says nothing: a sum lacks it and is no sum of the night, and an average is
//! unknown where the longest part is.

/// What becomes of the values of the parts of one night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Durations and counts.
    Sum,
    /// Averages, weighted by the time asleep in each part. Where a part does not tell that, the longest counts.
    Mean,
    /// What belongs to the beginning.
    First,
    /// What belongs to the end.
    Last,
    /// The lowest.
    Least,
}

/// What one part of a night says about a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// `None` where it says nothing, or what no living person has.
    pub value: Option<f64>,
    /// From its start to its end, milliseconds.
    pub length: i64,
    /// Time asleep in it, seconds.
    pub asleep: Option<f64>,
}

impl Join {
    /// The night's value out of its parts, oldest first.
    pub fn of(self, parts: &[Part]) -> Option<f64> {
        self.deciding(parts).iter().all(|at| parts[*at].value.is_some()).then_some(())?;
        let told = || parts.iter().filter_map(|part| part.value);
        match self {
            Self::Sum => (!parts.is_empty()).then(|| told().sum()),
            Self::First => parts.first()?.value,
            Self::Last => parts.last()?.value,
            Self::Least => told().min_by(f64::total_cmp),
            Self::Mean => mean(parts).or_else(|| parts[*self.deciding(parts).first()?].value),
        }
    }

    /// The places of the parts without whose value the night has none.
    pub fn deciding(self, parts: &[Part]) -> Vec<usize> {
        match self {
            Self::Sum => (0..parts.len()).collect(),
            Self::First => (0..parts.len()).take(1).collect(),
            Self::Last => (0..parts.len()).next_back().into_iter().collect(),
            // Of equally long ones the first.
            Self::Mean | Self::Least => {
                (0..parts.len()).rev().max_by_key(|at| parts[*at].length).into_iter().collect()
            }
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Self::Sum => "sum over the parts of the night",
            Self::Mean => "mean over the parts of the night, weighted by time asleep",
            Self::First => "of the first part of the night",
            Self::Last => "of the last part of the night",
            Self::Least => "least of the parts of the night",
        }
    }
}

/// The mean of the parts that have a value; `None` where one of those does not tell how long was slept in it, or
/// nothing was slept at all.
fn mean(parts: &[Part]) -> Option<f64> {
    let told = parts.iter().filter_map(|part| Some((part.value?, part.asleep)));
    let (mut sum, mut weights) = (0.0, 0.0);
    for (value, asleep) in told {
        let weight = asleep?;
        sum += value * weight;
        weights += weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

#[cfg(test)]
mod tests {
    use super::{
        Join::{First, Last, Least, Mean, Sum},
        *,
    };

    fn part(value: Option<f64>, length: i64, asleep: Option<f64>) -> Part {
        Part { value, length, asleep }
    }

    #[test]
    fn a_night_out_of_its_parts() {
        let full = |value| Some(value);
        for (name, parts, expected) in [
            (
                "two parts: sum, mean, first, last, least",
                vec![part(full(10.0), 3, Some(100.0)), part(full(40.0), 6, Some(200.0))],
                [Some(50.0), Some(30.0), Some(10.0), Some(40.0), Some(10.0)],
            ),
            ("one part", vec![part(full(7.0), 3, None)], [Some(7.0); 5]),
            ("no part", vec![], [None; 5]),
            (
                "the shorter one says nothing",
                vec![part(None, 3, Some(100.0)), part(full(40.0), 6, Some(200.0))],
                [None, Some(40.0), None, Some(40.0), Some(40.0)],
            ),
            (
                "the longer one says nothing",
                vec![part(full(10.0), 3, Some(100.0)), part(None, 6, None)],
                [None, None, Some(10.0), None, None],
            ),
            (
                "a part that does not tell its time asleep weighs nothing that is known",
                vec![part(full(10.0), 3, None), part(full(40.0), 6, Some(200.0))],
                [Some(50.0), Some(40.0), Some(10.0), Some(40.0), Some(10.0)],
            ),
            (
                "equally long ones",
                vec![part(full(10.0), 3, None), part(full(40.0), 3, None)],
                [Some(50.0), Some(10.0), Some(10.0), Some(40.0), Some(10.0)],
            ),
            (
                "nothing slept",
                vec![part(full(10.0), 3, Some(0.0)), part(full(40.0), 6, Some(0.0))],
                [Some(50.0), Some(40.0), Some(10.0), Some(40.0), Some(10.0)],
            ),
        ] {
            assert_eq!([Sum, Mean, First, Last, Least].map(|join| join.of(&parts)), expected, "{name}");
        }
    }
}
