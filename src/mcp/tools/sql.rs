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
    about: "A read-only SQLite SELECT over views, 3 s at most. A row per source: chosen = 1 leaves the one that the daily \
        summary shows.\n\
        v_daily(day, metric, unit, value, source, chosen)\n\
        v_sleep(day, session: main|nap|relayed|rejected, source, chosen, start_local, end_local, total_sleep_time …): \
        each part of a night has a row, v_daily the whole\n\
        v_workout(day, sport, source, chosen, start_local, duration_seconds, calories, distance_meters …)\n\
        v_sample(metric, source, at, at_ms, context, value), v_metric, v_<provider>_<resource>: describe_data has the \
        columns of a `view`.\n\
        Example: {\"sql\": \"SELECT avg(value) FROM v_daily WHERE metric = 'steps' AND chosen = 1 AND day BETWEEN \
        period_start(?1) AND period_end(?1)\", \"params\": [\"last 30 days\"]}",
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
