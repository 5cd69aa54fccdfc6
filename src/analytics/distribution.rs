//! The two distributions that tests of significance need.

use statrs::distribution::{ContinuousCDF as _, Normal, StudentsT};

/// The 97.5 % point of the standard normal distribution: what a two-sided 95 % interval reaches to.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// How likely a standard normal value is at least as far from 0, on either side.
pub fn two_sided_normal(z: f64) -> f64 {
    2.0 * Normal::standard().sf(z.abs())
}

/// The same for Student's t with so many degrees of freedom, whole or not; `None` without any.
pub fn two_sided_t(t: f64, freedom: f64) -> Option<f64> {
    if t.is_infinite() {
        return Some(0.0);
    }
    let distribution = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some((2.0 * distribution.sf(t.abs())).min(1.0))
}
