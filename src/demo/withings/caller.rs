//! Who asks.

/// Who asks.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The app.
    pub client_id: String,
    /// What was agreed to.
    pub scopes: Vec<String>,
    /// The demo user instead of the person.
    pub demo: bool,
}
