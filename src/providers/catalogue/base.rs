//! What the rows of all tables begin with: a resource that has nothing special, `..Resource::BASE` in each row.

use super::{Cursor, Keep, Order, Paging, Records, Request, Resource, SessionRule, Time, Window};
use crate::model::{Role, Route};

impl Resource {
    /// A present state of one record, asked for at no path: every row says its name, role and request, and what else
    /// it has.
    pub const BASE: Self = Self {
        name: "",
        about: "",
        role: Role::Unsaid,
        route: Route::Api,
        scope: "",
        request: Request::Get { path: "", query: &[] },
        by_id: None,
        window: Window::Snapshot,
        cursor: Cursor::Reread,
        paging: Paging::Single,
        order: Order::Unordered,
        records: Records::List(""),
        keep: Keep::Document,
        key: &[],
        time: Time::Snapshot,
        link: None,
        session: SessionRule::MAIN,
        score: None,
        volatile: &[],
        fields: &[],
        derive: None,
        moved: &[],
        series_from: None,
        derives: &[],
        series: &[],
        signal: None,
        wear: &[],
        optional: false,
    };
}
