//! The table of prompts, in alphabetical order.

use super::{Prompt, reviews};
use crate::{
    mcp::{
        args::{Takes, arg},
        completion_values::Values,
    },
    query,
};

pub(in crate::mcp) static ALL: &[Prompt] = &[
    Prompt {
        name: "before_and_after",
        title: "Before and after",
        about: "Whether a metric differs after a day from what it was before: a new habit, a trip, a change.",
        args: &[
            arg("date", Takes::Text, "The first day of the change, such as 2026-03-01.").required(),
            arg("metric", Takes::OneOf(query::daily_metrics), "The metric, such as resting_heart_rate.")
                .required()
                .unlisted(),
            arg("days", Takes::Number { least: 7, most: 180 }, "Days on either side, 7 to 180. Default 28."),
        ],
        arguments: &[("date", Values::Days), ("metric", Values::Metrics), ("days", Values::Lengths)],
        draft: reviews::before_and_after,
    },
    Prompt {
        name: "doctor_visit",
        title: "Notes for a doctor's visit",
        about: "A page of facts for a doctor: what was measured, how often, and what changed.",
        args: &[arg(
            "days",
            Takes::Number { least: 14, most: 730 },
            "How many days back, 14 to 730. Default 90.",
        )],
        arguments: &[("days", Values::Lengths)],
        draft: reviews::doctor_visit,
    },
    Prompt {
        name: "sleep_review",
        title: "Sleep review",
        about: "How long, how well and how regularly I have slept, with the nights that stand out.",
        args: &[
            arg("days", Takes::Number { least: 14, most: 365 }, "How many days back, 14 to 365. Default 30."),
            arg(
                "provider",
                Takes::OneOf(query::provider_ids),
                "Look at the single nights of this provider only.",
            ),
        ],
        arguments: &[("days", Values::Lengths), ("provider", Values::Providers)],
        draft: reviews::sleep_review,
    },
    Prompt {
        name: "training_load",
        title: "Training load",
        about: "How much I have trained lately against what I am used to, and how recovery went along.",
        args: &[
            arg("days", Takes::Number { least: 28, most: 365 }, "How many days back, 28 to 365. Default 42."),
            arg(
                "metric",
                Takes::OneOf(query::load_metrics),
                "The metric of activity that stands for load. Default active_energy.",
            )
            .unlisted(),
        ],
        arguments: &[("days", Values::Lengths), ("metric", Values::LoadMetrics)],
        draft: reviews::training_load,
    },
    Prompt {
        name: "weekly_report",
        title: "Weekly report",
        about: "One week in sleep, recovery and activity, against the four weeks before it.",
        args: &[arg(
            "week",
            Takes::Text,
            "A week: last week (default), this week, 2026-W12, or any day of it.",
        )],
        arguments: &[("week", Values::Weeks)],
        draft: reviews::weekly_report,
    },
];
