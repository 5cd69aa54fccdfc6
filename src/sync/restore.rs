//! Going back to a backup while nobody syncs.

use std::{path::Path, time::Duration};

use super::single_flight;
use crate::{
    config::Config,
    error::Result,
    providers,
    store::{self, Restored},
};

/// After this long a person is told why nothing happens.
const QUIET: Duration = Duration::from_millis(500);

/// Waits until no provider is synced by anybody, and restores the database from a file. `waiting` is called if
/// that takes a while. Dropping the future before that is over changes nothing.
pub async fn restore(config: &Config, file: &Path, waiting: impl Fn()) -> Result<Restored> {
    let mut held = Vec::new();
    for provider in providers::ALL {
        let board = single_flight::board(&config.paths, provider.id);
        tokio::pin!(board);
        let flight = tokio::select! {
            biased;
            flight = &mut board => flight?,
            () = tokio::time::sleep(QUIET) => {
                waiting();
                board.await?
            }
        };
        held.push(flight);
    }
    store::restore(&config.paths, file)
}
