//! `query_sql`: somebody's own SQL.

use super::{Running, Tool};
use crate::{
    mcp::{
        args::{Arg, Given, Takes, arg},
        budget,
        call::Call,
        result::value,
        schema::output,
    },
    query::{Answer, Sql, SqlArgs},
    service::Service,
};

pub(super) const QUERY_SQL: Tool = Tool {
    name: "query_sql",
    title: "Ask in SQL",
    about: "A read-only SQLite SELECT over views. v_daily(day, metric, unit, value, source): a value per day, metric and \
        source; filter by source. v_sleep, v_workout: a row per session. v_sample(metric, source, at, at_ms, context, \
        value), v_metric, v_<provider>_<resource>. Errors name the columns. 3 s at most.\n\
        Example: {\"sql\": \"SELECT avg(value) FROM v_daily WHERE metric = ?1\", \"params\": [\"steps\"]}",
    args: ARGS,
    output: output::<Answer<Sql>>,
    writes: false,
    fetches: false,
    run,
};

const ARGS: &[Arg] = &[
    arg("sql", Takes::Text, "The statement.").required(),
    arg("params", Takes::Values, "Values of ?1, ?2 …"),
    arg("limit", Takes::Number { least: 1, most: 1000 }, "Rows. Default 100."),
];

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let limit = given.number("limit");
        let args = SqlArgs {
            sql: given.text("sql").unwrap_or_default(),
            params: given.values("params"),
            limit,
            max_bytes: Some(budget::rows(limit.is_some())),
        };
        value(&call.unless_over(service.sql(&args)).await?)
    })
}
