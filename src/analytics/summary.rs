//! Order statistics and ranks: what the other files are made of.

/// The mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The standard deviation of a sample (n − 1); `None` of fewer than two.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The median distance from a centre, not scaled to anything.
pub fn median_absolute_deviation(values: &[f64], centre: f64) -> Option<f64> {
    let distances: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    median(&distances)
}

/// A quantile between 0 and 1, interpolated between neighbours (type 7 of Hyndman and Fan 1996).
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = share.clamp(0.0, 1.0) * (sorted.len().checked_sub(1)? as f64);
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

/// Ranks from 1, equal values sharing the mean of theirs, and how many values each shared rank has.
pub fn ranks(values: &[f64]) -> (Vec<f64>, Vec<usize>) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut ties = Vec::new();
    let mut first = 0;
    while first < order.len() {
        let equal = order[first..].iter().take_while(|place| values[**place] <= values[order[first]]).count();
        // The mean of first + 1 … first + equal.
        let rank = (2 * first + equal + 1) as f64 / 2.0;
        for place in &order[first..first + equal] {
            ranks[*place] = rank;
        }
        if equal > 1 {
            ties.push(equal);
        }
        first += equal;
    }
    (ranks, ties)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_no_statistics() {
        for statistic in [mean, median, deviation] {
            assert_eq!(statistic(&[]), None);
        }
        assert_eq!(deviation(&[1.0]), None);
        assert_eq!(median_absolute_deviation(&[], 0.0), None);
        assert_eq!(ranks(&[]), (vec![], vec![]));
    }

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(ranks(&[5.0, 1.0, 5.0, 0.0, -0.0]), (vec![4.5, 3.0, 4.5, 1.5, 1.5], vec![2, 2]));
    }
}
