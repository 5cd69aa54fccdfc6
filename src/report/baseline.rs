//! What is usual for the wearer: median and spread of the four weeks before each day, of one source.

/// Days that the usual is taken from, the day itself not among them.
const DAYS: usize = 28;

/// Fewer values than these say nothing about what is usual.
const LEAST: usize = 14;

/// From the median absolute deviation to a standard deviation, where values are normal.
const CONSISTENT: f64 = 1.4826;

/// Beyond so many robust deviations a value is out of the ordinary (Iglewicz and Hoaglin).
const UNUSUAL: f64 = 3.5;

/// The band is drawn this many robust deviations wide on either side.
const BAND: f64 = 2.0;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    pub median: f64,
    pub low: f64,
    pub high: f64,
    /// How far the day's own value is from the median, in robust deviations; `None` without a value or
    /// without any spread.
    pub z: Option<f64>,
}

impl Usual {
    pub fn is_unusual(&self) -> bool {
        self.z.is_some_and(|z| z.abs() > UNUSUAL)
    }
}

/// The usual of each day. Each value comes with its source: other sources' values are not compared with it.
pub fn usual<S: PartialEq>(days: &[Option<(f64, S)>]) -> Vec<Option<Usual>> {
    let source_at = |place: usize| days[..=place].iter().rev().flatten().next().map(|(_, source)| source);
    (0..days.len())
        .map(|place| {
            let source = source_at(place)?;
            let before = &days[place.saturating_sub(DAYS)..place];
            let values: Vec<f64> = before
                .iter()
                .flatten()
                .filter(|(_, other)| other == source)
                .map(|(value, _)| *value)
                .collect();
            let own = days[place].as_ref().map(|(value, _)| *value);
            of(values, own)
        })
        .collect()
}

fn of(mut values: Vec<f64>, own: Option<f64>) -> Option<Usual> {
    if values.len() < LEAST {
        return None;
    }
    let median = median(&mut values);
    let mut away: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    let spread = CONSISTENT * self::median(&mut away);
    let z = own.filter(|_| spread > 0.0).map(|own| (own - median) / spread);
    Some(Usual { median, low: median - BAND * spread, high: median + BAND * spread, z })
}

/// The middle value, or the mean of the middle two; of nothing, 0.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => 0.0,
        length if length % 2 == 1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_needs_two_weeks_of_the_same_source() {
        let mut days: Vec<Option<(f64, &str)>> = (0..20).map(|day| Some((f64::from(day % 2), "a"))).collect();
        assert_eq!(usual(&days)[13], None, "thirteen before it");
        let found = usual(&days)[14].unwrap();
        assert_eq!((found.median, found.z), (0.5, Some((0.0 - 0.5) / (1.4826 * 0.5))));
        assert_eq!((found.low, found.high), (0.5 - 1.4826, 0.5 + 1.4826));
        days[19] = Some((100.0, "b"));
        assert_eq!(usual(&days)[19], None, "nothing of the other source");
        days[19] = None;
        assert_eq!(usual(&days)[19].unwrap().z, None, "no value, no distance");
    }

    #[test]
    fn what_is_far_out_is_unusual_and_equal_values_have_no_spread() {
        let mut days: Vec<Option<(f64, u8)>> = (0..29).map(|day| Some((f64::from(day % 5), 0))).collect();
        days[28] = Some((9.0, 0));
        assert!(usual(&days)[28].unwrap().is_unusual());
        days[28] = Some((5.0, 0));
        assert!(!usual(&days)[28].unwrap().is_unusual());
        let flat: Vec<Option<(f64, u8)>> =
            (0..29).map(|day| Some((if day == 28 { 9.0 } else { 1.0 }, 0))).collect();
        let found = usual(&flat)[28].unwrap();
        assert_eq!((found.z, found.low, found.high), (None, 1.0, 1.0));
        assert!(usual::<u8>(&[]).is_empty());
    }
}
