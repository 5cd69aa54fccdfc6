//! How much a series resembles itself some places further on.

use std::sync::{LazyLock, Mutex, PoisonError};

use rustfft::{FftPlanner, num_complex::Complex};

use super::summary::mean;

/// More products than this are quicker by way of the spectrum (Wiener and Khinchin): of ten years at all lags up to a
/// fifth there are 2.4 million.
const MOST_PRODUCTS: usize = 50_000;

/// The autocorrelation at lags 1 to `lags`. `None` where nothing varies.
pub fn autocorrelations(values: &[f64], lags: usize) -> Option<Vec<f64>> {
    let off = centred(values)?;
    let all = product(&off, &off);
    let at = |lag: usize| product(&off, &off[lag..]) / all;
    (all > 0.0).then(|| (1..=most(values, lags)).map(at).collect())
}

/// The same of two series of one length.
pub fn autocorrelations_of_two(x: &[f64], y: &[f64], lags: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    if x.len() != y.len() || x.len() * lags <= MOST_PRODUCTS {
        return Some((autocorrelations(x, lags)?, autocorrelations(y, lags)?));
    }
    let lags = most(x, lags);
    let (x, y) = (centred(x)?, centred(y)?);
    if product(&x, &x) <= 0.0 || product(&y, &y) <= 0.0 {
        return None;
    }
    // Both in one transform, one as the real part and one as the imaginary; with room for no lag to meet the start.
    let size = (x.len() + lags + 1).next_multiple_of(512);
    let mut both = vec![Complex::new(0.0, 0.0); size];
    for (place, (x, y)) in both.iter_mut().zip(x.into_iter().zip(y)) {
        *place = Complex::new(x, y);
    }
    let (forward, inverse) = {
        let mut planner = PLANNER.lock().unwrap_or_else(PoisonError::into_inner);
        (planner.plan_fft_forward(size), planner.plan_fft_inverse(size))
    };
    forward.process(&mut both);
    let mut power: Vec<Complex<f64>> = (0..size)
        .map(|at| {
            let (one, mirrored) = (both[at], both[(size - at) % size].conj());
            Complex::new((one + mirrored).norm_sqr() / 4.0, (one - mirrored).norm_sqr() / 4.0)
        })
        .collect();
    inverse.process(&mut power);
    let all = power[0];
    Some(power[1..=lags].iter().map(|at| (at.re / all.re, at.im / all.im)).unzip())
}

/// What it has worked out for one length serves every lag of a question, and the next question.
static PLANNER: LazyLock<Mutex<FftPlanner<f64>>> = LazyLock::new(|| Mutex::new(FftPlanner::new()));

fn centred(values: &[f64]) -> Option<Vec<f64>> {
    let mean = mean(values)?;
    Some(values.iter().map(|value| value - mean).collect())
}

fn most(values: &[f64], lags: usize) -> usize {
    lags.min(values.len().saturating_sub(1))
}

/// The sum of products of two series, as far as the shorter one goes. In eight sums at once, which a processor adds
/// up side by side.
fn product(one: &[f64], other: &[f64]) -> f64 {
    let length = one.len().min(other.len());
    let (one, other) = (&one[..length], &other[..length]);
    let mut sums = [0.0; 8];
    let (ones, others) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest: f64 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (ones, others) in ones.zip(others) {
        for (sum, (a, b)) in sums.iter_mut().zip(ones.iter().zip(others)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spectrum_says_what_the_products_say() {
        for n in [600, 1000, 3653] {
            let lags = n / 5;
            assert!(n * lags > MOST_PRODUCTS);
            // Neither periodic nor smooth, one of them with a trend.
            let x: Vec<f64> = (0..n).map(|at| ((at * at * 7919) % 1009) as f64).collect();
            let y: Vec<f64> = (0..n).map(|at| (at as f64).sin() * 40.0 + at as f64 / 9.0).collect();
            let (of_x, of_y) = autocorrelations_of_two(&x, &y, lags).unwrap();
            for (found, values) in [(of_x, &x), (of_y, &y)] {
                let expected = autocorrelations(values, lags).unwrap();
                assert_eq!(found.len(), expected.len());
                let off = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(off < 1e-12, "{n}: {off}");
            }
        }
    }

    #[test]
    fn what_does_not_vary_has_none() {
        let (still, rising): (Vec<f64>, Vec<f64>) = (0..700).map(|at| (3.0, f64::from(at))).unzip();
        assert_eq!(autocorrelations(&still, 5), None);
        assert_eq!(autocorrelations_of_two(&still, &rising, 140), None);
        assert_eq!(autocorrelations_of_two(&rising[..20], &still[..20], 4), None);
    }
}
