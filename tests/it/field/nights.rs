//! Nights in parts, short nights, and nights of a clock change.
