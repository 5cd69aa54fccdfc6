//! `__sql`: the process in which a statement of `query` or `query_sql` runs. Not for people.

use std::io::Read as _;

use super::output;
use crate::{
    config::Config,
    error::{Error, Result},
    service,
};

pub fn run(config: &Config) -> Result<()> {
    let mut question = Vec::new();
    std::io::stdin().read_to_end(&mut question).map_err(|_| Error::invalid("sql: no question was sent"))?;
    output::print(&service::answer_apart(config, &question).to_string()).map(|_| ())
}
