//! What a refusal means, and what a run may say of itself.
