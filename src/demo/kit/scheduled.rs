//! Changes that happen by themselves after some more requests, for instance between two pages of a listing.

/// Changes waiting for requests.
#[derive(Debug)]
pub struct ScheduledChanges<C> {
    waiting: Vec<Waiting<C>>,
}

#[derive(Debug)]
struct Waiting<C> {
    requests_left: u32,
    prefix: String,
    change: C,
}

impl<C> Default for ScheduledChanges<C> {
    fn default() -> Self {
        Self { waiting: Vec::new() }
    }
}

impl<C> ScheduledChanges<C> {
    /// Lets `change` happen once `requests` more requests to paths starting with `prefix` have been answered.
    pub fn plan(&mut self, requests: u32, prefix: &str, change: C) {
        self.waiting.push(Waiting { requests_left: requests, prefix: prefix.to_owned(), change });
    }

    /// The changes that were waiting for the request to `path` that was just answered, in the order planned.
    pub fn due_after(&mut self, path: &str) -> Vec<C> {
        for waiting in self.waiting.iter_mut().filter(|waiting| path.starts_with(&waiting.prefix)) {
            waiting.requests_left = waiting.requests_left.saturating_sub(1);
        }
        self.waiting
            .extract_if(.., |waiting| waiting.requests_left == 0)
            .map(|waiting| waiting.change)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_wait_for_matching_requests() {
        let mut changes = ScheduledChanges::default();
        changes.plan(2, "/a", "second");
        changes.plan(1, "/a/b", "first");
        let due: Vec<Vec<&str>> =
            ["/x", "/a/c", "/a/b", "/a/b"].map(|path| changes.due_after(path)).into_iter().collect();
        assert_eq!(due, [vec![], vec![], vec!["second", "first"], vec![]]);
    }
}
