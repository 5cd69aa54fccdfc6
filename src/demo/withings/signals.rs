//! Signals of a healthy heart: an electrocardiogram in microvolts, and its sound in the coding of telephones.
//!
//! Made of parabolas and noise: enough to count beats in, without the platform's mathematics library.

use crate::demo::random::Random;

/// `samples` values in microvolts at `hertz`, with `beat` beats a minute.
pub fn electrocardiogram(seed: u64, at: i64, beat: i64, hertz: usize, samples: usize) -> Vec<i64> {
    /// The waves of a beat: centre and half width as shares of the beat, height in microvolts.
    const WAVES: [(f64, f64, f64); 5] = [
        (0.18, 0.05, 120.0),
        (0.265, 0.012, -90.0),
        (0.29, 0.018, 1050.0),
        (0.32, 0.014, -210.0),
        (0.56, 0.09, 260.0),
    ];
    let mut random = Random::new(seed, "electrocardiogram", at);
    let phase_step = beat.max(20) as f64 / 60.0 / hertz as f64;
    (0..samples)
        .map(|sample| {
            let phase = (sample as f64 * phase_step).fract();
            let waves: f64 = WAVES
                .iter()
                .map(|(centre, half, height)| height * (1.0 - ((phase - centre) / half).powi(2)).max(0.0))
                .sum();
            (waves + random.between(-12.0, 12.0)).round() as i64
        })
        .collect()
}

/// `samples` bytes of A-law (G.711) at `hertz`: two thuds a second over a quiet hiss.
pub fn heart_sound(seed: u64, at: i64, hertz: usize, samples: usize) -> Vec<u8> {
    let mut random = Random::new(seed, "heart sound", at);
    (0..samples)
        .map(|sample| {
            let phase = (sample as f64 / hertz as f64).fract();
            let thud = |centre: f64| (1.0 - ((phase - centre) / 0.04).powi(2)).max(0.0);
            let loudness = 9000.0 * thud(0.1) + 6000.0 * thud(0.45) + 200.0;
            a_law((loudness * random.between(-1.0, 1.0)) as i16)
        })
        .collect()
}

/// One sample of 16 bits in A-law, ITU-T G.711.
fn a_law(sample: i16) -> u8 {
    let (sign, magnitude) = if sample < 0 { (0_u8, !sample) } else { (0x80, sample) };
    let magnitude = (magnitude >> 3) as u16;
    let coded = if magnitude < 32 {
        (magnitude >> 1) as u8
    } else {
        let exponent = magnitude.ilog2() as u8 - 4;
        let mantissa = (magnitude >> exponent) as u8 & 0x0f;
        (exponent << 4) | mantissa
    };
    (coded | sign) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_can_be_counted() {
        for (beat, hertz, samples) in [(60, 300, 9_000), (90, 500, 10_000)] {
            let signal = electrocardiogram(1, 5, beat, hertz, samples);
            assert_eq!(signal.len(), samples);
            let rises = signal.windows(2).filter(|pair| pair[0] <= 600 && pair[1] > 600).count();
            assert_eq!(rises as i64, beat * (samples / hertz) as i64 / 60);
            assert!(signal.iter().all(|value| value.abs() < 1200));
        }
    }

    #[test]
    fn a_law_matches_the_standard() {
        // G.711: silence is 0xD5 and 0x55, the loudest samples 0xAA and 0x2A.
        let cases = [(0, 0xd5), (-1, 0x55), (i16::MAX, 0xaa), (i16::MIN, 0x2a), (256, 0xc5)];
        for (sample, coded) in cases {
            assert_eq!(a_law(sample), coded, "{sample}");
        }
    }
}
