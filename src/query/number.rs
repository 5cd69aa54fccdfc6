//! How a measured number stands in an answer. Pure.

use serde_json::Value;

/// A number to three decimals: more than any of these devices measures, and short.
pub(super) fn number(value: f64) -> Value {
    let rounded = (value * 1000.0).round() / 1000.0;
    if rounded.fract() == 0.0 && rounded.abs() < 1e15 { (rounded as i64).into() } else { rounded.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_never_made_up() {
        for (value, shown) in
            [(62.0, "62"), (-0.25, "-0.25"), (1.0 / 3.0, "0.333"), (1e18, "1e+18"), (0.0, "0")]
        {
            assert_eq!(number(value).to_string(), shown);
        }
        assert_eq!(number(f64::NAN), Value::Null);
    }
}
