//! Whose data these are.

/// The person's number.
pub const USER_ID: i64 = 36_471_108;
/// The number of the demo user, whom `mode=demo` signs in.
pub const DEMO_USER_ID: i64 = 363;
