//! The only folder that joins providers, http, auth and store: what to fetch is planned by pure code
//! (`plan`), carried out page by page (`pull`), and compared with what is stored (`reconcile`).
//!
//! A sync runs on a thread of its own, so that answers are never held up by a commit or by the network.

mod batch;
#[cfg(feature = "internals")]
pub mod bench;
mod clock_skew;
mod detail;
mod engine;
mod held;
mod offer;
mod plan;
mod pull;
mod rebuild;
mod reconcile;
mod renewal;
mod report;
mod restore;
mod run;
mod shared_quota;
mod single_flight;
mod verdict;

pub use engine::{Ask, Engine, Job, Progress};
pub use rebuild::rebuild;
pub use report::{ProviderReport, Report, ResourceReport, Status};
pub use restore::restore;

use crate::store::{MARK_DECLINED, MARK_SEQ};

/// When the listing that reaches to the present last ended, UTC milliseconds.
pub const MARK_RECENT: &str = "recent_at";

/// Where the next slice of the rotation ends, UTC milliseconds; empty to begin anew.
const MARK_ROTATION: &str = "rotation";

/// The newest modification seen, seconds since the epoch, for resources that can be asked what changed.
const MARK_MODIFIED: &str = "modified";

/// Records of another resource whose answer was not there yet, as JSON.
const MARK_PENDING: &str = "pending";

/// That a resource which not every account is offered was answered once.
const MARK_ANSWERED: &str = "answered";
/// Records that are gone upstream and wait for another day to confirm it, as JSON.
const MARK_HELD: &str = "held";
/// When a resource first refused a token that had just been renewed, UTC milliseconds; cleared when it is given.
const MARK_REFUSED: &str = "refused";

/// The span of the last listing of several pages, `from to`: a deletion meanwhile may have hidden a record.
const MARK_WALK: &str = "walk";

/// What the last sync of everything came to, and when, for whoever waited for it.
const MARK_REGULAR: &str = "regular";

/// Whose the token from the environment is: a digest of the token, and the account that was told.
const MARK_LOGIN: &str = "login";

/// Why the last sync of a provider did not get anywhere, as JSON; cleared by one that did.
pub const MARK_FAILURE: &str = "failure";
