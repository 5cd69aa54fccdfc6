//! What people hit with real accounts and real clients, each by its whole kind: whose data it is, what comes late,
//! what is absent, values that are none, refusals, clocks, and the clients themselves.

mod absence;
mod clients;
mod identity;
mod late;
mod nights;
mod verdicts;
mod week;
