//! What clients send that is odd and means something all the same.
