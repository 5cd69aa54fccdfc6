//! Which path and action mean which call, and what scope it needs.

use super::data::State;
use super::devices::{getdevice, getgoals};
use super::envelope::{NOT_IMPLEMENTED, Refusal};
use super::form::Form;
use super::intraday::getintradayactivity;
use super::listing::{getactivity, getmeas, getsummary, getworkouts, heart_list, stetho_list};
use super::recordings::{heart_get, stetho_get};
use super::slices::sleep_get;
use crate::demo::kit::service::Caller;
use jiff::Timestamp;

/// A call that reads: from the form to the body, as JSON text.
type Answer = fn(&State, &Form, &Caller, Timestamp) -> Result<String, Refusal>;

/// One call.
pub struct Call {
    path: &'static str,
    action: &'static str,
    /// One of these is needed.
    pub scopes: &'static [&'static str],
    /// What it does.
    pub answer: Answer,
}

const METRICS: &[&str] = &["user.metrics"];
const ACTIVITY: &[&str] = &["user.activity"];

/// In the order of the documentation.
static CALLS: [Call; 12] = [
    call("/measure", "getmeas", METRICS, getmeas),
    call("/v2/measure", "getactivity", ACTIVITY, getactivity),
    call("/v2/measure", "getintradayactivity", ACTIVITY, getintradayactivity),
    call("/v2/measure", "getworkouts", ACTIVITY, getworkouts),
    call("/v2/sleep", "get", ACTIVITY, sleep_get),
    call("/v2/sleep", "getsummary", ACTIVITY, getsummary),
    call("/v2/heart", "get", METRICS, heart_get),
    call("/v2/heart", "list", METRICS, heart_list),
    call("/v2/stetho", "get", METRICS, stetho_get),
    call("/v2/stetho", "list", METRICS, stetho_list),
    call("/v2/user", "getdevice", &["user.info"], getdevice),
    call("/v2/user", "getgoals", &["user.info", "user.metrics"], getgoals),
];

const fn call(
    path: &'static str,
    action: &'static str,
    scopes: &'static [&'static str],
    answer: Answer,
) -> Call {
    Call { path, action, scopes, answer }
}

/// True for a path on which some call lives.
pub fn is_api(path: &str) -> bool {
    CALLS.iter().any(|call| call.path == path)
}

/// The call that `form` selects on `path`.
pub fn selected(path: &str, form: &Form) -> Result<&'static Call, Refusal> {
    let action = form.required("action")?;
    let found = CALLS.iter().find(|call| call.path == path && call.action == action);
    found.ok_or_else(|| Refusal::new(NOT_IMPLEMENTED, format!("Not implemented: action {action}")))
}
