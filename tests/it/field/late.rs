//! What reaches the cloud days late, and records of which a part cannot be read.
