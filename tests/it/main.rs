//! The one integration binary: the real program in a home of its own, and tripwires over source and docs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::disallowed_methods, reason = "tests set the stage by hand; `layers` holds the clock")]

mod browser;
mod chart;
mod cli;
mod coming_from;
mod commands;
mod corpus;
mod dashboard;
mod days;
mod demo;
mod docs;
mod events;
mod explain;
mod export;
mod faults;
mod field;
mod flow;
mod harness;
mod insight;
mod install;
mod kept_days;
mod layers;
mod mirror;
mod oura;
mod protocol;
mod questions;
mod series;
mod serve;
mod signal;
mod skill;
mod sleep_stream;
mod sql;
mod store;
mod surface;
mod truth;
mod withings;
mod world;
mod year;
