//! One statistic of one metric: what `analyze` answers. Each method is a file of its own.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    agreement, baseline,
    basis::{Window, joined, standing},
    compare, correlate,
    daily_series::Readings,
    day_groups::{self, Group},
    human, load,
    method::{AnalyzeArgs, Method},
    question::{Other, Question},
    regularity, summary,
    summary_question::Asked,
    trend,
};
use crate::{
    error::{Error, Result},
    model::metric::Metric,
    query::{self, Answer, Context, Coverage, FreshnessByProvider, Need, ShownRange, sleep_stages_need},
};

/// The statistic stands beside these, under the names of its method. The list of tools names what every answer
/// has that is worth citing; the rest explains itself, and the list is short.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Analysis {
    /// As understood: start, end (inclusive), timezone.
    #[schemars(skip)]
    pub range: ShownRange,
    #[schemars(skip)]
    pub method: Method,
    /// Of what; a summary says it of each of its metrics.
    #[serde(flatten)]
    pub basis: Option<Basis>,
    /// What was computed.
    #[schemars(skip)]
    pub how: &'static str,
    #[schemars(with = "Vec<serde_json::Value>")]
    pub caveats: Vec<String>,
    /// As its method's file has it, times of day and durations also as a person says them.
    #[serde(flatten)]
    #[schemars(skip)]
    pub found: Map<String, Value>,
    #[schemars(skip)]
    pub coverage: Coverage,
    #[schemars(skip)]
    pub freshness: FreshnessByProvider,
}

/// What one statistic rests on.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Basis {
    #[schemars(skip)]
    pub metric: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub other: Option<&'static str>,
    /// Of the values (UCUM).
    #[schemars(skip)]
    pub unit: Option<&'static str>,
    /// The one provider whose values were used; null where several are compared.
    #[schemars(skip)]
    pub source: Option<String>,
    // Values that went in.
    pub n: usize,
    // First and last day looked at.
    pub window: Window,
}

/// What a method found.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum Found {
    Summary(summary::Summaries),
    Baseline(baseline::Baselines),
    Trend(trend::Trend),
    Compare(compare::Compared),
    Correlate(correlate::Correlated),
    Regularity(Box<regularity::Rhythms>),
    Load(load::Loads),
    Agreement(agreement::Agreements),
}

impl query::Question for AnalyzeArgs {
    type Checked<'q> = Question;
    type Body = Analysis;

    fn check(&self, context: &Context<'_>) -> Result<Question> {
        Question::check(context, self)
    }

    fn need(&self, context: &Context<'_>, checked: &Question) -> Result<Need> {
        let mut needs = Vec::new();
        for args in checked.dailies() {
            needs.push(args.needed(context)?);
        }
        match &checked.other {
            Other::Group(Group::Tag(_)) => {
                for (args, _) in day_groups::asked(&checked.range) {
                    needs.push(args.needed(context)?);
                }
            }
            Other::Rhythm(_) => needs.push(sleep_stages_need(context, &checked.stage_range())?),
            _ => {}
        }
        Ok(joined(needs))
    }

    fn answer(&self, context: &Context<'_>, checked: Question) -> Result<Answer<Analysis>> {
        answer(context, &checked)
    }
}

fn answer(context: &Context<'_>, question: &Question) -> Result<Answer<Analysis>> {
    if let Other::Summary(asked) = &question.other {
        return of_summary(context, question, asked);
    }
    let readings = Readings::load(context, (question.from, question.range.last), &question.dailies()[0])?;
    let said = match question.method {
        Method::Summary => return Err(Error::internal("a summary of nothing")),
        Method::Baseline => baseline::find(context, question, &readings)?.map(Found::Baseline),
        Method::Trend => trend::find(question, &readings)?.map(Found::Trend),
        Method::Compare => compare::find(context, question, &readings)?.map(Found::Compare),
        Method::Correlate => correlate::find(question, &readings)?.map(Found::Correlate),
        Method::Regularity => {
            regularity::find(context, question, &readings)?.map(|found| Found::Regularity(Box::new(found)))
        }
        Method::Load => load::find(context, question, &readings)?.map(Found::Load),
        Method::Agreement => agreement::find(question, &readings)?.map(Found::Agreement),
    };
    Answer::new(
        context,
        Analysis {
            range: question.range.shown(),
            method: question.method,
            basis: Some(Basis {
                metric: question.metric.map(|metric| metric.id),
                other: match &question.other {
                    Other::Metric(other) => Some(other.id),
                    _ => None,
                },
                unit: question.metric.map(unit),
                source: said.source,
                n: said.n,
                window: said.window,
            }),
            how: question.method.row().how,
            caveats: said.caveats,
            found: written(&said.found, question.method, question.metric)?,
            coverage: readings.coverage,
            freshness: readings.freshness,
        },
    )
}

fn written(found: &Found, method: Method, metric: Option<&'static Metric>) -> Result<Map<String, Value>> {
    let not_written = || Error::internal("an answer could not be written as JSON");
    let mut value = serde_json::to_value(found).map_err(|_| not_written())?;
    // A summary says its figures so by itself.
    if method != Method::Summary {
        let kind = metric.map_or(human::Kind::Number, human::kind);
        human::dress(&mut value, kind, method == Method::Baseline);
    }
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(not_written()),
    }
}

fn of_summary(context: &Context<'_>, question: &Question, asked: &Asked) -> Result<Answer<Analysis>> {
    let (found, caveats) = summary::find(context, question, asked)?;
    let (coverage, freshness) = standing(context, &question.dailies())?;
    Answer::new(
        context,
        Analysis {
            range: question.range.shown(),
            method: question.method,
            basis: None,
            how: question.method.row().how,
            caveats,
            found: written(&Found::Summary(found), question.method, None)?,
            coverage,
            freshness,
        },
    )
}

fn unit(metric: &'static Metric) -> &'static str {
    if metric.unit == "instant" { "h" } else { metric.unit }
}
