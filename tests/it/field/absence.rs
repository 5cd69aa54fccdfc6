//! Days without wear, records without a score, and reasons that need evidence.
