//! The slopes of all pairs of points by their rank, without keeping all of them: ten years of days have 6.7 million.
//!
//! A bound a splits the slopes by the order of y − a·x: a pair of points whose slope is below it stands there the
//! other way round than in x (Cole, Salowe, Steiger and Szemerédi 1989, doi:10.1137/0218055). So a merge sort counts
//! what is below a bound, and an insertion sort from one bound's order to another's meets exactly the pairs between.
//! The bounds come from a sample; where they do not hold what is asked for, all slopes are sorted. Either way the
//! answer is the slope of a pair, to the last bit.

/// Pairs up to which sorting all of them is quicker.
const FEW: usize = 50_000;

/// Pairs in the sample, and how far on either side of a rank its bound lies: four standard errors.
const SAMPLE: usize = 16_384;
const MARGIN: usize = 4 * 64;

/// Where a bound lies between two slopes. Not a fraction, so that it is no slope of values with few decimals.
const GOLDEN: f64 = 0.381_966_011_250_105;

/// Points by x, then by y, and how many pairs of them have a slope.
pub struct Slopes {
    points: Vec<(f64, f64)>,
    count: usize,
}

impl Slopes {
    /// `None` with fewer than two places on the line.
    pub fn new(x: &[f64], y: &[f64]) -> Option<Self> {
        let mut points: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
        points.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
        let alike = points.chunk_by(|one, other| !apart(*one, *other)).map(|group| pairs(group.len()));
        let count = pairs(points.len()) - alike.sum::<usize>();
        (count > 0).then_some(Self { points, count })
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// The slopes at ranks from 0, which must ascend and be less than [`Slopes::count`].
    pub fn at<const N: usize>(&self, ranks: [usize; N]) -> [f64; N] {
        let ends = ranks.first().zip(ranks.last());
        let between = ends.filter(|_| self.count > FEW).and_then(|(first, last)| self.between(*first, *last));
        let (below, mut slopes) = between.unwrap_or_else(|| (0, self.all()));
        let mut found = [0.0; N];
        let mut end = slopes.len();
        for (found, rank) in found.iter_mut().zip(ranks).rev() {
            let place = rank - below;
            *found = *slopes[..end].select_nth_unstable_by(place, f64::total_cmp).1;
            end = place + 1;
        }
        found
    }

    fn all(&self) -> Vec<f64> {
        let mut slopes = Vec::with_capacity(self.count);
        for (index, one) in self.points.iter().enumerate() {
            let later = self.points[index + 1..].iter().filter(|other| apart(*one, **other));
            slopes.extend(later.map(|other| slope(*one, *other)));
        }
        slopes
    }

    /// The slopes between two bounds around these ranks, and how many are below; `None` where the sample misled.
    fn between(&self, first: usize, last: usize) -> Option<(usize, Vec<f64>)> {
        let sample = self.sample();
        let place = |rank: usize| (rank as f64 / self.count as f64 * sample.len() as f64) as usize;
        let low = bound_below(&sample, place(first).checked_sub(MARGIN)?)?;
        let high = bound_above(&sample, place(last) + MARGIN)?;
        let turned = |bound: f64| self.points.iter().map(move |(x, y)| y - bound * x);
        let mut order: Vec<(f64, usize)> = turned(low).zip(0..).collect();
        let below = sort_and_count(&mut order, &mut Vec::new());
        let highs: Vec<f64> = turned(high).collect();
        let mut slopes = Vec::new();
        let mut places: Vec<usize> = order.into_iter().map(|(_, place)| place).collect();
        for end in 1..places.len() {
            let (moved, mut at) = (places[end], end);
            while at > 0 && highs[places[at - 1]] > highs[moved] {
                slopes.push(slope(self.points[places[at - 1]], self.points[moved]));
                places[at] = places[at - 1];
                at -= 1;
            }
            places[at] = moved;
        }
        (below <= first && last < below + slopes.len()).then_some((below, slopes))
    }

    /// Slopes of pairs drawn evenly, the same ones at each call, in order.
    fn sample(&self) -> Vec<f64> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut draw = || {
            // The generator of Steele, Lea and Flood 2014 (SplitMix64).
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            self.points[((mixed ^ (mixed >> 31)) % self.points.len() as u64) as usize]
        };
        let drawn = (0..SAMPLE).map(|_| (draw(), draw())).filter(|(one, other)| apart(*one, *other));
        let mut sample: Vec<f64> = drawn.map(|(one, other)| slope(one, other)).collect();
        sample.sort_unstable_by(f64::total_cmp);
        sample
    }
}

/// Puts keys in order and counts the pairs that stood the other way round; equal ones stay.
pub fn sort_and_count<T: Copy>(keyed: &mut [(f64, T)], spare: &mut Vec<(f64, T)>) -> usize {
    if keyed.len() < 2 {
        return 0;
    }
    let middle = keyed.len() / 2;
    let mut turned = sort_and_count(&mut keyed[..middle], spare);
    turned += sort_and_count(&mut keyed[middle..], spare);
    spare.clear();
    spare.extend_from_slice(&keyed[..middle]);
    let (mut left, mut right) = (0, middle);
    for place in 0..keyed.len() {
        if left == spare.len() {
            break;
        }
        if right < keyed.len() && keyed[right].0 < spare[left].0 {
            turned += spare.len() - left;
            keyed[place] = keyed[right];
            right += 1;
        } else {
            keyed[place] = spare[left];
            left += 1;
        }
    }
    turned
}

/// A number below the sampled slope at a place and above the next smaller one.
fn bound_below(sample: &[f64], place: usize) -> Option<f64> {
    let upper = *sample.get(place)?;
    let lower = *sample[..sample.partition_point(|slope| *slope < upper)].last()?;
    Some(lower + GOLDEN * (upper - lower))
}

/// A number above the sampled slope at a place and below the next larger one.
fn bound_above(sample: &[f64], place: usize) -> Option<f64> {
    let lower = *sample.get(place)?;
    let upper = *sample.get(sample.partition_point(|slope| *slope <= lower))?;
    Some(lower + GOLDEN * (upper - lower))
}

fn pairs(points: usize) -> usize {
    points * points.saturating_sub(1) / 2
}

/// Whether two points stand at different places on the line, so that they have a slope.
fn apart(one: (f64, f64), other: (f64, f64)) -> bool {
    (other.0 - one.0).abs() > 0.0
}

fn slope(one: (f64, f64), other: (f64, f64)) -> f64 {
    (other.1 - one.1) / (other.0 - one.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values as metrics have them: with many alike, with decimals, with a trend, with gaps between the days.
    fn cases() -> Vec<(&'static str, Vec<f64>, Vec<f64>)> {
        let line = |n: u32, y: &dyn Fn(f64) -> f64| -> (Vec<f64>, Vec<f64>) {
            (0..n).map(f64::from).map(|x| (x, y(x))).unzip()
        };
        let noise = |x: f64| ((x * 12.9898).sin() * 43_758.545).fract();
        let smooth = line(900, &|x| 60.0 + 0.002 * x + 3.0 * noise(x));
        let whole = line(700, &|x| (75.0 + 12.0 * noise(x)).round());
        let few = line(600, &|x| f64::from(noise(x) > 0.3));
        let tenths = line(800, &|x| ((150.0 - 0.01 * x + noise(x)) * 10.0).round() / 10.0);
        let same = line(400, &|_| 7.0);
        let gaps = (smooth.0.iter().map(|x| (x / 3.0).floor() * 5.0).collect(), smooth.1.clone());
        [
            ("smooth", smooth),
            ("whole", whole),
            ("few", few),
            ("tenths", tenths),
            ("same", same),
            ("gaps", gaps),
        ]
        .into_iter()
        .map(|(name, (x, y))| (name, x, y))
        .collect()
    }

    #[test]
    fn every_rank_is_that_of_all_slopes_in_order() {
        for (name, x, y) in cases() {
            let slopes = Slopes::new(&x, &y).unwrap();
            let mut all = slopes.all();
            assert_eq!(all.len(), slopes.count(), "{name}");
            assert!(all.len() > FEW, "{name}: the quick way is not taken");
            all.sort_unstable_by(f64::total_cmp);
            let n = all.len();
            for ranks in [[0, n / 2, n - 1], [n / 2 - n / 60, n / 2, n / 2 + n / 60], [n / 5, n / 4, n / 3]] {
                let found = slopes.at(ranks).map(f64::to_bits);
                assert_eq!(found, ranks.map(|rank| all[rank].to_bits()), "{name} at {ranks:?} of {n}");
            }
        }
    }

    #[test]
    fn the_quick_way_is_taken() {
        for (name, x, y) in cases() {
            let slopes = Slopes::new(&x, &y).unwrap();
            let middle = slopes.count() / 2;
            let found = slopes.between(middle, middle);
            // Where all are alike no bound is below them.
            assert_eq!(found.is_none(), name == "same", "{name}");
        }
    }

    #[test]
    fn pairs_that_stand_the_other_way_round_are_counted() {
        for (keys, expected) in
            [(&[][..], 0), (&[1.0, 2.0, 2.0, 3.0], 0), (&[3.0, 2.0, 2.0, 1.0], 5), (&[2.0, 3.0, 1.0], 2)]
        {
            let mut keyed: Vec<(f64, ())> = keys.iter().map(|key| (*key, ())).collect();
            assert_eq!(sort_and_count(&mut keyed, &mut Vec::new()), expected, "{keys:?}");
            assert!(keyed.is_sorted_by(|one, other| one.0 <= other.0));
        }
    }
}
