//! Who the person says they are. Everything here is visibly invented.

use jiff::civil::{Date, date};

/// The highest heart rate the person reaches, beats per minute.
pub const MAX_HEART_RATE_BPM: i64 = 187;

/// What a provider's profile page would show.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Given name.
    pub first_name: &'static str,
    /// Family name.
    pub last_name: &'static str,
    /// Address in a domain reserved for examples.
    pub email: &'static str,
    /// Date of birth.
    pub born: Date,
    /// Metres.
    pub height_meters: f64,
    /// Beats per minute.
    pub max_heart_rate_bpm: i64,
}

/// The one profile there is.
pub fn demo_profile() -> Profile {
    Profile {
        first_name: "Demo",
        last_name: "Person",
        email: "demo.person@example.com",
        born: date(1985, 6, 15),
        height_meters: 1.82,
        max_heart_rate_bpm: MAX_HEART_RATE_BPM,
    }
}
