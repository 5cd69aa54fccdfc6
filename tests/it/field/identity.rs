//! Whose data the mirror holds, and from where.
