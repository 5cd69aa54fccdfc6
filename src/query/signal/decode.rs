//! From the numbers of a record to a trace: what they are in, and what they were before they were coded.

use serde_json::Value;

use crate::providers::catalogue::{Coding, Signal};

/// A recording as numbers. A sample that is no number is not a number (`NAN`), never zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// Samples per second; `None` where the provider does not tell.
    pub hertz: Option<f64>,
    pub scale: Scale,
    pub samples: Vec<f64>,
}

/// What one unit of a trace is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scale {
    Microvolts,
    /// Loudness as signed numbers of 16 bits.
    Pcm16,
    /// The provider's own, not documented.
    #[default]
    Unknown,
}

impl Scale {
    pub fn unit(self) -> &'static str {
        match self {
            Self::Microvolts => "uV",
            Self::Pcm16 => "1/32768 of full scale",
            Self::Unknown => "provider's units",
        }
    }
}

/// The samples in a body, decoded.
pub(super) fn trace(signal: &Signal, body: &Value) -> Trace {
    let given = body.pointer(signal.samples).and_then(Value::as_array);
    let numbers: Vec<f64> =
        given.into_iter().flatten().map(|sample| sample.as_f64().unwrap_or(f64::NAN)).collect();
    let (scale, samples) = match signal.coding {
        Coding::Microvolts => (Scale::Microvolts, numbers),
        // Numbers that are no bytes are in another coding than the documented one.
        Coding::ALaw => match numbers.iter().map(|number| decoded(*number)).collect() {
            Some(samples) => (Scale::Pcm16, samples),
            None => (Scale::Unknown, numbers),
        },
    };
    let hertz = body.pointer(signal.hertz).and_then(Value::as_f64).filter(|hertz| *hertz > 0.0);
    Trace { hertz, scale, samples }
}

fn decoded(number: f64) -> Option<f64> {
    if number.is_nan() {
        return Some(number);
    }
    let byte = (number.fract() == 0.0 && (0.0..=255.0).contains(&number)).then_some(number as u8)?;
    Some(f64::from(a_law(byte)))
}

/// One byte of A-law as a sample of 16 bits, ITU-T G.711.
fn a_law(byte: u8) -> i16 {
    let bits = byte ^ 0x55;
    let (exponent, mantissa) = ((bits >> 4) & 7, i16::from(bits & 0x0f) << 4);
    let magnitude = if exponent == 0 { mantissa + 8 } else { (mantissa + 0x108) << (exponent - 1) };
    if bits & 0x80 == 0 { -magnitude } else { magnitude }
}

/// Lowest, highest and middle value; `None` of nothing.
pub(super) fn spread(samples: &[f64]) -> Option<(f64, f64, f64)> {
    let mut sorted: Vec<f64> = samples.iter().copied().filter(|sample| !sample.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    let half = sorted.len() / 2;
    let middle = if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[half - 1], sorted[half])
    } else {
        sorted[half]
    };
    Some((first, last, middle))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::providers::find_kind;

    #[test]
    fn a_law_is_decoded_as_the_standard_says() {
        // G.711: silence is 0xD5 and 0x55, the loudest samples 0xAA and 0x2A.
        for (byte, sample) in [(0xd5, 8), (0x55, -8), (0xaa, 32_256), (0x2a, -32_256), (0xc5, 264)] {
            assert_eq!(a_law(byte), sample, "{byte:#x}");
        }
    }

    #[test]
    fn samples_are_what_the_catalogue_says_they_are() {
        let of = |kind: &str, body: Value| {
            let trace = trace(find_kind(kind).unwrap().1.signal.as_ref().unwrap(), &body);
            (trace.scale, trace.hertz, trace.samples)
        };
        let ecg = of("withings.signal", json!({ "signal": [3, -2, 1.5], "sampling_frequency": 300 }));
        assert_eq!(ecg, (Scale::Microvolts, Some(300.0), vec![3.0, -2.0, 1.5]));
        let sound = of("withings.stetho_signal", json!({ "signal": [213, 85], "frequency": 4000 }));
        assert_eq!(sound, (Scale::Pcm16, Some(4000.0), vec![8.0, -8.0]));
        let other = of("withings.stetho_signal", json!({ "signal": [-5, 300], "frequency": 0 }));
        assert_eq!(other, (Scale::Unknown, None, vec![-5.0, 300.0]));
        let holed = of("withings.signal", json!({ "signal": [1, null, "x"] })).2;
        assert!((holed[0] - 1.0).abs() < 1e-9 && holed[1].is_nan() && holed[2].is_nan());
        assert_eq!(of("withings.signal", json!({})).2, Vec::<f64>::new());
    }

    #[test]
    fn the_middle_is_no_mean_and_nothing_has_none() {
        assert_eq!(spread(&[5.0, 1.0, 900.0]), Some((1.0, 900.0, 5.0)));
        assert_eq!(spread(&[4.0, 1.0, f64::NAN, 2.0, 3.0]), Some((1.0, 4.0, 2.5)));
        assert_eq!((spread(&[]), spread(&[f64::NAN])), (None, None));
    }
}
