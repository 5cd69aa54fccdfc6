//! How many digits of a number are worth showing.

/// Rounded to so many decimals.
pub(super) fn decimals(value: f64, decimals: u8) -> f64 {
    let scale = 10f64.powi(i32::from(decimals));
    let rounded = (value * scale).round() / scale;
    // No reader asks what minus zero is.
    rounded + 0.0
}

/// Rounded to four significant digits: what is left of a slope or a p value.
pub(super) fn significant(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let places = 3 - value.abs().log10().floor() as i32;
    let scale = 10f64.powi(places);
    if scale.is_finite() { (value * scale).round() / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits() {
        for (value, places, shown) in [(52.449, 1, 52.4), (-0.04, 1, 0.0), (7.5, 0, 8.0)] {
            assert_eq!(decimals(value, places).to_string(), shown.to_string());
        }
        for (value, shown) in [
            (0.012_345_6, 0.012_35),
            (-123_456.0, -123_500.0),
            (0.0, 0.0),
            (1e-320, 0.0),
            (3.2e-12, 3.2e-12),
            (f64::NAN, 0.0),
        ] {
            assert_eq!(significant(value).to_string(), shown.to_string());
        }
    }
}
