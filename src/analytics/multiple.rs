//! Testing many things at once: Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.

/// The q value of each p value: the smallest share of false discoveries at which it would still be one.
pub fn q_values(p_values: &[f64]) -> Vec<f64> {
    let tests = p_values.len();
    let mut order: Vec<usize> = (0..tests).collect();
    order.sort_by(|a, b| p_values[*b].total_cmp(&p_values[*a]));
    let mut q_values = vec![1.0; tests];
    let mut least = 1.0_f64;
    for (from_the_largest, place) in order.into_iter().enumerate() {
        let rank = tests - from_the_largest;
        least = least.min(p_values[place] * tests as f64 / rank as f64);
        q_values[place] = least;
    }
    q_values
}
